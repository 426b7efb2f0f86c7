"""Lengths of time as people write them: ``30s``, ``10m``, ``1h30m``, ``1d 12h``.

`Duration` and `BanDuration` are the types for settings. Both hold seconds.
"""

import re
from functools import lru_cache
from math import inf
from typing import Annotated, Any

from pydantic import AllowInfNan, BeforeValidator, PlainSerializer, WithJsonSchema

from webfail2ban.config.wording import show_value

#: Seconds in each unit. A month is 30 days and a year 365: a ban needs no calendar.
UNITS = {
    "ms": 0.001,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86_400,
    "w": 7 * 86_400,
    "mo": 30 * 86_400,
    "y": 365 * 86_400,
}

#: Other spellings, without the plural's s.
SPELLINGS = {
    "millisecond": "ms",
    "sec": "s",
    "second": "s",
    "min": "m",
    "minute": "m",
    "hr": "h",
    "hour": "h",
    "day": "d",
    "week": "w",
    "mon": "mo",
    "month": "mo",
    "yr": "y",
    "year": "y",
}

#: What is meant by "no end", for those that allow it.
ENDLESS = ("permanent", "forever", "-1")

#: A longer one is a slip of the pen, and would not fit into a date.
LONGEST = 100 * UNITS["y"]

#: No sensible duration is longer; it bounds what the expressions below look at.
MAX_TEXT = 100

NUMBER = r"[0-9]+(?:\.[0-9]+)?"
PURE = re.compile(f"-?{NUMBER}")
PART = re.compile(rf"({NUMBER})\s*([a-z]+)\s*")
WHOLE = re.compile(rf"(?:{NUMBER}\s*[a-z]+\s*)+")

#: The units that `show_duration` writes, the longest first.
SHOWN = ("w", "d", "h", "m", "s")

EXAMPLES = "30s, 10m, 1h30m, 2d or a number of seconds"


def parse_duration(value: Any) -> float:
    """Read a duration.

    Args:
        value: A number of seconds, or text such as ``1h30m``. Units are ms, s, m, h, d, w, mo
            (30 days) and y (365 days), or their English names.

    Returns:
        Seconds, 0 or more.

    Raises:
        ValueError: it is none; the message says what would be one.
    """
    seconds = _seconds(value)
    if seconds is None:
        raise ValueError(f"must be a duration such as {EXAMPLES}, not {show_value(value)}")
    if seconds < 0:
        raise ValueError(f"must not be negative, as {show_value(value)} is")
    if seconds > LONGEST:
        raise ValueError(f"must not be longer than 100 years, as {show_value(value)} is")
    return seconds


def parse_ban_duration(value: Any) -> float:
    """Read a duration, or ``permanent``, ``forever`` or -1 for one without an end.

    Returns:
        Seconds; infinity for one without an end.

    Raises:
        ValueError: it is neither.
    """
    if value == inf or str(value).strip().lower() in ENDLESS:
        return inf
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ValueError(f"{error}; one without an end is {ENDLESS[0]}") from None


@lru_cache(maxsize=1024)  # each ban in the log is shown with the same few
def show_duration(seconds: float) -> str:
    """Write seconds as `parse_duration` reads them: ``1h30m``; ``permanent`` for infinity."""
    if seconds == inf:
        return ENDLESS[0]
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    if seconds != int(seconds):
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    rest, parts = int(seconds), []
    for unit in SHOWN:
        count, rest = divmod(rest, int(UNITS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _seconds(value: Any) -> float | None:
    """Return seconds, which may be negative; None for what is no duration."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(max(-LONGEST - 1, min(value, LONGEST + 1)))  # no float holds every int
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return None
    text = value.strip().lower()
    return float(text) if PURE.fullmatch(text) else _sum(text)


def _sum(text: str) -> float | None:
    """Add up ``1h 30m``; None if it isn't of that form."""
    if not WHOLE.fullmatch(text):
        return None
    seconds = 0.0
    for number, name in PART.findall(text):
        unit = _unit(name)
        if unit is None:
            return None
        seconds += float(number) * unit
    return seconds


def _unit(name: str) -> float | None:
    """Return the seconds in a unit, by its name in any spelling."""
    singular = name if name in UNITS else name.removesuffix("s")
    return UNITS.get(SPELLINGS.get(singular, singular))


#: Marks the schema of a duration, so that its default can be written as one.
DURATION = "a duration"

#: What an editor should know: not as exact as `parse_duration`, never stricter.
PATTERN = r"^\s*([0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*)+$|^\s*[0-9]+(\.[0-9]+)?\s*$"
SCHEMA: dict[str, Any] = {
    "$comment": DURATION,
    "type": ["number", "string"],
    "minimum": 0,
    "pattern": PATTERN,
    "examples": ["30s", "10m", "1h30m", "2d", 600],
}
ENDLESS_SCHEMA: dict[str, Any] = {
    "$comment": DURATION,
    "anyOf": [
        {"enum": [*ENDLESS, -1]},
        {key: SCHEMA[key] for key in ("type", "minimum", "pattern")},
    ],
    "examples": ["10m", "1d 12h", "1w", ENDLESS[0]],
}

#: A length of time in a plugin's settings: a float, seconds, finite.
Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(show_duration, return_type=str, when_used="json"),
    WithJsonSchema(SCHEMA),
]

#: The same, with infinity for what never ends.
BanDuration = Annotated[
    float,
    AllowInfNan(allow_inf_nan=True),
    BeforeValidator(parse_ban_duration),
    PlainSerializer(show_duration, return_type=str, when_used="json"),
    WithJsonSchema(ENDLESS_SCHEMA),
]

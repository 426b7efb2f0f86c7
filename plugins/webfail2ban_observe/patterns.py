"""What a value must look like, in one word: ``401``, ``4xx``, ``400-499``, ``/wp-*``, ``~regex``.

Values come from clients, so only their beginning is looked at, and always from there on: searching
everywhere would take up to a hundred times as long in a text that is meant to take long.
"""

import re
from collections.abc import Callable
from fnmatch import translate

from webfail2ban import Value, find_slowness

#: Characters of a value that are looked at.
SEEN = 512

#: Begins an expression.
TILDE = "~"

Matches = Callable[[str], bool]

_CLASS = re.compile(r"[0-9]+x+|[0-9]*x{2,}")
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def show_value(value: Value) -> str | None:
    """Return a SPOE value as patterns see it; None if HAProxy had none."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value[: SEEN // 2].hex()
    return str(value)[:SEEN]


def read_pattern(pattern: int | str) -> Matches:
    """Return what tells whether a value fits a pattern.

    Args:
        pattern: A number, true or false; or a text: ``4xx`` (any digit for each x), ``400-499``,
            an expression behind ``~`` that matches from the beginning on, a text in which ``*``
            stands for anything, or the text itself.

    Raises:
        ValueError: it is no pattern, or one that a client can keep busy.
    """
    if not isinstance(pattern, str):
        return (show_value(pattern) or "").__eq__
    if pattern.startswith(TILDE):
        return _read_regex(pattern.removeprefix(TILDE))
    if found := _RANGE.fullmatch(pattern):
        return _read_range(int(found[1]), int(found[2]))
    if _CLASS.fullmatch(pattern):
        return _full(pattern.replace("x", "[0-9]"))
    if "*" in pattern:
        # Nothing but the star is special: addresses have question marks and brackets in them.
        return _full(translate(re.sub(r"[\[?]", r"[\g<0>]", pattern)))
    if len(pattern) > SEEN:
        raise ValueError(f"must have no more than {SEEN} characters")
    return pattern.__eq__


def _read_regex(text: str) -> Matches:
    try:
        regex = re.compile(rf"\A(?:{text})", re.ASCII)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    slowness = find_slowness(regex)
    if slowness:
        raise ValueError(f"can be kept busy by a client: {slowness}")
    return lambda value: regex.match(value) is not None


def _read_range(first: int, last: int) -> Matches:
    if first > last:
        raise ValueError(f"must go up: {first}-{last} has nothing in it")
    return lambda value: bool(_NUMBER.fullmatch(value)) and first <= int(value) <= last


def _full(regex: str) -> Matches:
    compiled = re.compile(regex, re.DOTALL)
    return lambda value: compiled.fullmatch(value) is not None

"""Moments as operators read them: in local time, and how far away they are."""

from datetime import datetime
from math import inf

#: Seconds in each unit of a rough length of time, the longest first.
UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))

#: From so many of a unit on, the next smaller one tells nothing.
MANY = 10


def show_length(seconds: float) -> str:
    """Write a length of time roughly: ``4m``, ``1h 5m``, ``12d``."""
    rest = int(seconds)
    for place, (unit, size) in enumerate(UNITS):
        count, left = divmod(rest, size)
        if not count:
            continue
        if place + 1 < len(UNITS) and count < MANY:
            smaller, smaller_size = UNITS[place + 1]
            if left // smaller_size:
                return f"{count}{unit} {left // smaller_size}{smaller}"
        return f"{count}{unit}"
    return "0s"


def show_distance(time: float, now: float) -> str:
    """Write when something is, seen from now: ``in 4m``, ``2h ago``, ``now``, ``never``."""
    if time == inf:
        return "never"
    if abs(time - now) < 1:
        return "now"
    return f"in {show_length(time - now)}" if time > now else f"{show_length(now - time)} ago"


def show_moment(time: float) -> str:
    """Write a moment in local time: ``2026-08-22 10:00:00``."""
    try:
        return f"{datetime.fromtimestamp(time).astimezone():%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):  # no calendar goes so far
        return f"@{time:.0f}"


def show_short(time: float, now: float) -> str:
    """Write a moment in local time, as shortly as it can be understood now.

    It is ``10:00:00`` today, ``08-22 10:00`` this year, and ``2026-08-22`` in another one.
    """
    shown, today = show_moment(time), show_moment(now)
    date, _, clock = shown.partition(" ")
    if not clock or date == today.partition(" ")[0]:
        return clock or shown
    year, _, day = date.partition("-")
    return f"{day} {clock[:5]}" if today.startswith(year) else date


def show_both(time: float, now: float) -> str:
    """Write a moment and how far away it is: ``2026-08-22 10:00:00 (in 4m)``."""
    return "never" if time == inf else f"{show_moment(time)} ({show_distance(time, now)})"

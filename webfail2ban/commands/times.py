"""Times and time zones as commands read and write them."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import click

#: The last second that a calendar has: 9999-12-31.
LAST_SECOND = 253_402_300_799

_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>[01]\d|2[0-3]):?(?P<minutes>[0-5]\d)?")


def read_clock(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    """Check an option's seconds since the epoch.

    Raises:
        click.BadParameter: no calendar has such a time.
    """
    if value is None or 0 <= value <= LAST_SECOND:
        return value
    raise click.BadParameter(f"{value:g} is no time in seconds since the epoch.")


def read_timezone(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tzinfo | None:
    """Read an option's ``Europe/Zurich``, ``UTC``, ``+0200``, ``+02:00`` or ``-05``.

    Raises:
        click.BadParameter: it is none of these.
    """
    if value is None:
        return None
    offset = _OFFSET.fullmatch(value)
    if offset is not None:
        distance = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(-distance if offset["sign"] == "-" else distance)
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder of zones
        message = f"{value!r} is no time zone such as Europe/Zurich, UTC or +0200."
        raise click.BadParameter(message) from None


def whole(seconds: float | None) -> float | None:
    """Return whole seconds as an integer: a time without a fraction is written without one."""
    return int(seconds) if seconds is not None and float(seconds).is_integer() else seconds


def show_time(time: float, zone: tzinfo | None = None) -> str:
    """Write a time for people: ``2026-08-22 10:00:00+0200``.

    Args:
        time: Seconds since the epoch.
        zone: The zone to show it in; None for the process's local one.
    """
    try:
        moment = datetime.fromtimestamp(time, zone).astimezone(zone)
    except (OverflowError, ValueError, OSError):  # ten digits too many are a date for some filter
        return f"@{time:.0f}"
    return f"{moment:%Y-%m-%d %H:%M:%S%z}"

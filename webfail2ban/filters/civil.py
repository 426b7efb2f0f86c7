"""From a date's fields to seconds since the epoch, with what the log left out filled in."""

import time
from calendar import timegm
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import inf

from webfail2ban.filters.datecodes import ABBREVIATED, FIRST_YEAR, MONTHS, WEEKDAYS
from webfail2ban.filters.zones import zone_offset

#: A date without its year may lie this far ahead, in seconds, before it must be last year's.
AHEAD = 86400

#: The greatest second that a minute has without a leap second.
LAST_SECOND = 59

_MONTH_NUMBERS = {name[:ABBREVIATED]: number for number, name in enumerate(MONTHS, 1)}
_WEEKDAY_NUMBERS = {name[:ABBREVIATED]: number for number, name in enumerate(WEEKDAYS)}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of day in a zone, not yet on a day.

    Attributes:
        hour: 0 to 23.
        minute: 0 to 59.
        second: 0 to 61.
        offset: Seconds east of Greenwich, None for the calendar's own zone.
    """

    hour: int
    minute: int
    second: int
    offset: int | None


@dataclass(frozen=True, slots=True)
class Year:
    """A year and its ends in a zone: seconds since the epoch."""

    number: int
    begins: float
    ends: float


class Calendar:
    """Local time: knows today and the zone of logs that don't name theirs.

    Args:
        now: The clock, in seconds since the epoch.
        zone: The logs' zone; None for the process's local one with its summer time.
    """

    def __init__(self, now: Callable[[], float], zone: tzinfo | None = None) -> None:
        self.now = now
        self._zone = zone

    def year(self) -> Year:
        """Return this year."""
        number = self.today().year
        midnight = Moment(0, 0, 0, None)
        begins = self.at(date(number, 1, 1), midnight)
        ends = self.at(date(number + 1, 1, 1), midnight)
        return Year(number, begins or -inf, ends or inf)

    def today(self) -> date:
        """Return this day's date."""
        return datetime.fromtimestamp(self.now(), self._zone).date()

    def at(self, day: date, moment: Moment) -> float | None:
        """Return the seconds since the epoch at a day's moment, None if they cannot be told."""
        clock = (day.year, day.month, day.day, moment.hour, moment.minute, moment.second)
        if moment.offset is not None:
            return float(timegm(clock) - moment.offset)
        try:
            if self._zone is None:
                return time.mktime((*clock, 0, 0, -1))
            leap = max(moment.second - LAST_SECOND, 0)
            local = datetime(*clock[:5], moment.second - leap, tzinfo=self._zone)
            return local.timestamp() + leap
        except (OverflowError, ValueError):
            return None


def read_moment(fields: Mapping[str, str]) -> Moment | None:
    """Return the time of day, midnight where nothing is said; None for a zone that isn't known."""
    if "H" in fields:
        hour = int(fields["H"])
    else:
        hour = int(fields.get("I", 0)) % 12
        if fields.get("p", "").lower() == "pm":
            hour += 12
    offset = None
    if "z" in fields:
        offset = zone_offset(fields["z"])
        if offset is None:
            return None
    return Moment(hour, int(fields.get("M", 0)), int(fields.get("S", 0)), offset)


def read_year(fields: Mapping[str, str]) -> int | None:
    """Return the year if the fields tell it; two digits are of this century."""
    if "Y" in fields:
        return int(fields["Y"])
    if "y" in fields:
        return FIRST_YEAR + int(fields["y"])
    return int(fields["G"]) if "G" in fields else None


def read_day(fields: Mapping[str, str], year: int) -> date | None:
    """Return the day in a year.

    Raises:
        ValueError: There is no such day.

    Returns:
        None if the fields name no day at all.
    """
    if "m" in fields or "b" in fields or "d" in fields:
        month = fields.get("m") or _MONTH_NUMBERS.get(fields.get("b", "")[:ABBREVIATED].lower(), 1)
        return date(year, int(month), int(fields.get("d", 1)))
    if "j" in fields:
        return date(year, 1, 1) + timedelta(int(fields["j"]) - 1)
    return _read_week(fields, year)


def _read_week(fields: Mapping[str, str], year: int) -> date | None:
    """Return the day by its week's number and weekday."""
    weekday = _read_weekday(fields)
    if weekday is None:
        return None
    if "V" in fields:
        return date.fromisocalendar(year, int(fields["V"]), weekday + 1)
    first = date(year, 1, 1)
    if "W" in fields:  # week 1 begins with the first Monday
        monday = first + timedelta(-first.weekday() % 7)
        return monday + timedelta(7 * (int(fields["W"]) - 1) + weekday)
    if "U" in fields:  # week 1 begins with the first Sunday
        sunday = first + timedelta(-first.isoweekday() % 7)
        return sunday + timedelta(7 * (int(fields["U"]) - 1) + (weekday + 1) % 7)
    return None


def _read_weekday(fields: Mapping[str, str]) -> int | None:
    """Return the weekday, Monday being 0."""
    if "a" in fields:
        return _WEEKDAY_NUMBERS[fields["a"][:ABBREVIATED].lower()]
    if "u" in fields:
        return int(fields["u"]) - 1
    return (int(fields["w"]) - 1) % 7 if "w" in fields else None

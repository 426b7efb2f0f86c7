"""From a matched date to seconds since the epoch, remembering what was read before."""

import re
from collections.abc import Callable
from datetime import timedelta

from webfail2ban.filters.civil import (
    AHEAD,
    Calendar,
    Moment,
    Year,
    read_day,
    read_moment,
    read_year,
)
from webfail2ban.filters.datecodes import GROUP_PREFIX, field_of
from webfail2ban.filters.datepattern import (
    EPOCH_GROUP,
    LONG_EPOCH_GROUP,
    TAI64N_GROUP,
    DatePattern,
)

#: How many dates to remember for one pattern. A log brings the same second again and again; a
#: few sources that run a bit apart still fit.
REMEMBERED = 1024

#: The fields that may name a day; a date without any of them is today's.
DAY_FIELDS = frozenset("mbdjUWV")

#: From how many digits on a number counts milliseconds, and microseconds.
MILLISECOND_DIGITS, MICROSECOND_DIGITS = 13, 16

#: Gives a match's time; None if it is no time.
DateReader = Callable[[re.Match[str]], float | None]


def make_reader(pattern: DatePattern, calendar: Calendar) -> DateReader:
    """Return what reads this pattern's matches."""
    groups = pattern.regex.groupindex
    if EPOCH_GROUP in groups:
        return _read_epoch
    if LONG_EPOCH_GROUP in groups:
        return _read_long_epoch
    if TAI64N_GROUP in groups:
        return _read_tai64n
    if not any(name.startswith(GROUP_PREFIX) for name in groups):
        return _read_nothing
    return FieldReader(pattern.regex, calendar)


def _read_nothing(_: re.Match[str]) -> None:
    """Read what has no field: ``{NONE}``, or ``^BEGIN()**`` for lines without a date."""


def _read_epoch(match: re.Match[str]) -> float:
    return float(match[EPOCH_GROUP])


def _read_long_epoch(match: re.Match[str]) -> float:
    text = match[LONG_EPOCH_GROUP]
    if len(text) >= MICROSECOND_DIGITS and "." not in text:
        return float(text) / 1_000_000
    return float(text) / 1000 if len(text) >= MILLISECOND_DIGITS else float(text)


def _read_tai64n(match: re.Match[str]) -> float:
    """Read the seconds, without the leap seconds that TAI has and UTC hasn't (about ten then)."""
    return float(int(match[TAI64N_GROUP][2:17], 16))


class FieldReader:
    """Reads dates made of fields: year, month, day, hour, ...

    Args:
        regex: The compiled datepattern.
        calendar: Today's date and the logs' zone.
    """

    def __init__(self, regex: re.Pattern[str], calendar: Calendar) -> None:
        self._calendar = calendar
        self._now = calendar.now
        codes = {
            name.removeprefix(GROUP_PREFIX): number
            for name, number in regex.groupindex.items()
            if name.startswith(GROUP_PREFIX)
        }
        codes.pop("f", None)  # times are whole seconds
        self._fields = [field_of(code) for code in codes]
        self._numbers = tuple(codes.values())
        self._known: dict[object, tuple[float | None, float | None]] = {}
        self._year = Year(0, 0.0, 0.0)
        self._match: re.Match[str] | None = None
        self._key: object = None
        self._candidates: tuple[float | None, float | None] | None = None  # of this key

    def __call__(self, match: re.Match[str]) -> float | None:
        """Return the time, None if the fields name none that exists."""
        now = self._now()
        if match is not self._match or not self._year.begins <= now < self._year.ends:
            self._turn_to(match, now)  # lines that begin alike have the same match
        candidates = self._candidates
        if candidates is None:
            time = self._read(match, self._key)
            self._candidates = self._known.get(self._key)
            return time
        this_year, last_year = candidates
        return this_year if this_year is None or this_year <= now + AHEAD else last_year

    def _turn_to(self, match: re.Match[str], now: float) -> None:
        """Find what is remembered of a match."""
        self._match, self._key = match, match.group(*self._numbers)
        if not self._year.begins <= now < self._year.ends:
            self._year = self._calendar.year()
            self._known.clear()
        self._candidates = self._known.get(self._key)

    def _read(self, match: re.Match[str], key: object) -> float | None:
        """Read what isn't remembered yet."""
        fields = {
            field: text
            for field, number in zip(self._fields, self._numbers, strict=True)
            if (text := match[number]) is not None
        }
        moment = read_moment(fields)
        if moment is None or not fields:
            return self._choose(key, None, None)
        year = read_year(fields)
        if not DAY_FIELDS.intersection(fields):
            return self._today(moment, year)
        if year is not None:
            time = self._on_day(fields, year, moment)
            return self._choose(key, time, time)
        this_year = self._on_day(fields, self._year.number, moment)
        last_year = self._on_day(fields, self._year.number - 1, moment)
        return self._choose(key, this_year, last_year)

    def _on_day(self, fields: dict[str, str], year: int, moment: Moment) -> float | None:
        try:
            day = read_day(fields, year)
        except ValueError:
            return None
        return None if day is None else self._calendar.at(day, moment)

    def _choose(
        self, key: object, this_year: float | None, last_year: float | None
    ) -> float | None:
        """Take a date without its year for the last one, unless it is hardly ahead."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = this_year, last_year
        if this_year is None or this_year <= self._calendar.now() + AHEAD:
            return this_year
        return last_year

    def _today(self, moment: Moment, year: int | None) -> float | None:
        """Take a clock without its day for the last time that it showed this."""
        today = self._calendar.today()
        try:
            day = today if year is None else today.replace(year=year)
        except ValueError:  # the leap day, or the year 0
            return None
        time = self._calendar.at(day, moment)
        if time is None or time <= self._calendar.now():
            return time
        return self._calendar.at(day - timedelta(1), moment)

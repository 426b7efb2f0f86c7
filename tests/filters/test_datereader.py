"""From a matched date to seconds since the epoch."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from webfail2ban.filters.civil import Calendar
from webfail2ban.filters.datepattern import compile_datepattern
from webfail2ban.filters.datereader import REMEMBERED, DateReader, FieldReader, make_reader

ZURICH = ZoneInfo("Europe/Zurich")


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: str) -> None:
        self.set(now)

    def set(self, now: str) -> None:
        self.time = datetime.fromisoformat(now).replace(tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.time


def reading(
    pattern: str, now: Callable[[], float], zone: tzinfo | None = UTC
) -> Callable[[str], float | None]:
    """Return what reads lines with the pattern."""
    compiled = compile_datepattern(pattern, 2026)
    reader: DateReader = make_reader(compiled, Calendar(now, zone))

    def read(line: str) -> float | None:
        match = compiled.search(line)
        assert match is not None
        return reader(match)

    return read


def read(
    pattern: str, line: str, now: str = "2026-08-22T10:00:00", zone: tzinfo | None = UTC
) -> str | None:
    """Read one line and show its time in UTC."""
    time = reading(pattern, Clock(now), zone)(line)
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()[:-6]


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("%Y-%m-%d %H:%M:%S", "2026-01-02 03:04:05", "2026-01-02T03:04:05"),
        ("%d.%m.%y %H:%M", "02.01.26 03:04", "2026-01-02T03:04:00"),
        ("%Exy%Exm%Exd", "990102", "2099-01-02T00:00:00"),
        ("%y-%m-%d", "99-01-02", "2099-01-02T00:00:00"),
        ("%d %B %Y", "2 January 2026", "2026-01-02T00:00:00"),
        ("%d %b %Y", " 2 JAN 2026", "2026-01-02T00:00:00"),
        ("%Y-%m-%d %I:%M %p", "2026-01-02 12:04 AM", "2026-01-02T00:04:00"),
        ("%Y-%m-%d %I:%M %p", "2026-01-02 12:04 PM", "2026-01-02T12:04:00"),
        ("%Y-%m-%d %l:%M %p", "2026-01-02  3:04 pm", "2026-01-02T15:04:00"),
        ("%Y-%m-%d %I:%M", "2026-01-02 12:04", "2026-01-02T00:04:00"),
        ("%Y-%m-%d %H:%M:%S.%f", "2026-01-02 03:04:05.987654", "2026-01-02T03:04:05"),
        ("%Y %j", "2026 033", "2026-02-02T00:00:00"),
        ("%Y W%W %a", "2026 W33 Sat", "2026-08-22T00:00:00"),
        ("%Y U%U %w", "2026 U33 6", "2026-08-22T00:00:00"),
        ("%Y U%U %w", "2026 U33 0", "2026-08-16T00:00:00"),
        ("%Y W%W %A", "2026 W00 Thursday", "2026-01-01T00:00:00"),
        ("%G-W%V-%u", "2026-W34-6", "2026-08-22T00:00:00"),
        ("%Y %b", "2026 Feb", "2026-02-01T00:00:00"),
        ("%Y %H:%M", "2025 03:04", "2025-08-22T03:04:00"),
        ("%Y-%m-%d %H:%M:%S", "2026-12-31 23:59:60", "2027-01-01T00:00:00"),
    ],
)
def test_fields_make_a_time(pattern: str, line: str, expected: str) -> None:
    """In whole seconds; what the line leaves out is today's, or the beginning."""
    assert read(pattern, line) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Z", "10:00:00"),
        ("+0200", "08:00:00"),
        ("-05:30", "15:30:00"),
        ("CEST", "08:00:00"),
        ("GMT+01", "09:00:00"),
    ],
)
def test_the_dates_own_zone_counts(zone: str, expected: str) -> None:
    """Whatever the log's."""
    line = f"2026-08-22 10:00:00 {zone}"

    assert read("%Y-%m-%d %H:%M:%S %Exz", line, zone=ZURICH) == f"2026-08-22T{expected}"


def test_without_one_it_is_the_logs_zone_with_its_summer_time() -> None:
    """One hour in winter, two in summer."""
    pattern = "%Y-%m-%d %H:%M:%S"

    assert read(pattern, "2026-08-22 10:00:00", zone=ZURICH) == "2026-08-22T08:00:00"
    assert read(pattern, "2026-01-22 10:00:00", zone=ZURICH) == "2026-01-22T09:00:00"
    assert read(pattern, "2026-12-31 23:59:60", zone=ZURICH) == "2026-12-31T23:00:00"


@pytest.mark.usefixtures("zurich")
def test_without_any_it_is_the_processs_zone() -> None:
    """As the C library has it."""
    pattern = "%Y-%m-%d %H:%M:%S"

    assert read(pattern, "2026-08-22 10:00:00", zone=None) == "2026-08-22T08:00:00"
    assert read(pattern, "2026-01-22 10:00:00", zone=None) == "2026-01-22T09:00:00"


def test_an_assumed_year_is_this_one() -> None:
    """Also a day ahead: clocks differ."""
    assert read("%b %d", "Aug 01") == "2026-08-01T00:00:00"
    assert read("%b %d %H:%M", "Aug 23 09:59") == "2026-08-23T09:59:00"


def test_a_date_more_than_a_day_ahead_is_last_years() -> None:
    """In January, December is over."""
    assert read("%b %d %H:%M", "Aug 23 10:01") == "2025-08-23T10:01:00"
    assert read("%b %d", "Dec 31", "2026-01-01T10:00:00") == "2025-12-31T00:00:00"
    assert read("%j", "365", "2026-01-01T10:00:00") == "2025-12-31T00:00:00"


def test_a_told_year_may_lie_ahead() -> None:
    """Nothing is assumed then."""
    assert read("%Y-%m-%d", "2028-01-01") == "2028-01-01T00:00:00"


def test_a_time_of_day_is_the_last_one_that_was() -> None:
    """Today's, or yesterday's if it is still to come; a year alone changes nothing."""
    assert read("%Y %H:%M", "2028 10:00") == "2028-08-21T10:00:00"
    assert read("%H:%M:%S", "10:00:00") == "2026-08-22T10:00:00"
    assert read("%H:%M:%S", "10:00:01") == "2026-08-21T10:00:01"


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("%b %d", "Feb 29"),
        ("%b %d", "Feb 30"),
        ("%Y-%m-%d", "0000-12-30"),
        ("%G-W%V-%u", "2025-W53-1"),
        ("%Y W%W", "2025 W33"),
        ("%d %b %Y %z", "02 Jan 2026 utc"),
        ("%Y-%m-%d %Exz", "2026-01-02 XYZ"),
        ("^BEGIN()**", "BEGIN"),
        ("{NONE}", "2026-01-02"),
    ],
)
def test_what_does_not_exist_has_no_time(pattern: str, line: str) -> None:
    """A day, a zone, or any field at all."""
    assert read(pattern, line) is None


def test_a_leap_day_is_read_in_a_leap_year() -> None:
    """Even if it is last year's."""
    assert read("%b %d", "Feb 29", "2028-03-01T00:00:00") == "2028-02-29T00:00:00"


@pytest.mark.parametrize(
    ("pattern", "line", "expected"),
    [
        ("EPOCH", "1787392800.125", 1787392800.125),
        ("{^LN-BEG}EPOCH", "1787392800", 1787392800.0),
        ("LEPOCH", "1787392800", 1787392800.0),
        ("LEPOCH", "1787392800125", 1787392800.125),
        ("LEPOCH", "1787392800125.5", 1787392800.1255),
        ("LEPOCH", "1787392800125000", 1787392800.125),
        ("t={LEPOCH}", "t=1787392800125", 1787392800.125),
        ("t=({EPOCH})", "t=1787392800.125", 1787392800.125),
        ("TAI64N", "@400000006a89b2f01dcd6500", 0x6A89B2F0),
    ],
)
def test_numbers_are_read_as_they_are(pattern: str, line: str, expected: float) -> None:
    """With their fraction, except TAI64N's."""
    assert reading(pattern, Clock("2026-08-22T10:00:00"))(line) == pytest.approx(expected, abs=1e-6)


def test_what_was_read_before_is_judged_by_todays_clock() -> None:
    """A date without its year isn't last year's for ever, nor this one's in the next."""
    clock = Clock("2026-08-22T10:00:00")
    reader = reading("%b %d", clock)

    def shown() -> str:
        return datetime.fromtimestamp(reader("Aug 24") or 0, UTC).date().isoformat()

    assert shown() == "2025-08-24"
    clock.set("2026-08-23T10:00:00")
    assert shown() == "2026-08-24"
    clock.set("2027-08-23T10:00:00")
    assert shown() == "2027-08-24"


def test_memory_is_bounded() -> None:
    """A log that jumps through time can't fill it."""
    compiled = compile_datepattern("%ExY-%j-%H", 2026)
    reader = FieldReader(compiled.regex, Calendar(Clock("2026-08-22T10:00:00"), UTC))

    for day in range(1, 366):
        for hour in range(10):
            match = compiled.search(f"2026-{day:03}-{hour}")
            assert match is not None
            reader(match)

    assert len(reader._known) <= REMEMBERED

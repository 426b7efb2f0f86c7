from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import click
import pytest

from webfail2ban.commands.times import read_clock, read_timezone, show_time, whole

OPTION = click.Option(["--tz"])
CONTEXT = click.Context(click.Command("any"))


def read(text: str | None) -> tzinfo | None:
    return read_timezone(CONTEXT, OPTION, text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+0200", 120), ("+02:00", 120), ("-05", -300), ("+0530", 330), ("UTC", 0), ("-00:30", -30)],
)
def test_a_zone_is_a_distance_from_greenwich(text: str, minutes: int) -> None:
    """With or without a colon and minutes."""
    zone = read(text)

    assert zone is not None
    assert zone.utcoffset(datetime(2026, 8, 22)) == timedelta(minutes=minutes)  # noqa: DTZ001


def test_a_zone_has_a_name() -> None:
    """As the tz database spells it."""
    assert read("Europe/Zurich") == ZoneInfo("Europe/Zurich")


def test_no_zone_is_the_local_one() -> None:
    """Which None stands for."""
    assert read(None) is None


@pytest.mark.parametrize("text", ["Zurich", "Europe", "+2", "+0260", "", "../UTC", "/etc/passwd"])
def test_what_is_no_zone_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(click.BadParameter, match="no time zone such as Europe/Zurich"):
        read(text)


@pytest.mark.parametrize("seconds", [-1.0, 1e12, float("inf"), float("nan")])
def test_what_is_no_time_is_refused(seconds: float) -> None:
    """No calendar has it."""
    with pytest.raises(click.BadParameter, match="is no time in seconds since the epoch"):
        read_clock(CONTEXT, OPTION, seconds)


def test_a_time_may_have_a_fraction() -> None:
    """And may be left out."""
    assert read_clock(CONTEXT, OPTION, 1124013600.5) == 1124013600.5
    assert read_clock(CONTEXT, OPTION, None) is None


def test_a_time_is_shown_with_its_zone() -> None:
    """So that it can't be mistaken."""
    assert show_time(1124013600, ZoneInfo("Europe/Zurich")) == "2005-08-14 12:00:00+0200"
    assert show_time(1124013600, UTC) == "2005-08-14 10:00:00+0000"


def test_a_time_beyond_all_calendars_is_a_number() -> None:
    """A log may hold any digits."""
    assert show_time(1e18, UTC) == "@1000000000000000000"


def test_whole_seconds_have_no_fraction() -> None:
    """And fractions stay."""
    assert repr(whole(5.0)) == "5"
    assert whole(5.5) == 5.5
    assert whole(float("inf")) == float("inf")
    assert whole(None) is None

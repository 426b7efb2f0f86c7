"""Lines without a date."""

import pytest

from tests.filters.moment import DATE, NOW, TIME, Make
from webfail2ban.filters import (
    CutLine,
)


def test_a_line_without_a_date_has_the_last_lines(make: Make) -> None:
    """If that isn't older than a minute."""
    clock = [TIME + 59]
    matcher = make("from <HOST>", now=lambda: clock[0])
    matcher.find(f"{DATE} hello")

    assert matcher.find("from 192.0.2.7")[0].time == TIME
    clock[0] = TIME + 60
    assert matcher.find("from 192.0.2.7")[0].time == clock[0]


def test_a_line_without_a_date_is_written_now(make: Make) -> None:
    """Unless an old log is read: then nothing tells its time."""
    matcher = make("from <HOST>")
    assert matcher.find("from 192.0.2.7")[0].time == NOW

    matcher.live = False
    assert matcher.find("from 192.0.2.7")[0].time is None


def test_a_date_that_makes_no_sense_is_no_date(make: Make) -> None:
    """It is cut all the same."""
    found = make("^ from <HOST>", datepattern=("^%Y-%m-%d",)).find("2026-02-30 from 192.0.2.7")

    assert [failure.time for failure in found] == [NOW]


@pytest.mark.parametrize("pattern", ["{NONE}", "^from()**"])
def test_a_line_that_is_known_to_have_no_date_is_written_now(make: Make, pattern: str) -> None:
    """Also while an old log is read."""
    matcher = make("from <HOST>", datepattern=(pattern,), live=False)

    assert matcher.find("from 192.0.2.7")[0].time == NOW


def test_a_line_that_cannot_match_may_be_noted_instead(make: Make) -> None:
    """Its date stands for later lines without one."""
    matcher = make("from <HOST>", live=False)

    assert matcher.note(CutLine("", DATE, " hello", NOW - 1)) == NOW - 1
    assert matcher.find("from 192.0.2.7")[0].time == NOW - 1
    assert not matcher.multiline

from math import inf
from time import localtime, mktime, strftime

import pytest

from webfail2ban.commands.steering.moments import (
    show_both,
    show_distance,
    show_length,
    show_moment,
    show_short,
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (90, "1m 30s"),
        (600, "10m"),
        (659, "10m"),
        (3_660, "1h 1m"),
        (3_605, "1h"),
        (90_000, "1d 1h"),
        (40 * 86_400, "40d"),
    ],
)
def test_a_length_has_two_units_at_most(seconds: float, shown: str) -> None:
    """More nobody reads."""
    assert show_length(seconds) == shown


@pytest.mark.parametrize(
    ("time", "shown"),
    [(1060.0, "in 1m"), (940.0, "1m ago"), (1000.4, "now"), (inf, "never")],
)
def test_a_moment_is_seen_from_now(time: float, shown: str) -> None:
    """Before, after, now, never."""
    assert show_distance(time, 1000.0) == shown


def test_a_moment_is_local() -> None:
    """As the operator's clock shows it; what no calendar has is a number."""
    local = strftime("%Y-%m-%d %H:%M:%S", localtime(1_800_000_000))
    assert show_moment(1_800_000_000.0) == local
    assert show_moment(1e18) == "@1000000000000000000"
    assert show_both(inf, 0) == "never"
    assert show_both(1_800_000_060.0, 1_800_000_000.0).endswith(" (in 1m)")


def test_a_moment_of_today_is_a_time_of_day() -> None:
    """Of this year it is day and time, of another one the date."""
    noon = mktime((2026, 6, 15, 12, 0, 0, 0, 0, -1))
    assert show_short(noon - 3600, noon) == "11:00:00"
    assert show_short(noon - 86_400, noon) == "06-14 12:00"
    assert show_short(noon - 366 * 86_400, noon) == "2025-06-14"
    assert show_short(1e18, noon) == "@1000000000000000000"

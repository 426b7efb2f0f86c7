from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from webfail2ban.config import (
    BanDuration,
    Duration,
    Settings,
    parse_ban_duration,
    parse_duration,
    show_duration,
)
from webfail2ban.config.durations import LONGEST


class Sample(Settings):
    wait: Duration = Field(default=30.0, gt=0)
    ban: BanDuration = 600.0


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (0, 0),
        (90, 90),
        (1.5, 1.5),
        ("90", 90),
        ("30s", 30),
        ("10m", 600),
        ("1h30m", 5400),
        ("1d 12h", 129_600),
        ("  2D ", 172_800),
        ("1w", 604_800),
        ("1mo", 2_592_000),
        ("1y", 31_536_000),
        ("500ms", 0.5),
        ("1.5 hours", 5400),
        ("1 minute 1 sec", 61),
        ("2 months", 5_184_000),
        ("3 mins", 180),
    ],
)
def test_durations_are_read_as_people_write_them(written: Any, seconds: float) -> None:
    """Numbers are seconds; text is a sum of numbers with units, in any spelling."""
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    ["", "s", "soon", "5 parsecs", "1h 30", "m5", "1e3s", "\u0661s", None, True, [], "1" * 200],
)
def test_what_is_no_duration_is_told_what_would_be_one(written: Any) -> None:
    """In a sum every number needs its unit."""
    with pytest.raises(ValueError, match="must be a duration such as 30s, 10m, 1h30m"):
        parse_duration(written)


@pytest.mark.parametrize("written", [-1, "-5", -(10**400)])
def test_a_duration_is_not_negative(written: Any) -> None:
    """Not even by so much that no float holds it."""
    with pytest.raises(ValueError, match="must not be negative"):
        parse_duration(written)


@pytest.mark.parametrize("written", [10**400, "101y", 4e9, inf])
def test_a_duration_ends_within_a_century(written: Any) -> None:
    """Anything longer wouldn't fit into a date."""
    with pytest.raises(ValueError, match="must not be longer than 100 years"):
        parse_duration(written)


@pytest.mark.parametrize("written", ["permanent", "Forever", "-1", -1, inf])
def test_a_ban_may_be_without_end(written: Any) -> None:
    """Infinity stands for it, and fail2ban's -1 means it."""
    assert parse_ban_duration(written) == inf


def test_a_ban_is_otherwise_a_duration() -> None:
    """With the same units, and a message that names the word for endless ones."""
    assert parse_ban_duration("1w") == 604_800
    with pytest.raises(ValueError, match="one without an end is permanent"):
        parse_ban_duration(-2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.01, "10ms"),
        (1.5, "1.5s"),
        (30.0, "30s"),
        (5400.0, "1h30m"),
        (694_861.0, "1w1d1h1m1s"),
        (inf, "permanent"),
    ],
)
def test_durations_are_shown_as_they_would_be_written(seconds: float, text: str) -> None:
    """From weeks to milliseconds."""
    assert show_duration(seconds) == text


@given(st.integers(0, int(LONGEST)))
def test_what_is_shown_reads_back(seconds: int) -> None:
    """Whole seconds lose nothing."""
    assert parse_duration(show_duration(seconds)) == seconds


@given(st.text() | st.integers() | st.floats() | st.none() | st.booleans())
def test_anything_is_a_duration_or_a_value_error(written: Any) -> None:
    """No other error escapes, whatever is written."""
    try:
        seconds = parse_ban_duration(written)
    except ValueError:
        return
    assert seconds == inf or 0 <= seconds <= LONGEST


def test_durations_are_types_for_settings() -> None:
    """With a limit of the field's own, and shown as text in JSON."""
    sample = Sample.model_validate({"wait": "1m", "ban": "permanent"})
    assert (sample.wait, sample.ban) == (60, inf)
    assert sample.model_dump(mode="json") == {"wait": "1m", "ban": "permanent"}
    with pytest.raises(ValidationError, match="greater than 0"):
        Sample.model_validate({"wait": "0s"})

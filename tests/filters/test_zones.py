"""Time zones as logs write them."""

import pytest

from webfail2ban.filters.zones import zone_offset


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Z", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("CET", 60),
        ("CEST", 120),
        ("EST", -300),
        ("PDT", -420),
        ("A", 60),
        ("M", 720),
        ("Y", -720),
        ("+0200", 120),
        ("+02:00", 120),
        ("-0530", -330),
        ("+02", 120),
        ("GMT+0200", 120),
        ("CET-01", 0),
    ],
)
def test_names_and_offsets_are_seconds_east_of_greenwich(text: str, minutes: int) -> None:
    """Together they add up."""
    assert zone_offset(text) == 60 * minutes


@pytest.mark.parametrize("text", ["J", "XYZ", "cet", "utc", "z", "", "+2", "CET 1"])
def test_what_is_no_zone_has_no_offset(text: str) -> None:
    """Names are upper case, and not every abbreviation is known."""
    assert zone_offset(text) is None

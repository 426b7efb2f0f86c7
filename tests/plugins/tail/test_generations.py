"""The order of rotated files by their names."""

import pytest

from webfail2ban_tail.generations import later_names, list_bases


@pytest.mark.parametrize(
    ("name", "later"),
    [
        ("mail.log.3", ["mail.log.2", "mail.log.1"]),
        ("mail.log.1", []),
        ("mail.log-20240101", ["mail.log-20240102", "mail.log-20240103"]),
        ("mail-2.log", ["mail-1.log"]),
        ("mail.log.old", []),
        ("other.log", []),
    ],
)
def test_orders_by_age_or_date(name: str, later: list[str]) -> None:
    """Each way of naming has its order, and they don't mix."""
    names = [
        *("mail.log", "mail.log.1", "mail.log.2", "mail.log.3", "mail.log.10.gz"),
        *("mail.log-20240103", "mail.log-20240102", "mail.log-20240101"),
        *("mail-1.log", "mail-2.log", "mail.log.old", "mail.logs.1", "other.log"),
    ]
    assert later_names("mail.log", names, name) == later


def test_orders_ages_as_numbers() -> None:
    """Ten comes before two."""
    names = [f"x.{age}" for age in range(1, 13)]
    assert later_names("x", names, "x.11") == [f"x.{age}" for age in range(10, 0, -1)]


def test_takes_a_name_as_it_is() -> None:
    """A name may hold anything, and is no expression."""
    assert later_names("a+[b]", ["a+[b].1", "aab.1"], "a+[b].2") == ["a+[b].1"]


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("mail.log.1", ["mail.log"]),
        ("mail.log-20240131", ["mail.log"]),
        ("mail.log-2024-01-31", ["mail.log-2024-01", "mail.log-2024", "mail.log"]),
        ("mail.log", []),
        ("mail.log.gz", []),
        ("worker-1.log", []),
    ],
)
def test_finds_the_log_of_a_generation(name: str, bases: list[str]) -> None:
    """A name with a mark behind it may be a rotated file."""
    assert sorted(list_bases(name), reverse=True) == bases

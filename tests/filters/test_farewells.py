"""Lines that end a connection of which nothing is remembered are left alone."""

import re

import pytest

from webfail2ban.filters import Filter, FilterDefinition
from webfail2ban.filters.farewells import is_farewell

PREFIX = r"^<F-MLFID>\w+</F-MLFID>: <F-CONTENT>.+</F-CONTENT>$"
ACCEPTED = r"^<F-MLFFORGET><F-MLFGAINED>Accepted</F-MLFGAINED></F-MLFFORGET> from <ADDR>"
CONNECTED = r"^<F-NOFAIL>Connected</F-NOFAIL> from <ADDR>"
FAILED = r"^Failed for <F-USER>\w+</F-USER> from <ADDR>"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(?P<mlfforget>(?P<nofail>bye))", True),
        ("(?P<mlfforget>bye) (?P<mlfgained>in)?", False),
        ("(?P<mlfforget>bye)|(?P<nofail>x)", False),
        ("(?:(?P<mlfforget>bye))?(?P<nofail>x)", False),
        ("(?:(?P<mlfforget>bye))+(?P<nofail>x)", True),
        ("(?P<nofail>x(?:(?P<mlfforget>a|b)|c))", False),
        ("(?P<nofail>x)", False),
        ("(?P<mlfforget>x)", False),
    ],
)
def test_each_match_has_to_end_the_connection_and_be_no_failure(
    expression: str, *, expected: bool
) -> None:
    """A group that may be left out says nothing."""
    assert is_farewell(re.compile(expression)) is expected


def lines(filter_: Filter, *texts: str, among: tuple[int, ...] | None) -> list[list[str]]:
    """Return who failed in each of some lines."""
    cuts = (filter_.dates.cut(text) for text in texts)
    return [[found.host for found in filter_.find_cut(cut, among)] for cut in cuts]


def make() -> Filter:
    return Filter(FilterDefinition("x", (FAILED, CONNECTED, ACCEPTED), prefregex=PREFIX))


def test_a_connection_that_is_not_known_has_nothing_to_end() -> None:
    """Nothing is found, and nothing is remembered."""
    filter_ = make()

    assert lines(filter_, "a: Accepted from 192.0.2.1", among=(2,)) == [[]]
    assert len(filter_._connections) == 0


def test_a_connection_that_is_known_ends() -> None:
    """And a success after failures as several users is still a failure."""
    failures = "a: Failed for bob from 192.0.2.1", "a: Failed for eve from 192.0.2.1"
    filter_ = make()
    lines(filter_, *failures, among=(0,))

    assert lines(filter_, "a: Accepted from 192.0.2.1", among=(2,)) == [["192.0.2.1"]]
    assert len(filter_._connections) == 0


def test_where_another_expression_may_match_all_are_tried() -> None:
    """The line may be more than a farewell."""
    line = "a: Failed for bob from 192.0.2.1"

    assert lines(make(), line, among=(0, 2)) == lines(make(), line, among=None) == [["192.0.2.1"]]

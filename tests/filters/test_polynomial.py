"""Expressions whose repetitions can divide a text among them."""

import re

import pytest

from webfail2ban.filters.attack import Attack
from webfail2ban.filters.glushkov import read_automaton
from webfail2ban.filters.polynomial import find_polynomial


def attack(expression: str) -> Attack | None:
    return find_polynomial(read_automaton(re.compile(expression)))


@pytest.mark.parametrize(
    ("expression", "degree"),
    [
        (r"^.*.*.*x", 3),
        (r"^.*,.*,.*,.*x", 4),
        (r".*.*x", 3),
        (r"a.*b.*c", 3),
        (r"^\s*\s*\s*x", 3),
        (r"^\w+[a-z]*\S+ x", 3),
        (r"^[^;]*(?:foo)?[^,]*(?:bar)?\w*!", 3),
        (r"^(?:a+){3}b", 3),
        (r"^(?:a+){0,4}b", 4),
        (r"^(?:ab)*(?:ab)*(?:ab)*c", 3),
        (r"^.{0,500}.{0,500}.{0,500}x", 3),
        (r"^.*(?=.*.*x)", 3),
    ],
)
def test_the_degree_is_the_number_of_repetitions_that_share(expression: str, degree: int) -> None:
    """And one more for a search that begins everywhere."""
    found = attack(expression)

    assert found is not None
    assert found.degree == degree


@pytest.mark.parametrize(
    "expression",
    [
        r"^.*,.*x",
        r".*x",
        r"^\w+ \w+ \w+ \w+ x",
        r"^\d+\.\d+\.\d+x",
        r"^.{0,100}.{0,100}.{0,100}x",
        r"^\w*\W*\w*\W*x",
        r"^[^,]*,[^;]*;[^:]*:x",
        r"^.*.*.*",
        r"^(?>.*)(?>.*)(?>.*)x",
        r"^(?:.*\n)*?.*x",
    ],
)
def test_what_cannot_share_or_is_at_most_a_square_is_left_alone(expression: str) -> None:
    """What stands between two repetitions has to belong to both."""
    assert attack(expression) is None


def test_each_repetition_is_blamed_as_it_is_written() -> None:
    """And the search by an empty text."""
    found = attack(r"\d.*,(?P<user>.*?),.*x")

    assert found is not None
    assert found.blamed == ("", ".*", ".*?", ".*")


def test_a_pair_further_on_multiplies() -> None:
    """Two pairs that share nothing with each other: each divides its own text."""
    found = attack(r"^a*a*;b*b*x")

    assert found is not None
    assert found.degree == 3
    assert found.pumps == (("a", ";b"), ("b", ""))
    assert found.repeated(3) == "aaaa;bbbb"


def test_the_text_is_longer_the_smaller_the_degree() -> None:
    """So that each takes about as long."""
    cube, fifth = attack(r"^.*.*.*x"), attack(r"^.*.*.*.*.*x")

    assert cube is not None
    assert fifth is not None
    assert len(cube.text) > 2000
    assert len(fifth.text) < 200

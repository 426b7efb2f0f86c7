"""Expressions that double their ways with each repetition of a text."""

import re

import pytest

from webfail2ban.filters.attack import Attack
from webfail2ban.filters.exponential import find_exponential
from webfail2ban.filters.glushkov import read_automaton


def attack(expression: str) -> Attack | None:
    return find_exponential(read_automaton(re.compile(expression)))


@pytest.mark.parametrize(
    "expression",
    [
        r"^(a+)+$",
        r"^(a*)*$",
        r"^(a|a)*$",
        r"^(a|ab?)*c",
        r"(x+x+)+y",
        r"^([a-z]+\s?)*;",
        r"^(?:\w+ ?)*?;",
        r"^(?:\w+?\s*)+$",
        r"^(?:(?:ab)*a?b?)*c",
        r"^(?:a?a?)*c",
        r"^(?:[^\[]+ )*\[",
        r"^(?:a{1,2})*c",
        r"^(?:a{1,9})*c",
        r"^(?:\w{1,20} ?){1,30}:",
        r"^(?:(\w+)\s?\1?)*;",
        r"^(?:(x)?(?(1)a+|b))*c",
        r"^.*?;(?:\w+\s?)*$",
        r"^(?:a+)+(?=b)",
        r"^(?:(?!b)\w+,?)+;",
        r"^a(?=(?:b+)+c)",
        r"^a(?!(?:b+)+c)",
        r"^(?>(?:a+)+b)",
        r"^(?:a+)*b(?:(?:\w+\s?)*;)*$",
        r"^(?:\"+[^\"]*(?=\"))*?x",
    ],
)
def test_what_can_be_matched_in_two_ways_and_repeated_is_found(expression: str) -> None:
    """Nested, side by side, optional, lazy, in look-aheads and in atomic groups."""
    assert attack(expression) is not None


@pytest.mark.parametrize(
    "expression",
    [
        r"^a*$",
        r"^(?:a+b)*$",
        r"^(?:[a-z]+\s)*;",
        r"^(?:\w+ ?)+",
        r"^(?:\w+ )*(?:\S+ )*;",
        r"^(?:a|b)*c",
        r"^(?:ab|ac)*d",
        r"^(?:(?!foo).)*$",
        r"^(?:\w+\b\W+)*;",
        r"^(?:\d{1,3}\.){3}\d{1,3}$",
        r"^(?:a{3})*$",
        r"^(?>a+)+$",
        r"^(?:a++ ?)+$",
        r"^(?:a+$)*b",
        r"^(?:^a+)*b",
        r"^(?:a+\Bb)*c",
        r"^(?:[0-9a-fA-F]{1,4}::?|::){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:))$",
        r"^(?:(?!)|a)*b",
        r"^(?:[ab](?:(?!b)[ab]|bb))*c",
        r"^(?:(?:b)+(?:[ab](?!b))+)*?c",
        r"^(?=a)(?:b+)+c",
        r"^(?:a{0})*b",
    ],
)
def test_what_can_be_matched_in_one_way_only_is_left_alone(expression: str) -> None:
    """However much is repeated in it."""
    assert attack(expression) is None


def test_what_never_fails_is_never_tried_again() -> None:
    """It takes what it finds, and that is that."""
    assert attack(r"^(a+)+") is None
    assert attack(r"^(a+)+b?") is None


def test_the_text_leads_to_the_repetition_and_then_fails() -> None:
    """Prefix, pump, suffix."""
    found = attack(r"^user (\w+\s?)*$")

    assert found is not None
    assert (found.prefix, found.pumps, found.suffix) == ("user a", (("a", ""),), "!")
    assert found.repeated(3) == "user aaaa!"


def test_the_text_is_as_long_as_the_expression_wants_it() -> None:
    """Python doesn't begin to search in a shorter one."""
    found = attack(rf"^(a+)+{'b' * 100}")

    assert found is not None
    assert len(found.text) > 100


@pytest.mark.parametrize(
    ("expression", "blamed"),
    [
        (r"^(a+)+$", "(a+)+"),
        (r"^(?:x(?:a+)+y)*$", "(?:a+)+"),
        (r"^(?:\d+,(?:\w+\s?)*;)*$", r"(?:\w+\s?)*"),
        (r"^\d+(?:: (?:\w+|[^(]+))*\(", r"(?:: (?:\w+|[^(]+))*"),
        (r"^(?P<user>(?:a|a)*)b", "(?:a|a)*"),
    ],
)
def test_the_innermost_repetition_that_is_ambiguous_is_blamed(expression: str, blamed: str) -> None:
    """As it is written."""
    found = attack(expression)

    assert found is not None
    assert found.blamed == (blamed,)

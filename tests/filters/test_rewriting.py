import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webfail2ban.filters.literals import find_literals
from webfail2ban.filters.rendering import render
from webfail2ban.filters.rewriting import (
    choice,
    is_nullable,
    least_length,
    most_length,
    repeat,
    series,
    trim,
    within_line,
)
from webfail2ban.filters.syntax import EMPTY, GAP, Chars, Choice, Repeat, Series, parse

PATTERNS = (
    "abc",
    "a|bcd",
    r"\s*x+\s*",
    r"(?:[^,]+,){3}end",
    r"a{20}b{2,5}",
    r"(?:é|ü)+ \w{3}\W",
    r"(?:x\n?|y)\s+",
    r".*?from \d{1,3}.*",
    r"a\s{2,}[^b]",
    r"(?:.*ab|cd.*ef|g.*)h",
    r"(?:ab|)(?:c?)*d",
    "",
)


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=40)
@given(data=st.data())
def test_every_step_takes_what_the_expression_takes(pattern: str, data: st.DataObject) -> None:
    """Without the newline that ends the text; and literals are really required."""
    text = data.draw(st.from_regex(re.compile(pattern), fullmatch=True))
    if "\n" in text[:-1]:
        return
    line = text.removesuffix("\n").encode()
    tree = within_line(parse(re.compile(pattern)).tree)
    inner = trim(tree)
    assert re.fullmatch(render(tree).encode(), line)
    assert re.search(render(inner).encode(), line)
    literals = find_literals(inner)
    assert not literals or any(literal in line for literal in literals)
    assert is_nullable(tree) >= (not line)
    assert least_length(tree) <= len(line)
    assert most_length(parse(re.compile(pattern)).tree) >= len(text)


def letters(text: str) -> Chars:
    return Chars(sum(1 << ord(letter) for letter in text))


def test_series_are_flat() -> None:
    """And two gaps are one."""
    a, b = letters("a"), letters("b")
    assert series((a, Series((b, GAP)), GAP)) == Series((a, b, GAP))
    assert series((a,)) == a


def test_a_choice_of_characters_is_a_set() -> None:
    """And nothing at all makes it optional."""
    a, b = letters("a"), letters("b")
    assert choice((a, b)) == letters("ab")
    assert choice((a, EMPTY)) == Repeat(a, 0, 1)
    assert choice(()) == EMPTY


def test_gaps_at_the_ends_of_options_are_taken_out() -> None:
    """Small automata are fast ones."""
    ab, cd = Series((letters("a"), letters("b"))), Series((letters("c"), letters("d")))
    assert choice((series((GAP, ab)), cd)) == Series((GAP, Choice((ab, cd))))
    assert choice((series((ab, GAP)), cd)) == Series((Choice((ab, cd)), GAP))
    assert choice((ab, GAP)) == GAP
    inside = series((ab, GAP, cd))
    assert choice((series((GAP, ab)), inside)) == Series((GAP, Choice((ab, inside))))


def test_numbers_are_given_up() -> None:
    """Whoever confirms a match knows them."""
    a = letters("a")
    assert repeat(a, 2, 5) == Repeat(a, 2, None)
    assert repeat(a, 3, 3) == Repeat(a, 3, 3)
    assert repeat(a, 100, 100) == Repeat(a, 16, None)
    assert repeat(a, 1, 1) == a
    assert repeat(a, 0, 0) == EMPTY


def test_what_is_repeated_becomes_a_run_of_its_characters() -> None:
    """Repetitions within repetitions make large automata."""
    assert repeat(Series((letters("a"), letters("b"))), 2, 4) == Repeat(letters("ab"), 4, None)


def test_a_set_beyond_ascii_takes_all_bytes_of_a_character() -> None:
    """One, or so many of them."""
    for pattern, text in (("[é—]", "—"), ("é{2}", "éé"), ("[^a]{3}", "—x—"), ("é?x", "éx")):
        rendered = render(parse(re.compile(pattern)).tree)
        assert re.fullmatch(rendered.encode(), text.encode())

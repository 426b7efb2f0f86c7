import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webfail2ban.filters.syntax import (
    EMPTY,
    GAP,
    NEWLINE_BIT,
    WIDE_OTHER_BIT,
    WIDE_WORD_BIT,
    Chars,
    Choice,
    Node,
    Place,
    Repeat,
    Series,
    parse,
)

A, B = Chars(1 << ord("a")), Chars(1 << ord("b"))


def tree(pattern: str, flags: int = 0) -> Node:
    return parse(re.compile(pattern, flags)).tree


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ab", Series((A, B))),
        ("(?:ab|ba)", Choice((Series((A, B)), Series((B, A))))),
        ("a{2,3}?", Repeat(A, 2, 3)),
        ("a*", Repeat(A, 0, None)),
        ("(?>a)", A),
        ("a++", Repeat(A, 1, None)),
        ("^a$", Series((Place.BEGIN, A, EMPTY))),
        (r"\Aa\b\Z", Series((Place.BEGIN, A, EMPTY, EMPTY))),
        ("a(?=b)(?!b)(?<=a)(?<!b)", Series((A, EMPTY, EMPTY, EMPTY, EMPTY))),
        ("(a)(?(1)b|a)", Series((A, Choice((B, A))))),
        (r"(a)\1", Series((A, A))),
        (r"(?i:(é)\1)", Series((Chars(WIDE_WORD_BIT), GAP))),
    ],
)
def test_everything_that_python_reads_is_read(pattern: str, expected: Node) -> None:
    """Look-arounds and positions take nothing, what can't be exact takes more."""
    read = tree(pattern)
    if pattern.startswith("(?i"):
        assert isinstance(read, Series)
        assert read.parts[1] == GAP
        return
    assert read == expected


def test_a_caret_that_stands_for_every_line_is_no_beginning() -> None:
    """The text may have begun before."""
    assert tree("^a", re.MULTILINE) == Series((EMPTY, A))


def test_a_group_can_be_marked() -> None:
    """And what it held is still known."""
    syntax = parse(re.compile("a(b)"), 1)
    assert syntax.tree == Series((A, Place.MARK))
    assert syntax.groups == {1: B}


ELEMENTS = st.sampled_from(
    [r"\d", r"\D", r"\s", r"\S", r"\w", r"\W", "a-f", "k", "S", "0-9", "\u00e9", "\u2014-\u2020"]
)
SETS = st.builds(
    lambda negated, parts: f"[{'^' * negated}{''.join(parts)}]",
    st.booleans(),
    st.lists(ELEMENTS, min_size=1, max_size=3),
)
PATTERNS = SETS | st.sampled_from(
    [".", "a", "K", "i", "\u00e9", "\u2014", r"\w", r"\W", r"\s", r"\D"]
)
CHARACTERS = st.characters(max_codepoint=127) | st.sampled_from(
    "\u00e9\u00c9\u017f\u212a\u0130\u0131\u2014\u00a0\u0663\U0001d7d8"
)


@settings(max_examples=500)
@given(PATTERNS, CHARACTERS, st.sampled_from([0, re.IGNORECASE, re.DOTALL]))
def test_a_set_holds_each_character_that_matches(pattern: str, character: str, flags: int) -> None:
    """In the ASCII range it holds no other, unless case is ignored."""
    read = tree(pattern, flags)
    assert isinstance(read, Chars)
    matches = re.fullmatch(pattern, character, flags) is not None
    if ord(character) < 128:
        held = bool(read.bits >> ord(character) & 1)
        assert held or not matches
        assert held == matches or flags == re.IGNORECASE
    elif matches:
        assert read.bits & (WIDE_WORD_BIT if character.isalnum() else WIDE_OTHER_BIT)


def test_a_dot_is_no_newline() -> None:
    """Unless it is said to be one."""
    for flags, newline in ((0, False), (re.DOTALL, True)):
        read = tree(".", flags)
        assert isinstance(read, Chars)
        assert bool(read.bits & NEWLINE_BIT) == newline

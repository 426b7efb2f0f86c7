"""Searching with expressions that can only match where the text begins."""

import re

import pytest

from webfail2ban.filters.anchors import has_alternatives, quick_search


@pytest.mark.parametrize(
    "expression", ["^a", "^(?:a|b)", r"^\|a", "^[|]a", "(?i)^A", "^(?:a|(?P<x>b))"]
)
def test_an_anchored_expression_is_tried_at_one_place(expression: str) -> None:
    """Python's `match` finds the same as its `search` then."""
    regex = re.compile(expression)

    assert quick_search(regex) == regex.match


@pytest.mark.parametrize(
    ("expression", "flags"),
    [("a", 0), ("^a|b", 0), ("(?m)^a", 0), ("^a", re.MULTILINE), ("(^a)", 0), ("^a(?:b)|c", 0)],
)
def test_others_are_searched_everywhere(expression: str, flags: int) -> None:
    """Also where ``^`` means each line, or only one of several alternatives."""
    regex = re.compile(expression, flags)

    assert quick_search(regex) == regex.search


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a|b", True),
        ("(a|b)", False),
        (r"a\|b", False),
        ("[a|b]", False),
        (r"[\]|]", False),
        ("[]|]", False),
        ("[^]|]|", True),
        ("(?(x)a|b)", False),
        (r"\(|a", True),
    ],
)
def test_alternatives_of_the_whole_expression_are_seen(expression: str, expected: bool) -> None:
    """Those inside groups and sets, and escaped bars, are not."""
    assert has_alternatives(expression) is expected

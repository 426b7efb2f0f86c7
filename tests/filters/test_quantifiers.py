"""The source of repetitions."""

import re
from importlib import import_module
from typing import Any

import pytest

from webfail2ban.filters.quantifiers import read_quantifiers

PARSER: Any = import_module("re._parser")


def sources(expression: str) -> list[str]:
    return list(read_quantifiers(expression, PARSER.parse(expression)).values())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a+b*", ["a+", "b*"]),
        ("(a+)*", ["a+", "(a+)*"]),
        (r"\d{1,3}\.?", [r"\d{1,3}", r"\.?"]),
        (r"(?:a|b+?)*?x", ["b+?", "(?:a|b+?)*?"]),
        (r"[]a*+]+", ["[]a*+]+"]),
        (r"[^]]{2}", ["[^]]{2}"]),
        (r"\(a\)+\\+", [r"\)+", r"\\+"]),
        (r"(?P<u>a+)(?P=u)?", ["a+", "(?P=u)?"]),
        (r"(a)?(?(1)b+|c*)", ["(a)?", "b+", "c*"]),
        (r"(?i)(?x:a+)(?-i:b)?", ["a+", "(?-i:b)?"]),
        (r"(?=a+)(?!b*)(?<!c)(?<=d)(?>e+)f++", ["a+", "b*", "e+", "f++"]),
        (r"a{b}{2}c{,3}d{4,}e{,}", ["}{2}", "c{,3}", "d{4,}", "e{,}"]),
        (r"a{x+", ["x+"]),
        (r"(?#a+)b+", ["b+"]),
        (r"\x41+", [r"\x41+"]),
        (r"(?:ab+|ac+)", ["b+", "c+"]),
    ],
)
def test_each_repetition_has_its_source(expression: str, expected: list[str]) -> None:
    """In the order in which they end."""
    assert sources(expression) == expected


def test_what_cannot_be_matched_has_no_sources() -> None:
    """A verbose expression has comments that look like repetitions."""
    assert not sources("(?x)a+ # what? b*")


def test_a_source_compiles() -> None:
    """It is a whole expression."""
    for source in sources(r"^(?:a[+)]*|(?P<b>\)+))+$"):
        re.compile(source)

"""The fields that an expression's groups fill."""

import pytest

from webfail2ban.filters.expression import Expression, Fields
from webfail2ban.filters.regex import compile_regex


def expression(text: str) -> Expression:
    return Expression(compile_regex(text, "failregex", names=True, multiline=False))


def fields(text: str, line: str) -> Fields:
    compiled = expression(text)
    match = compiled.search(line)
    assert match is not None
    return compiled.fields(match)


def test_groups_that_took_part_are_fields() -> None:
    """Empty ones too, and the author's own groups."""
    text = r"<F-USER>\w*</F-USER>@<HOST>(?::<F-PORT/>)?(?P<own>!)"

    assert fields(text, "@192.0.2.7!") == {"user": "", "ip4": "192.0.2.7", "own": "!"}


@pytest.mark.parametrize(
    ("line", "user"), [("a b c", "a"), (" b c", "b"), ("  c", "c"), ("   ", "")]
)
def test_alternatives_fill_an_empty_field(line: str, user: str) -> None:
    """In the order of their names."""
    text = r"^<F-USER>\w?</F-USER> <F-ALT_USER>\w?</F-ALT_USER> <F-ALT_USER_1>\w?</F-ALT_USER_1>"

    assert fields(text, line)["user"] == user


def test_alternatives_are_no_fields_themselves() -> None:
    """And fill nothing if they are empty."""
    assert fields("<F-ALT_USER>a</F-ALT_USER>", "a") == {"user": "a"}
    assert fields("<F-ALT_USER>a?</F-ALT_USER>", "b") == {}


def test_a_suffix_without_an_underscore_is_part_of_the_name() -> None:
    """``ALT_USER1`` is another place for ``user1``."""
    assert fields("<F-ALT_USER1>a</F-ALT_USER1>", "a") == {"user1": "a"}


def test_parts_make_a_tuple_with_the_field() -> None:
    """None stands for a part that is missing."""
    text = r"(?:<F-ID>\w</F-ID>)?-<F-TUPLE_ID>\w</F-TUPLE_ID>(?:<F-TUPLE_ID_1>\w</F-TUPLE_ID_1>)?"

    assert fields(text, "a-bc") == {"fid": ("a", "b", "c")}
    assert fields(text, "-b") == {"fid": (None, "b", None)}


def test_content_and_skipped_lines_are_no_fields() -> None:
    """They are means, not findings."""
    text = "^<F-CONTENT>a</F-CONTENT><SKIPLINES><ADDR>"

    assert fields(text, "a\nx\n192.0.2.7") == {"ip4": "192.0.2.7"}
    assert expression(text).content
    assert expression(text).skipped == ("skiplines0",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<HOST>", True),
        ("<F-ID/>", True),
        ("<F-MLFID>a</F-MLFID>", True),
        ("<F-USER>a</F-USER>", False),
    ],
)
def test_an_expression_knows_whether_it_tells_who(text: str, expected: bool) -> None:
    """By an address, a name, an id, or the connection's."""
    assert expression(text).has_id is expected

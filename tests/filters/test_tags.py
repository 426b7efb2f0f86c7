"""``<tag>`` substitution."""

import pytest

from webfail2ban.filters.tags import TagLoopError, substitute_tags


def substitute(text: str, **options: str) -> str:
    return substitute_tags(text, {name.replace("__", "-"): v for name, v in options.items()}.get)


def test_every_occurrence_is_replaced() -> None:
    """One tag may stand in several places."""
    assert substitute("<a>, <b> and <a>", a="1", b="2") == "1, 2 and 1"


def test_the_innermost_tag_comes_first() -> None:
    """Its text completes the name of the one around it."""
    assert substitute("(<mdre-<mode>>)", mode="ddos", mdre__ddos="x") == "(x)"


def test_texts_that_hold_tags_are_substituted_again() -> None:
    """Until nothing changes."""
    assert substitute("<a>", a="<b><b>", b="<c>", c="x") == "xx"


@pytest.mark.parametrize(
    "text",
    ["<HOST>", "<F-USER>\\S+</F-USER>", "(?P<name>x)", "<W>", "< a>", "<mdre-<mode>>", "a<b"],
)
def test_what_is_no_option_stays(text: str) -> None:
    """Host tags, fields, groups and plain text survive, an undefined mode's tag too."""
    assert substitute(text, a="1") == text


def test_a_known_tag_behind_unknown_ones_is_found() -> None:
    """Also one inside of what looks like a tag."""
    assert substitute("<x><y <a>>", a="1") == "<x><y 1>"


@pytest.mark.parametrize(
    "options",
    [{"a": "x<a>"}, {"a": "<b>", "b": "<a>"}, {"a": "<b>", "b": "<c>", "c": "<b> "}],
)
def test_tags_that_lead_back_to_themselves_are_refused(options: dict[str, str]) -> None:
    """Directly or in a circle."""
    with pytest.raises(TagLoopError, match="leads back to itself"):
        substitute("<a>", **options)

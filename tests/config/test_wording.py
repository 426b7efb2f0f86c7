from typing import Any

import pytest

from webfail2ban.config.wording import closest, did_you_mean, show_choices, show_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        (True, "true"),
        (5, "5"),
        ("a", "'a'"),
        ("a\nb\x1b", r"'a\nb\x1b'"),
        ({}, "a mapping"),
        ([1], "a list"),
        ("x" * 100, "'" + "x" * 36 + "..."),
    ],
)
def test_values_are_shown_as_they_are_recognized(value: Any, text: str) -> None:
    """In one line, not too long, control characters escaped."""
    assert show_value(value) == text


def test_choices_are_listed() -> None:
    """As in a sentence."""
    assert show_choices(["a"]) == "a"
    assert show_choices(["a", "b", "c"]) == "a, b or c"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("max_retry", "maxretry"),
        ("Max-Retry", "maxretry"),
        ("findtme", "find_time"),
        ("tnx", "txn"),
        ("banana", ""),
    ],
)
def test_the_closest_name_is_suggested(name: str, meant: str) -> None:
    """However its words are joined; none if none is alike."""
    assert closest(name, ["maxretry", "find_time", "txn", "bantime"]) == meant


def test_a_question_is_asked_only_with_an_answer() -> None:
    """Otherwise there is no hint."""
    assert did_you_mean("prot", ["port"]) == "did you mean port?"
    assert did_you_mean("prot", []) == ""

"""The INI dialect of filter files."""

from pathlib import Path

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters.ini import parse_ini, read_ini

FILE = Path("some.conf")


def parse(text: str) -> dict[str, dict[str, str]]:
    return parse_ini(text, FILE)


def test_option_names_are_lower_cased_and_sections_keep_their_case() -> None:
    """``FailRegex`` is ``failregex``, ``Definition`` stays ``Definition``."""
    assert parse("[Definition]\nFailRegex = X") == {"Definition": {"failregex": "X"}}


def test_equals_sign_and_colon_separate() -> None:
    """Whichever comes first ends the name."""
    assert parse("[A]\na = 1:2\nb: 3=4") == {"A": {"a": "1:2", "b": "3=4"}}


def test_continuation_lines_are_stripped_and_joined_with_newlines() -> None:
    """Every indented line belongs to the option above."""
    assert parse("[A]\na = one\n      two  \n   three") == {"A": {"a": "one\ntwo\nthree"}}


def test_empty_lines_stay_in_a_value() -> None:
    """What ends a value is the next option, not an empty line."""
    assert parse("[A]\na = one\n\n  two\nb = 3") == {"A": {"a": "one\n\ntwo", "b": "3"}}


@pytest.mark.parametrize("comment", ["# words", "; words", "   # words", "   ; words"])
def test_comment_lines_vanish_even_inside_a_value(comment: str) -> None:
    """They neither end the value nor leave a line in it."""
    assert parse(f"[A]\na = one\n{comment}\n  two") == {"A": {"a": "one\ntwo"}}


def test_a_semicolon_behind_a_blank_begins_a_comment() -> None:
    """So a regex with `` ;`` in it is cut there; one with ``x;`` or an escaped one is not."""
    assert parse("[A]\na = x; y ; z\nb = x \\; y") == {"A": {"a": "x; y", "b": "x \\; y"}}


def test_a_hash_sign_behind_a_blank_is_text() -> None:
    """Only whole lines are comments with ``#``."""
    assert parse("[A]\na = x # y") == {"A": {"a": "x # y"}}


def test_default_is_a_section_of_its_own() -> None:
    """Nothing is inherited yet: that is for the merged configuration."""
    assert parse("[DEFAULT]\na = 1\n[A]\nb = 2") == {"DEFAULT": {"a": "1"}, "A": {"b": "2"}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[A]\na = 1\na = 2", "already exists"),
        ("[A]\na = 1\n[A]\nb = 2", "already exists"),
        ("a = 1", "no section headers"),
        ("[A]\njust words", "parsing errors"),
    ],
)
def test_what_breaks_the_rules_is_refused(text: str, reason: str) -> None:
    """The error names the file and says what is wrong in one line."""
    with pytest.raises(FilterError, match=reason) as caught:
        parse(text)

    assert caught.value.file == "some.conf"
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """The system's reason is given."""
    with pytest.raises(FilterError, match=r"none\.conf: No such file"):
        read_ini(tmp_path / "none.conf")


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    """Bytes of another encoding are no text."""
    path = tmp_path / "latin.conf"
    path.write_bytes(b"[A]\na = \xe9")

    with pytest.raises(FilterError, match="is not UTF-8"):
        read_ini(path)

"""Merging sections and interpolating ``%(option)s``."""

from pathlib import Path

import pytest

from webfail2ban.errors import FilterError
from webfail2ban.filters.configuration import Configuration
from webfail2ban.filters.ini import parse_ini

FILE = Path("some.conf")


def merge(*texts: str) -> Configuration:
    configuration = Configuration(FILE)
    for text in texts:
        configuration.merge(FILE, parse_ini(text, FILE))
    return configuration


def test_the_later_file_wins_option_by_option() -> None:
    """What it doesn't set stays."""
    configuration = merge("[A]\na = 1\nb = 2", "[A]\nb = 3\nc = 4")

    assert configuration.sections["A"] == {"a": "1", "b": "3", "c": "4"}


def test_default_stands_in_for_missing_options() -> None:
    """The section's own value comes first."""
    configuration = merge("[DEFAULT]\na = 1\nb = 2\n[A]\nb = 3")

    assert [configuration.get("A", option) for option in "abc"] == ["1", "3", None]
    assert configuration.has("A", "b")
    assert not configuration.has("A", "a")


def test_interpolation_goes_through_section_and_default() -> None:
    """Texts found are interpolated where they are used, not where they stand."""
    configuration = merge("[DEFAULT]\na = %(b)s!\nb = default\n[A]\nb = own\nc = %(a)s")

    assert configuration.get("A", "c") == "own!"


def test_variables_win_and_are_final() -> None:
    """A parameter may hold percent signs."""
    configuration = merge("[A]\na = %(b)s %(c)s\nb = file\nc = %(b)s")

    assert configuration.get("A", "a", {"b": "100% %(x)s"}) == "100% %(x)s 100% %(x)s"
    assert configuration.get("A", "b", {"b": "mine"}) == "mine"
    assert configuration.get_written("A", "b", {"b": "mine"}) == "file"


def test_two_percent_signs_are_one() -> None:
    """That is how datepatterns are written."""
    assert merge("[A]\na = %%Y-%%m").get("A", "a") == "%Y-%m"


def test_known_is_the_value_before_it_was_overridden() -> None:
    """A ``.local`` file adds to an option this way."""
    configuration = merge("[A]\na = one", "[A]\na = %(known/a)s\n  two")

    assert configuration.get("A", "a") == "one\ntwo"


def test_known_is_the_default_where_nothing_was_overridden() -> None:
    """An option that only DEFAULT had was not the section's."""
    configuration = merge("[DEFAULT]\na = one", "[A]\na = %(known/a)s two")

    assert configuration.get("A", "a") == "one two"


def test_other_sections_are_reached_by_name() -> None:
    """``section/option``, with DEFAULT behind, and ``default/option``."""
    configuration = merge(
        "[DEFAULT]\na = default\n[A]\na = own\nx = %(B/b)s %(B/a)s %(default/a)s\n[B]\nb = other"
    )

    assert configuration.get("A", "x") == "other default default"


def test_a_section_knows_its_name() -> None:
    """``%(__name__)s`` is the section that is asked, also from DEFAULT."""
    assert merge("[DEFAULT]\na = <%(__name__)s>\n[sshd]").get("sshd", "a") == "<sshd>"


def test_a_conditional_section_is_folded_into_its_name() -> None:
    """The condition goes to each option's name."""
    configuration = merge("[Init]\na = 1\n[Init?family=inet6]\na = 2")

    assert configuration.sections["Init"] == {"a": "1", "a?family=inet6": "2"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("%(b)s", r"refers to %\(b\)s, which does not exist"),
        ("%(known/b)s", "does not exist"),
        ("%(a)s", "more than 10 times deep"),
        ("100%", "write %% for a percent sign"),
        ("%d", "holds %d: write %%"),
    ],
)
def test_what_cannot_be_interpolated_is_refused(text: str, reason: str) -> None:
    """The error names the file and the option."""
    with pytest.raises(FilterError, match=reason) as caught:
        merge(f"[A]\na = {text}").get("A", "a")

    assert (caught.value.file, caught.value.option) == ("some.conf", "a")

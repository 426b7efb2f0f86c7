from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban.commands.filter_choice import choose_filter, filter_dirs
from webfail2ban.errors import FilterError

Write = Callable[[str, str | bytes], Path]

FILTER = "[Definition]\nfailregex = ^failed from <ADDR><end>\nend = $\n"


@pytest.mark.parametrize(
    "text",
    [
        "^failed from <HOST>$",
        "failed from <ADDR>",
        "user <F-ID>.*</F-ID>",
        "^(?P<ip4>[0-9.]+) failed",
        "^[a-z]+[0-9]: <IP4>",
    ],
)
def test_a_tag_makes_a_failregex(text: str) -> None:
    """Nothing is looked up then."""
    assert choose_filter(text, ()).failregex == (text,)


def test_each_line_is_a_failregex() -> None:
    """As in a filter's file."""
    assert choose_filter("^a <HOST>\n\n^b <HOST>\n", ()).failregex == ("^a <HOST>", "^b <HOST>")


def test_a_name_is_looked_for_in_the_directories(write: Write, tmp_path: Path) -> None:
    """With its parameters, one of which may hold a tag."""
    write("app.conf", FILTER)

    assert choose_filter("app", [tmp_path]).failregex == ("^failed from <ADDR>$",)
    assert choose_filter("app[end=!]", [tmp_path]).failregex == ("^failed from <ADDR>!",)
    assert choose_filter('app[failregex="^<HOST>"]', [tmp_path]).failregex == ("^<HOST>",)


@pytest.mark.parametrize(
    "text", ["filters/app.conf", "./filters/app.conf", "filters/app", "filters/app[end=$]"]
)
def test_a_path_is_read_where_it_is(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Also without ./ in front, as people write it."""
    write("filters/app.conf", FILTER)
    monkeypatch.chdir(tmp_path)

    assert choose_filter(text, ()).failregex == ("^failed from <ADDR>$",)


def test_a_file_here_is_a_path(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ending tells."""
    write("app.conf", FILTER)
    monkeypatch.chdir(tmp_path)

    assert choose_filter("app.conf", ()).failregex == ("^failed from <ADDR>$",)


def test_a_path_may_hold_blanks(write: Write) -> None:
    """If it is there, it is meant."""
    path = write("my filters/app.conf", FILTER)

    assert choose_filter(str(path), ()).failregex == ("^failed from <ADDR>$",)


def test_an_expression_without_a_tag_is_told_what_it_lacks() -> None:
    """Rather than that there is no such filter."""
    with pytest.raises(FilterError, match="no filter's name, and no failregex without a tag"):
        choose_filter("^failed from .*$", ())


def test_a_missing_filter_is_told_where_it_was_looked_for(tmp_path: Path) -> None:
    """The folder is in the message."""
    with pytest.raises(FilterError, match=f"nope: no such filter in {tmp_path}"):
        choose_filter("nope", [tmp_path])


def test_own_directories_go_before_the_shipped_filters(tmp_path: Path) -> None:
    """And the shipped ones are there though the plugin isn't imported."""
    own, *others = filter_dirs([tmp_path])

    assert own == tmp_path
    assert any((folder / "sshd.conf").is_file() for folder in others)

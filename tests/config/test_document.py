import os
from pathlib import Path

import pytest

from webfail2ban.config import parse, read
from webfail2ban.config.document import MAX_BYTES
from webfail2ban.config.tree import plain
from webfail2ban.errors import ConfigurationError


def failure(data: bytes | str) -> str:
    """Return why a text can't be read."""
    with pytest.raises(ConfigurationError) as caught:
        parse(data, "config.yaml")
    return str(caught.value)


def test_a_file_is_read(tmp_path: Path) -> None:
    """Its own directory is where relative paths begin."""
    path = tmp_path / "config.yaml"
    path.write_text("plugins: [a, b]\nplugin_dirs: [mine, /theirs]\n")
    document = read(path)
    assert document.path == path
    assert document.plugins == ("a", "b")
    assert document.plugin_dirs == (tmp_path / "mine", Path("/theirs"))


def test_problems_name_the_file_as_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path itself is absolute all the same, for whoever changes directory."""
    (tmp_path / "config.yaml").write_text("plugins: 5")
    monkeypatch.chdir(tmp_path)
    document = read(Path("config.yaml"))
    assert document.path == tmp_path / "config.yaml"
    with pytest.raises(ConfigurationError, match=r"^config.yaml:1:10: plugins: must be a list"):
        _ = document.plugins


@pytest.mark.parametrize(
    "data", [b"", b"\n# nothing\n", b"~", b"---\n...\n", b"\xef\xbb\xbf", "\ufeff# nothing"]
)
def test_nothing_means_all_defaults(data: bytes | str) -> None:
    """An empty file is one that changes nothing."""
    document = parse(data)
    assert plain(document.root) == {}
    assert document.problems == ()
    assert document.plugins == ()
    assert document.plugin_dirs == ()


def test_a_byte_order_mark_is_no_text() -> None:
    """Windows' editors write one."""
    assert parse(b"\xef\xbb\xbfplugins: [a]").plugins == ("a",)


def test_line_ends_of_all_systems_are_read() -> None:
    """Windows' as well."""
    assert parse("plugins:\r\n- a\r\n- b\r\n").plugins == ("a", "b")


@pytest.mark.parametrize(
    ("text", "what"), [("- a", "a list"), ("just text", "'just text'"), ("5", "5")]
)
def test_a_document_is_made_of_sections(text: str, what: str) -> None:
    """What is none has nothing more to be said of it."""
    document = parse(text, "config.yaml")
    (problem,) = document.problems
    assert str(problem) == f"config.yaml:1:1: must be sections such as spoa:, not {what}"


def test_a_binary_file_says_where_it_stops_being_text() -> None:
    """The line and the byte."""
    assert failure(b"a: 1\nb: \xff\n") == (
        "config.yaml:2:4: is no text in UTF-8: there is a byte 0xff"
    )


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    """Somebody named a log, or /dev/zero."""
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ConfigurationError, match=f"is bigger than {MAX_BYTES} bytes"):
        read(path)


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path)
    assert str(caught.value) == f"{tmp_path}: can't be read: Is a directory"


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """By its permissions, or because it isn't there."""
    with pytest.raises(ConfigurationError, match="can't be read: No such file"):
        read(tmp_path / "gone")
    path = tmp_path / "locked"
    path.touch(mode=0)
    if os.access(path, os.R_OK):  # root may read everything
        return
    with pytest.raises(ConfigurationError, match="can't be read: Permission denied"):
        read(path)


def test_the_environment_says_what_to_load() -> None:
    """Over the file's head."""
    env = {"FAIL2BAN_PLUGINS": "[b]", "FAIL2BAN_PLUGIN_DIRS": "[/d]"}
    document = parse("plugins: [a]", env=env)
    assert document.plugins == ("b",)
    assert document.plugin_dirs == (Path("/d"),)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("a", "plugins: must be a list, not 'a'; a list is written [one, two]"),
        ("[a, 5]", "plugins[1]: must be text, not 5; put it in quotes"),
        ("[a b]", "plugins[0]: must be a plugin's name, such as syslog, not 'a b'"),
        ("[a, b, a]", "plugins: must not name a plugin twice: a"),
        ("[spoa]", "plugins: must not name the engine's own section spoa"),
    ],
)
def test_a_wrong_list_of_plugins_is_told_early(names: str, problem: str) -> None:
    """Without it nothing can be loaded."""
    with pytest.raises(ConfigurationError) as caught:
        _ = parse(f"plugins: {names}").plugins
    assert problem in str(caught.value)


def test_with_a_wrong_list_everything_else_that_is_known_is_told() -> None:
    """Doubles, variables and the engine's other sections."""
    document = parse(
        "spoa: {port: x}\nplugins: a\nlog: {}\nlog: {}\n", "f", {"FAIL2BAN_GRACE": "["}
    )
    with pytest.raises(ConfigurationError) as caught:
        _ = document.plugins
    assert [problem.where for problem in caught.value.problems] == [
        "f:1:14",
        "f:2:10",
        "f:4:1",
        "environment FAIL2BAN_GRACE",
    ]


def test_other_mistakes_do_not_keep_plugins_from_being_loaded() -> None:
    """They are told later, with those of the plugins' sections."""
    assert parse("plugins: [a]\nspoa: 5\nnonsense: 1").plugins == ("a",)

import json
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from webfail2ban.errors import PluginError
from webfail2ban.hosting import discovery
from webfail2ban.hosting.discovery import Candidate, discover

HOOK = "from webfail2ban import hookimpl\n\n@hookimpl\ndef opinion(query): return None\n"

WriteDropIn = Callable[[str, str], Candidate]


@pytest.fixture
def drop_in(tmp_path: Path) -> WriteDropIn:
    """Write a file of a drop-in directory and return what is found for it."""

    def write(name: str, text: str) -> Candidate:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        candidates, problems = discover([tmp_path])
        assert not problems
        return candidates[Path(name).parts[0].removesuffix(".py")][0]

    return write


def test_our_own_plugins_are_found_like_everybodys() -> None:
    """Through their entry points, each once, and without importing any."""
    candidates, _ = discover()
    assert {"whitelist", "jails", "syslog", "tail"} <= set(candidates)
    assert [len(candidates[name]) for name in ("whitelist", "jails")] == [1, 1]


def test_a_loose_file_is_a_plugin(drop_in: WriteDropIn) -> None:
    """The module itself, when its functions are hooks."""
    assert hasattr(drop_in("hello.py", HOOK).load(), "opinion")


def test_a_class_in_a_loose_file_is_a_plugin(drop_in: WriteDropIn) -> None:
    """When it alone has hooks."""
    text = HOOK.replace(
        "@hookimpl\ndef opinion(query)",
        "class Greeter:\n    @hookimpl\n    def opinion(self, query)",
    )
    assert getattr(drop_in("hello.py", text).load(), "__name__") == "Greeter"  # noqa: B009


def test_a_package_is_a_plugin(drop_in: WriteDropIn, tmp_path: Path) -> None:
    """Its own modules are imported relative to it."""
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "words.py").write_text("WORD = 'hello'\n")
    loaded = drop_in("hello/__init__.py", HOOK + "from .words import WORD\n").load()
    assert getattr(loaded, "WORD") == "hello"  # noqa: B009


def test_a_drop_in_does_not_shadow_the_standard_library(drop_in: WriteDropIn) -> None:
    """One called json.py is no json for others."""
    drop_in("json.py", HOOK).load()
    assert sys.modules["json"] is json


def test_hidden_and_private_files_are_no_plugins(tmp_path: Path) -> None:
    """Nor is anything that isn't Python."""
    for name in (".hidden.py", "_private.py", "notes.txt"):
        (tmp_path / name).write_text(HOOK)
    (tmp_path / "empty").mkdir()
    before, _ = discover()
    after, _ = discover([tmp_path])
    assert set(after) == set(before)


def test_a_directory_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """Its plugins would be lost without a word."""
    _, problems = discover([tmp_path / "missing"])
    assert problems == [f"plugin directory {tmp_path / 'missing'}: No such file or directory"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = (\n", "hello.py:1): SyntaxError: '(' was never closed"),
        ("\n\nimport no_such_module\n", "hello.py:3): ModuleNotFoundError: No module named"),
        ("import sys\nsys.exit(3)\n", "hello.py:2): it called sys.exit(3)"),
        ("\n1 / 0\n", "hello.py:2): ZeroDivisionError: division by zero"),
        ("x = 1\n", "hello.py): it has no hook; mark"),
    ],
)
def test_a_broken_drop_in_is_named_with_its_line(
    drop_in: WriteDropIn, text: str, complaint: str
) -> None:
    """The author looks there first."""
    with pytest.raises(PluginError) as error:
        drop_in("hello.py", text).load()
    assert complaint in str(error.value)


def test_two_classes_with_hooks_are_ambiguous(drop_in: WriteDropIn) -> None:
    """Nothing is guessed."""
    body = "    @hookimpl\n    def opinion(self, query): return None\n"
    text = f"from webfail2ban import hookimpl\nclass A:\n{body}class B:\n{body}"
    with pytest.raises(PluginError, match="several classes with hooks"):
        drop_in("hello.py", text).load()


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An optional plugin says what to install."""
    entry_point = EntryPoint("geo", "no_such_module:Geo [geoip]", discovery.GROUP)
    monkeypatch.setattr(discovery, "entry_points", lambda **_: [entry_point])
    candidates, _ = discover()
    with pytest.raises(PluginError, match=r"it needs: pip install 'webfail2ban\[geoip\]'"):
        candidates["geo"][0].load()


def test_nothing_is_written_beside_a_drop_in(
    drop_in: WriteDropIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be mounted read-only; bytecode of the same second and length would hide an edit."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for word in ("one", "two"):
        text = HOOK + f"from .words import WORD\nOWN = {word!r}\n"
        candidate = drop_in("hello/__init__.py", text)
        (tmp_path / "hello" / "words.py").write_text(f"WORD = {word!r}\n")
        loaded = vars(candidate.load())
        assert (loaded["OWN"], loaded["WORD"]) == (word, word)
    assert not [*tmp_path.rglob("__pycache__")]
    assert not sys.dont_write_bytecode


def test_a_drop_in_that_gets_broken_leaves_the_old_one_whole(
    drop_in: WriteDropIn, tmp_path: Path
) -> None:
    """What it imports later is still its own: a reload that fails changes nothing."""
    text = HOOK + "from . import words\ndef say():\n    from .words import WORD\n    return WORD\n"
    (tmp_path / "hello").mkdir()
    words = tmp_path / "hello" / "words.py"
    words.write_text("WORD = 'old'\n")
    old = vars(drop_in("hello/__init__.py", text).load())
    words.write_text("WORD = 'new'\n")
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        drop_in("hello/__init__.py", text + "1 / 0\n").load()
    assert old["say"]() == "old"


def test_a_missing_library_says_what_helps(drop_in: WriteDropIn) -> None:
    """Nothing beside the drop-in does."""
    with pytest.raises(PluginError, match="in a container by an image of your own"):
        drop_in("hello.py", "import no_such_module\n").load()


def test_a_module_of_its_own_that_is_missing_is_no_library(drop_in: WriteDropIn) -> None:
    """Nobody could install that."""
    with pytest.raises(PluginError) as error:
        drop_in("hello/__init__.py", "from .words import WORD\n").load()
    assert "image" not in str(error.value)

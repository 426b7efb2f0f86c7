"""What new-plugin writes; that it works is seen in tests/e2e/test_new_plugin.py."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.commands.conftest import Run
from webfail2ban.skeleton import make_class_name, write_package


def test_a_package_is_written(run: Run, tmp_path: Path) -> None:
    """Each file is named; the entry point leads to the class."""
    ran = run("new-plugin", "tor_exits")
    assert ran.exit_code == 0, ran.output
    package = tmp_path / "webfail2ban-tor-exits"
    files = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    assert files == {
        "README.md",
        "pyproject.toml",
        "tests/test_plugin.py",
        "webfail2ban_tor_exits/__init__.py",
        "webfail2ban_tor_exits/py.typed",
        "webfail2ban_tor_exits/settings.py",
    }
    assert set(ran.stdout.split()) == {f"webfail2ban-tor-exits/{file}" for file in files}
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["webfail2ban"] == {"tor_exits": "webfail2ban_tor_exits:TorExits"}


@pytest.mark.parametrize("name", ["Tor", "tor-exits", "1tor", "_tor", "tor__exits", "../x", "tör"])
def test_what_is_no_name_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    """Before anything is written."""
    ran = run("new-plugin", name)
    assert ran.exit_code == 2
    assert "such as tor_exits" in ran.output
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(("name", "complaint"), [("store", "own section"), ("jails", "already")])
def test_a_name_that_is_taken_is_refused(run: Run, name: str, complaint: str) -> None:
    """By the engine, and by a plugin."""
    ran = run("new-plugin", name)
    assert ran.exit_code == 2
    assert complaint in ran.output


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    """Neither into a folder that isn't empty, nor in a file's place."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work").touch()
    for place in ("mine", "mine/work"):
        ran = run("new-plugin", "tor", "--dir", place)
        assert ran.exit_code == 1
        assert "there is something already" in str(ran.exception)


@pytest.mark.parametrize("name", ["opinion", "true", "network_map", "settings", "x", "a1_b2"])
def test_whatever_the_name_the_code_is_python(tmp_path: Path, name: str) -> None:
    """No class hides what it needs, and no template's word is left over."""
    for path in write_package(name, tmp_path / name):
        text = path.read_text()
        assert "$" not in text.replace("$ ", "")
        if path.suffix == ".py":
            ast.parse(text)
    assert make_class_name(name) not in {"Opinion", "True", "NetworkMap", "Settings"}

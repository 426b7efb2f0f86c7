import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.serving import ApiServing
from tests.commands.steering.conftest import Run
from tests.terminal import read_terminal


def shown_on_a_terminal(directory: Path, *args: str, columns: int = 60, **env: str) -> str:
    """Run a command whose output is a terminal, and return what arrives there."""
    ours, theirs = pty.openpty()
    base = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [sys.executable, "-m", "webfail2ban", *args],
        cwd=directory,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=base | {"TERM": "xterm", "COLUMNS": str(columns)} | env,
        check=False,
    )
    os.close(theirs)
    return read_terminal(ours)


@pytest.fixture
def banned(run: Run, serving: ApiServing) -> ApiServing:
    """An engine with a ban of a long reason."""
    run("ban", "192.0.2.66", "--for", "permanent", "--reason", "guesses " * 30)
    return serving


@pytest.mark.usefixtures("banned")
def test_a_table_fits_the_terminal(tmp_path: Path) -> None:
    """What is long is cut, and each ban is one line."""
    shown = shown_on_a_terminal(tmp_path, "bans")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 60
    assert lines[1].startswith("192.0.2.66 ")
    assert "never" in lines[1]
    assert lines[1].endswith("…")


@pytest.mark.usefixtures("serving")
def test_an_export_cannot_steer_the_terminal(tmp_path: Path, run: Run) -> None:
    """A file gets it as it is."""
    run("ban", "192.0.2.66", "--reason", "a\x9b2Jb")
    shown = shown_on_a_terminal(tmp_path, "export")
    assert "a#2332Jb" in shown
    assert shown.count("\n") == 1
    assert "\x9b" in run("export").out


@pytest.mark.usefixtures("banned")
def test_colours_are_for_terminals_only(tmp_path: Path, run: Run) -> None:
    """And NO_COLOR is heeded there, as https://no-color.org asks for."""
    assert "\x1b[31mis banned\x1b[0m" in shown_on_a_terminal(tmp_path, "check", "192.0.2.66")
    assert "\x1b" not in shown_on_a_terminal(tmp_path, "check", "192.0.2.66", NO_COLOR="1")
    assert "\x1b" not in run("check", "192.0.2.66").out

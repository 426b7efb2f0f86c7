import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webfail2ban.cli import webfail2ban

#: Runs a command in this process.
Run = Callable[..., Result]

#: Runs a command in a process of its own.
Process = Callable[..., "subprocess.CompletedProcess[str]"]

#: Writes a file below the test's folder.
Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, in the test's folder."""
    monkeypatch.chdir(tmp_path)

    def run_command(*args: str | Path, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(webfail2ban, list(map(str, args)), input=stdin)

    return run_command


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Run a command as a user does, in the test's folder."""

    def run_process(*args: str | Path, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "webfail2ban", *map(str, args)]
        return subprocess.run(
            command, cwd=tmp_path, input=stdin, capture_output=True, text=True, check=False
        )

    return run_process


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file below the test's folder."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file

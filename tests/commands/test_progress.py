import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban.commands import progress as module
from webfail2ban.commands.logfiles import find_logs
from webfail2ban.commands.progress import progress

Write = Callable[[str, str | bytes], Path]
Show = Callable[..., str]


class Screen(io.StringIO):
    """Says whether it is a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Read logs, of which few bytes are many, and return what standard error shows."""
    monkeypatch.setattr(module, "LONG", 10)

    def read(*names: str | Path, hidden: bool = False, terminal: bool = True) -> str:
        screen = Screen(terminal=terminal)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", screen)
            logs = find_logs(list(map(str, names)))
            with progress(logs, hidden=hidden) as advance:
                for log in logs:
                    for block in log.blocks():
                        advance(block.size)
        return screen.getvalue()

    return read


def test_a_long_log_has_a_bar(show: Show, write: Write) -> None:
    """It goes to the end."""
    assert "100%" in show(write("a.log", "line\n" * 10), write("b.log", "line\n" * 10))


def test_a_short_log_has_none(show: Show, write: Write) -> None:
    """It is read before anybody sees it."""
    assert show(write("a.log", "line\n")) == ""


def test_a_hidden_bar_is_none(show: Show, write: Write) -> None:
    """Where lines are printed to the same terminal."""
    assert show(write("a.log", "line\n" * 10), hidden=True) == ""


def test_what_has_no_size_has_no_bar(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe's end shows when it comes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"line\n" * 10)))

    assert show("-") == ""


def test_no_terminal_no_bar(show: Show, write: Write) -> None:
    """A job's log isn't filled with it."""
    assert show(write("a.log", "line\n" * 10), terminal=False) == ""

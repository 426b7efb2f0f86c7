"""Processes that a test starts: each with a log, each ended by its own process id."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.e2e.waiting import PATIENCE, wait_until

#: Those that run, or ended in the test that runs: a failed test shows what they said.
RUNNING: list["Running"] = []


class Running:
    """A process.

    Args:
        name: Names it in messages.
        command: The program and its arguments.
        log: The file that takes its standard output and error.
        env: Its environment; None for ours.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._log = log
        self._last_words: str | None = None
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env
            )
        RUNNING.append(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll()

    @property
    def said(self) -> str:
        """What it has written so far; its log may be gone with the test's directory."""
        if self._last_words is not None:
            return self._last_words
        return self._log.read_text("utf-8", "replace")

    def wait_for(self, ready: str) -> None:
        """Wait until it has written a text.

        Raises:
            RuntimeError: it ended instead.
        """

        def look() -> bool:
            if self.status is not None:
                raise RuntimeError(f"{self.name} ended with {self.status}; it said:\n{self.said}")
            return ready in self.said

        wait_until(look, f"{self.name} says {ready!r}")

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def children(self) -> list[int]:
        """Return the process ids of its children."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]

    def stop(self) -> int:
        """Ask it to end, kill it if it doesn't; return its exit status."""
        if self.status is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._last_words = self.said


def is_running(pid: int) -> bool:
    """Whether there is a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

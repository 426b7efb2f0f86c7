"""The real program with a configuration that changes, and those who send it lines meanwhile."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from tests.waiting import PATIENCE, is_running, wait_until
from webfail2ban.testing import SpopClient

LOOPBACK = "127.0.0.1"

#: Says that an address failed, for the jail `app`.
FAILED = "app: number {} from {}"

#: Writes each failure that it is told into a file, and goes on counting after a reload.
LEDGER = """
from pathlib import Path
from webfail2ban import Settings, hookimpl

class LedgerSettings(Settings):
    path: Path

class Ledger:
    Settings = LedgerSettings

    def __init__(self):
        self.count = 0

    @hookimpl
    def configure(self, settings):
        self.path = settings.path

    @hookimpl
    def take_over(self, predecessor):
        self.count = predecessor.count

    @hookimpl
    def count_failures(self, failures):
        with self.path.open("a") as file:
            for failure in failures:
                self.count += 1
                file.write(f"{self.count} {failure.lines[0].rpartition('app: ')[2]}\\n")
"""

#: A jail whose lines come by syslog and from files, and never ban.
APP = {
    "failregex": [r"^.*\bapp: number \S+ from <HOST>$"],
    "ignoreself": False,
    "maxretry": 1_000_000,
    "maxmatches": 1,
    "bantime": "1h",
    "lint": False,
}


class Program:
    """The program.

    Args:
        directory: Takes its configuration, plugins, state and logs.

    Attributes:
        settings: What the configuration says; `write` has the file say so.
        process: The engine.
        file: The log that it follows.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "app.log"
        self.file.touch()
        self.plugins = directory / "plugins"
        self.plugins.mkdir()
        (self.plugins / "ledger.py").write_text(LEDGER)
        self._ledger = directory / "ledger"
        self._ledger.touch()
        self.settings: dict[str, Any] = {
            "plugins": ["whitelist", "jails", "syslog", "tail", "ledger"],
            "plugin_dirs": [str(self.plugins)],
            "grace": "5s",
            "store": {"path": str(directory / "store.sqlite3")},
            "api": {"socket": None},
            "spoa": {"address": LOOPBACK, "port": 0},
            "syslog": {"address": f"{LOOPBACK}:0", "protocols": ["udp", "tcp"]},
            "tail": {"files": [str(self.file)], "start": "beginning"},
            "jails": {"app": dict(APP)},
            "ledger": {"path": str(self._ledger)},
        }
        self.configuration = directory / "config.yaml"
        self._log = directory / "log"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.write()
        env = {name: value for name, value in os.environ.items() if not name.startswith("FAIL2BAN")}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webfail2ban", "run", "--config", str(self.configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
            )
        self.says("ready: ")

    def write(self) -> None:
        """Have the file say what the settings are."""
        self.configuration.write_text(json.dumps(self.settings, indent=1))  # JSON is YAML

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")

    def says(self, text: str, times: int = 1) -> None:
        """Wait until it has said something so often."""

        def look() -> bool:
            assert self.process.poll() is None, self.said
            return self.said.count(text) >= times

        wait_until(look, f"{text}; it said:\n{self.said}")

    def hang_up(self) -> None:
        """Ask for a reload, without waiting for it."""
        self.process.send_signal(signal.SIGHUP)

    def reload(self) -> str:
        """Have the file say what the settings are, load it; return what was said meanwhile."""
        self.write()
        return self.reload_as_it_is()

    def reload_as_it_is(self) -> str:
        """Load the file as it is; return what was said meanwhile."""
        before = self.said
        times = before.count(" s\n") and before.count("; took ")
        self.hang_up()
        self.says("; took ", times + 1)
        return self.said[len(before) :]

    def client(self) -> SpopClient:
        """Connect as HAProxy does."""
        port = self.said.partition("answers HAProxy on ")[2].partition(";")[0].rpartition(":")[2]
        return SpopClient((LOOPBACK, int(port)))

    def is_banned(self, address: str) -> bool:
        with self.client() as client:
            return client.check(address)["banned"] == 1

    def port(self, protocol: str) -> int:
        """Where it receives syslog."""
        receiving = f"receiving syslog on {protocol} {LOOPBACK}:"
        return int(self.said.partition(receiving)[2].split()[0])

    def fail(self, address: str, number: object = 0) -> None:
        """Write a line into the log that it follows."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.file.open("a") as file:
            file.write(f"{now} host {FAILED.format(number, address)}\n")

    def rotate(self) -> None:
        """Rename the log as logrotate does, the older ones first."""
        old = [self.file, *(Path(f"{self.file}.{age}") for age in range(1, 20))]
        for path, older in reversed([*pairwise(old)]):
            if path.exists():
                path.rename(older)

    def send(self, line: str) -> None:
        """Send a line by UDP."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(f"<13>{line}".encode(), (LOOPBACK, self.port("udp")))

    def counted(self) -> Counter[str]:
        """Return the lines that were counted, and how often each was."""
        return Counter(line.partition(" ")[2] for line in self.ledger())

    def ledger(self) -> list[str]:
        """Return the lines that were counted, each behind its number."""
        return self._ledger.read_text().splitlines()

    def sensors(self) -> list[int]:
        """Return the process ids of its children."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]

    def stop(self) -> int:
        """End it, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def clean_up(self) -> None:
        children = self.sensors() if self.process.poll() is None else []
        self.process.kill()
        self.process.wait()
        for pid in children:
            wait_until(lambda pid=pid: not is_running(pid), "the sensor ends")  # type: ignore[misc]


class Repeated:
    """Does something again and again in a thread, until the context ends.

    Args:
        act: Is given the number of the time.
        pause: Seconds between two times.

    Attributes:
        times: How often it was done.
    """

    def __init__(self, act: Callable[[int], object], pause: float) -> None:
        self._act = act
        self._pause = pause
        self._end = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self.times = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while not self._end.wait(self._pause):
                self._act(self.times)
                self.times += 1
        except BaseException as error:  # noqa: BLE001 - the test sees it
            self._error = error

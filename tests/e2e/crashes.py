"""A program that is killed again and again while it works, and what must be true all the same."""

import json
import os
import random
import re
import signal
import socket
import sqlite3
import sys
import threading
import time
from contextlib import closing
from datetime import datetime
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path

from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.processes import Running
from tests.e2e.waiting import wait_until
from tests.waiting import is_running
from webfail2ban.testing import SpopClient

#: A plugin that keeps how often it was told of each line. Each line has a number.
TALLY = """
import re
from collections import Counter
from webfail2ban import hookimpl
from webfail2ban_tail.loop import Loop

# Five seconds otherwise, for each of which it may be killed: it would never come to the next file.
Loop.__init__.__kwdefaults__["linger"] = 0.2

NUMBER = re.compile(r" n=(\\d+) ")

class Tally:
    @hookimpl
    def start_engine(self, engine):
        self.engine = engine
        self.seen = Counter({key: int(times) for key, times in engine.kept()})

    @hookimpl
    def count_failures(self, failures):
        for failure in failures:
            number = NUMBER.search(failure.lines[-1])[1]
            self.seen[number] += 1
            self.engine.keep(number, str(self.seen[number]))
"""

#: As the engine logs it.
BAN = re.compile(r" ban (\S+) \[")

#: Failures that ban in the followed log's jail.
MAXRETRY = 3

#: Seconds after which a ban that was reported must outlive a sudden end.
LASTING = 1.0

#: Seconds that a start may take on a machine that others use, too.
START = 60.0

#: How many of the lives end within their first second, and seconds that the others last at most.
STILLBORN = 0.15
LIFE = 1.8

#: Clients that fail at once, seconds to the next ones, and after how many times on average the
#: log is rotated.
CLIENTS = 3
TICK = 0.02
ROTATION = 150

#: Logs that are kept, the present one among them: none is ever deleted.
GENERATIONS = 100


class Victim:
    """A program in a directory of its own, with logs that grow and are rotated all the while.

    Args:
        directory: Takes everything.
        seed: Of all that is random.

    Attributes:
        followed: The numbers of the lines that were written into the followed log.
        failed: How often each client failed there.
        lasting: The addresses whose bans must never be forgotten.
        kills: How often it was killed.
    """

    def __init__(self, directory: Path, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - chooses moments, not keys
        self._directory = directory
        self._log = directory / "mail.log"
        self._log.touch()
        self._said = directory / "said"
        self._said.touch()
        self._begun = 0  # where the last one began to speak
        self._syslog = (LOOPBACK, free_port(socket.SOCK_DGRAM))
        self._socket = directory / "spoa.sock"
        self._configuration = directory / "config.yaml"
        self._database = directory / "state" / "store.sqlite3"
        self._running: Running | None = None
        self._sizes: list[tuple[float, int]] = []  # of what was said, by time
        self._numbers = 0
        self._clients = 0
        self._stopped = threading.Event()
        self._writer = threading.Thread(target=self._write_forever)
        self.followed: set[str] = set()
        self.failed: dict[str, int] = {}
        self.lasting: set[str] = set()
        self.kills = 0
        self._configure()

    def _configure(self) -> None:
        plugins = self._directory / "plugins"
        plugins.mkdir()
        (plugins / "tally.py").write_text(TALLY, "utf-8")
        limits = {"ignoreself": False, "lint": False, "findtime": "1h", "bantime": "1d"}
        document = {
            "plugins": ["jails", "tail", "syslog", "tally"],
            "plugin_dirs": [str(plugins)],
            "spoa": {"address": str(self._socket)},
            "api": {"socket": "none"},
            "store": {"path": str(self._database)},
            "syslog": {"address": "{}:{}".format(*self._syslog)},
            "tail": {"files": [str(self._log)], "start": "beginning"},
            "filter": {"line_timeout": "1m"},  # a machine that others use may stand still
            "jails": {
                "DEFAULT": limits,
                "followed": {
                    "failregex": [r"^\s*web failed n=\d+ from <HOST>$"],
                    "maxretry": MAXRETRY,
                },
                "heard": {"failregex": [r"^\S+ web: knocked n=\d+ from <HOST>$"], "maxretry": 1},
            },
        }
        self._configuration.write_text(json.dumps(document), "utf-8")  # JSON is YAML

    def begin(self) -> None:
        """Begin to write logs, once they are followed: what was rotated before is nobody's."""
        self.start()
        self.wait_for_ready()
        self._writer.start()
        wait_until(self.tally, "something is counted")

    def end(self) -> None:
        """Write no more."""
        self._stopped.set()
        if self._writer.is_alive():
            self._writer.join()

    def clean_up(self) -> None:
        """Leave nothing behind."""
        self.end()
        if self._running is not None:
            self._running.stop()

    def start(self) -> None:
        """Start the program."""
        self._begun = self._said.stat().st_size
        command: list[str | Path] = [sys.executable, "-m", "webfail2ban", "run"]
        env = {name: value for name, value in os.environ.items() if not name.startswith("FAIL2BAN")}
        self._running = Running(
            "victim", [*command, "--config", self._configuration], self._said, env
        )

    def live(self) -> None:
        """Let it live for a while, which may end before it is ready, and look at its verdicts."""
        if self._random.random() < STILLBORN:
            time.sleep(self._random.uniform(0.0, 1.0))
            return
        self.wait_for_ready()
        self.check_lasting()
        time.sleep(self._random.uniform(0.0, LIFE))

    def check_lasting(self) -> None:
        """Ask about everybody whose ban must be in force."""
        with SpopClient(str(self._socket)) as client:
            for address in self.lasting:
                assert client.check(address)["banned"] == 1, address

    def kill(self) -> None:
        """Kill it, and note which bans must be there when it comes again."""
        assert self._running is not None
        assert self._running.status is None, self._running.said
        children = self._running.children()
        self._running.signal(signal.SIGKILL)
        died_at = time.monotonic()
        self._running.stop()
        self.kills += 1
        for child in children:
            wait_until(lambda child=child: not is_running(child), "the sensor is gone")  # type: ignore[misc]
        size = max((size for at, size in self._sizes if at <= died_at - LASTING), default=0)
        self.lasting.update(BAN.findall(self._said.read_bytes()[self._begun : size].decode()))

    def wait_for_ready(self) -> None:
        """Wait until it answers."""

        def look() -> bool:
            assert self._running is not None
            said = self._said.read_bytes()[self._begun :]
            assert self._running.status is None, said.decode()
            return b" ready: " in said

        wait_until(look, "it is ready", START)

    def stop(self) -> None:
        """Stop it in order."""
        assert self._running is not None
        assert self._running.stop() == 0

    def settle(self) -> None:
        """Wait until it has counted all lines of the followed log, and kept that."""
        assert self._running is not None
        wait_until(lambda: self.find_uncounted() == set(), "all lines are counted", START)

    def find_uncounted(self) -> set[str]:
        """Return the numbers of the lines that nobody has counted yet."""
        return self.followed - self.tally().keys()

    def tally(self) -> dict[str, int]:
        """Return how often each line was counted, as it is kept."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT name, content FROM kept WHERE plugin = 'tally'")
            return {number: int(json.loads(content)[0]) for number, content in rows}

    def find_banned(self) -> set[str]:
        """Return those who failed in the followed log and are banned."""
        with SpopClient(str(self._socket)) as client:
            return {address for address in self.failed if client.check(address)["banned"]}

    def _write_forever(self) -> None:
        """Write to both logs; rotate the one that is followed, whether somebody reads or not."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self._stopped.wait(TICK):
                if self._random.randrange(ROTATION) == 0:
                    self._rotate()
                self._fail()
                line = f"<134>Nov 21 10:00:00 host web: knocked n={self._number()} from "
                sender.sendto(
                    f"{line}{self._client(IPv4Address('10.0.0.0'))}".encode(), self._syslog
                )
                self._sizes.append((time.monotonic(), self._said.stat().st_size))

    def _fail(self) -> None:
        """Write the failures of some clients to the followed log, mixed."""
        now = datetime.now().astimezone().isoformat()
        lines = []
        for _ in range(CLIENTS):
            client = self._client(IPv4Address("172.16.0.0"))
            self.failed[client] = failures = self._random.choice((MAXRETRY - 1, MAXRETRY))
            for _ in range(failures):
                number = self._number()
                self.followed.add(number)
                lines.append(f"{now} web failed n={number} from {client}\n")
        self._random.shuffle(lines)
        with self._log.open("a", encoding="utf-8") as log:
            log.writelines(lines)

    def _rotate(self) -> None:
        """Give the log the name of the last one, each of the others that of the one before."""
        names = [self._log, *(Path(f"{self._log}.{age}") for age in range(1, GENERATIONS))]
        for newer, older in reversed(list(pairwise(names))):
            if newer.exists():
                newer.rename(older)
        self._log.touch()

    def _number(self) -> str:
        self._numbers += 1
        return str(self._numbers)

    def _client(self, first: IPv4Address) -> str:
        self._clients += 1
        return str(first + self._clients)

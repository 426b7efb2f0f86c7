"""Two programs that follow a log and ban: webfail2ban, and Debian's fail2ban as a server.

Both get the same jails, with the filters of the same package, and nothing that they could do to the
machine: fail2ban's jails have no action. fail2ban is GPL, so it stays a program of its own, which
is started and asked as an administrator does it.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from bench.servers import ROOT, free_port, module
from bench.spending import settle

#: Where Debian's package is unpacked, and what does that.
PACKAGE = ROOT / ".cache" / "fail2ban"
FETCH = ROOT / "tests" / "tools" / "fetch_fail2ban.py"

#: The jails, each with the packaged filter of that name.
JAILS = ("sshd", "dovecot", "postfix", "nginx-http-auth")

MAXRETRY = 3

#: Longer than any run: what a slow program reads late counts as well, so that both ban the same.
FINDTIME = BANTIME = "1d"

_FILTERS = PACKAGE / "etc" / "fail2ban" / "filter.d"

_PATIENCE = 60.0  # seconds for a program to start

# What webfail2ban logs of a ban.
_BAN = re.compile(r"ban (?P<address>\S+) \[(?P<jail>[^]]+)\] ")

#: A ban: the jail, and the address as text.
Ban = tuple[str, str]


class Banner(Protocol):
    """A program that bans."""

    @property
    def name(self) -> str:
        """What the table calls it."""

    @property
    def process(self) -> int:
        """The process that was started."""

    def bans(self) -> set[Ban]:
        """Return whom it has banned."""


@dataclass(frozen=True, slots=True)
class WebFail2Ban:
    """webfail2ban with the plugins jails and tail. It logs each ban, which is how it is known."""

    process: int
    said: Path
    name: str = "webfail2ban"

    @classmethod
    @contextmanager
    def running(cls, log: Path, directory: Path) -> Iterator[Self]:
        """Follow a log while the context lasts."""
        config, said = directory / "config.yaml", directory / "webfail2ban.log"
        jails = {jail: {"filter": str(_FILTERS / f"{jail}.conf"), "usedns": "no"} for jail in JAILS}
        limits = {"maxretry": MAXRETRY, "findtime": FINDTIME, "bantime": BANTIME}
        document = {
            "plugins": ["jails", "tail"],
            "store": {"path": str(directory / "store.sqlite3")},
            "api": {"socket": "none"},
            "log": {"level": "info", "format": "json"},
            "spoa": {"address": "127.0.0.1", "port": free_port()},
            "verdict": {"ipv6_prefix": 128},  # fail2ban counts single addresses
            "tail": {"files": [str(log)]},
            "jails": {"DEFAULT": limits, **jails},
        }
        config.write_text(json.dumps(document), "utf-8")  # JSON is YAML
        with _running(module("webfail2ban", "run", "--config", config), said) as process:
            _wait_until(lambda: "ready" in said.read_text("utf-8"), process, said)
            settle(process.pid)
            yield cls(process.pid, said)

    def bans(self) -> set[Ban]:
        """Return whom it has banned."""
        messages = (
            json.loads(line)["message"] for line in self.said.read_text("utf-8").splitlines()
        )
        return {(ban["jail"], ban["address"]) for ban in map(_BAN.match, messages) if ban}


@dataclass(frozen=True, slots=True)
class Fail2Ban:
    """fail2ban's server, which looks at the log again and again. It logs each ban as well."""

    process: int
    config: Path
    socket: Path
    name: str = "fail2ban"

    @classmethod
    @contextmanager
    def running(cls, log: Path, directory: Path) -> Iterator[Self]:
        """Follow a log while the context lasts."""
        config, said = directory / "fail2ban", directory / "fail2ban.out"
        socket = directory / "fail2ban.sock"
        _configure(config, log, socket, directory)
        command = _command("fail2ban-server", "-f", "-x", "-c", config, "-s", socket, "start")
        with _running(command, said, _environment()) as process:
            banner = cls(process.pid, config, socket)
            _wait_until(lambda: socket.exists() and banner.answers(), process, said)
            settle(process.pid)
            yield banner

    def answers(self) -> bool:
        """Whether it runs all jails."""
        status = self._ask("status", check=False)
        return all(jail in status for jail in JAILS)

    def bans(self) -> set[Ban]:
        """Return whom it has banned."""
        return {(jail, ip) for jail in JAILS for ip in self._ask("get", jail, "banip").split()}

    def _ask(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            _command("fail2ban-client", "-c", self.config, "-s", self.socket, *words),
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=check,
        )
        return done.stdout


def fetch_package() -> None:
    """Unpack Debian's package unless that is done."""
    if not _FILTERS.exists():
        subprocess.run([sys.executable, FETCH, PACKAGE], check=True)


def _configure(config: Path, log: Path, socket: Path, directory: Path) -> None:
    config.mkdir()
    (config / "action.d").mkdir()
    (config / "filter.d").symlink_to(_FILTERS)
    (config / "fail2ban.conf").write_text(
        "[Definition]\n"
        f"loglevel = NOTICE\nlogtarget = {directory / 'fail2ban.log'}\nsyslogsocket = auto\n"
        f"socket = {socket}\npidfile = {directory / 'fail2ban.pid'}\n"
        "dbfile = None\ndbmaxmatches = 10\ndbpurgeage = 1d\n",
        "utf-8",
    )
    jails = "".join(
        f"[{jail}]\nenabled = true\nfilter = {jail}\nlogpath = {log}\n" for jail in JAILS
    )
    (config / "jail.conf").write_text(
        "[DEFAULT]\n"
        f"maxretry = {MAXRETRY}\nfindtime = {FINDTIME}\nbantime = {BANTIME}\n"
        f"backend = polling\nusedns = no\nlogencoding = utf-8\naction =\n{jails}",
        "utf-8",
    )


def _command(program: str, *arguments: str | Path) -> list[str | Path]:
    return [sys.executable, PACKAGE / "usr" / "bin" / program, *arguments]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(PACKAGE / "usr/lib/python3/dist-packages")}


@contextmanager
def _running(
    command: list[str | Path], said: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the context lasts; what it says goes into a file."""
    with said.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_until(
    condition: Callable[[], bool], process: subprocess.Popen[bytes], said: Path
) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            words = said.read_text("utf-8", "replace")
            raise RuntimeError(f"{process.args!r} doesn't start; it said:\n{words}")
        time.sleep(0.1)

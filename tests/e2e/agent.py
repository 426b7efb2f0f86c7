"""webfail2ban as its users run it: `python -m webfail2ban run` with a configuration file."""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.processes import Running

#: The line that the mission gives as its test: five of them ban, as in fail2ban.
LOGIN_FAILED = "<134>Nov 21 10:00:00 hostname dovecot: auth failed, method=PLAIN, rip={}"

#: A line of which one is enough, for a ban of `BRIEF` seconds.
ATTACK = "<134>Nov 21 10:00:00 hostname webmail: attack from {}"
BRIEF = 2

#: Loopback addresses are clients here, so they count like any other.
JAILS = {
    "DEFAULT": {"ignoreself": False},
    "dovecot": {"filter": "dovecot"},
    "brief": {
        "failregex": [r"^\S+ webmail: attack from <HOST>$"],
        "maxretry": 1,
        "bantime": f"{BRIEF}s",
    },
}


class Agent:
    """The agent with its sensor, on ports of its own.

    Args:
        directory: Takes its configuration and logs.
        name: Names its files.
        python: Of which environment; None for ours.
        **settings: Sections that replace or join the usual ones.

    Attributes:
        where: Where it answers HAProxy, as HAProxy writes it.
        mail_log: The file that it follows.
    """

    def __init__(
        self,
        directory: Path,
        name: str = "agent",
        *,
        python: Path | None = None,
        **settings: Any,
    ) -> None:
        self._name = name
        self._python = python or Path(sys.executable)
        self._directory = directory
        self._starts = 0
        self._running: Running | None = None
        self._syslog = (LOOPBACK, free_port(socket.SOCK_DGRAM))
        self.mail_log = directory / f"{name}.mail.log"
        self.mail_log.touch()
        spoa = settings.pop("spoa", {"address": LOOPBACK, "port": free_port()})
        self.where = (
            f"unix@{spoa['address']}" if "port" not in spoa else f"{LOOPBACK}:{spoa['port']}"
        )
        configuration = {
            "plugins": ["whitelist", "jails", "syslog", "tail"],
            "grace": "5s",
            "spoa": spoa,
            "syslog": {"address": "{}:{}".format(*self._syslog)},
            "tail": {"files": [str(self.mail_log)]},
            "store": {"path": str(directory / f"{name}.sqlite3")},
            "api": {"socket": "none"},
            "jails": JAILS,
            **settings,
        }
        for plugin in {"syslog", "tail"} - set(configuration["plugins"]):
            del configuration[plugin]
        self._configuration = directory / f"{name}.yaml"
        self._configuration.write_text(json.dumps(configuration), "utf-8")  # JSON is YAML

    @property
    def process(self) -> Running:
        assert self._running is not None
        return self._running

    @property
    def sensor(self) -> int | None:
        """The sensor's process id; None between two."""
        return next(iter(self.process.children()), None)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self._starts += 1
        webfail2ban: list[str | Path] = [self._python, "-m", "webfail2ban"]
        command = [*webfail2ban, "run", "--config", self._configuration]
        log = self._directory / f"{self._name}.{self._starts}.log"
        env = {name: value for name, value in os.environ.items() if not name.startswith("FAIL2BAN")}
        self._running = Running(self._name, command, log, env)
        self._running.wait_for(" ready: ")

    def stop(self) -> int | None:
        """Stop it gracefully, if it was started; return its exit status."""
        return self._running.stop() if self._running is not None else None

    def hang(self) -> None:
        """Let it stand still, with its port open."""
        self.process.signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        self.process.signal(signal.SIGCONT)

    def hear(self, line: str) -> None:
        """Send it a line by syslog."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(line.encode(), self._syslog)

    def fail_logins(self, client: str, times: int = 6) -> None:
        """Send it the mission's line about a client, as often as the mission does."""
        for _ in range(times):
            self.hear(LOGIN_FAILED.format(client))

    def attack(self, client: str) -> None:
        """Send it the line that bans a client for `BRIEF` seconds."""
        self.hear(ATTACK.format(client))

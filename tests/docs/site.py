"""The machine that the pages speak of: an agent on the reference configuration, files, commands.

Pages name paths and ports of a real machine. Here they are in a folder, and on other ports: what a
block says is moved there before it is run, and what comes out is moved back before it is compared.
"""

import os
import re
import shlex
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.docs.pages import ROOT
from tests.docs.zygote import Zygote
from tests.e2e import shipped
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.processes import Running

#: Commands that a reader has and the machine of a test may not have, or that must be ours.
COMMANDS = {
    "webfail2ban": f'exec "{sys.executable}" -m webfail2ban "$@"',
    "python": f'exec "{sys.executable}" "$@"',
    "python3": f'exec "{sys.executable}" "$@"',
    "nc": 'exec cat >"/dev/udp/${@: -2:1}/${@: -1}"',
}

#: Seconds for any command.
PATIENCE = 120


#: Commands that need no shell, after the settings of their environment.
PLAIN = re.compile(r"(?P<settings>(?:\w+=\S+ )*)(?P<args>(?:webfail2ban|pytest) [^|&;<>$`*\n]*)")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did: its exit status, and what it printed."""

    status: int
    said: str


class Site:
    """Has everything that a page's reader has; the agent starts when it is first needed.

    Attributes:
        directory: Where all of it is.
    """

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._agent: Running | None = None
        self.directory = Path()

    def __enter__(self) -> Self:
        directory = tempfile.TemporaryDirectory(prefix="wf2b-")
        self.directory = Path(self._opened.enter_context(directory))
        self._ports = {"12345": free_port(), "5514": free_port(socket.SOCK_DGRAM)}
        self._moves = {
            f"{LOOPBACK}:12345": f"{LOOPBACK}:{self._ports['12345']}",
            f"{LOOPBACK}:5514": f"{LOOPBACK}:{self._ports['5514']}",
            f"{LOOPBACK} 5514": f"{LOOPBACK} {self._ports['5514']}",
            "/run/webfail2ban/api.sock": str(self.socket),
            "/var/lib/webfail2ban/": f"{self.directory}/state/",
            "/etc/webfail2ban/": f"{self.directory}/",
            "/etc/haproxy/": f"{self.directory}/haproxy/",
            "/etc/fail2ban": f"{self.directory}/fail2ban",
            "/var/lib/fail2ban/": f"{self.directory}/fail2ban/",
            "/var/log/": f"{self.directory}/logs/",
        }
        for folder in ("bin", "state", "logs", "haproxy", "plugins", "filter.d"):
            (self.directory / folder).mkdir()
        self._write_commands()
        self._write_configurations()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, error, traceback)

    @property
    def socket(self) -> Path:
        """Where the agent's API is."""
        return self.directory / "state" / "api.sock"

    def _write_commands(self) -> None:
        for name, script in COMMANDS.items():
            path = self.directory / "bin" / name
            path.write_text(f"#!/bin/bash\n{script}\n")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def _write_configurations(self) -> None:
        moves = {
            "  port: 12345\n": f"  port: {self._ports['12345']}\n",
            "  address: 127.0.0.1:5514\n": f"  address: 127.0.0.1:{self._ports['5514']}\n",
        }
        text = (ROOT / "config.yaml").read_text("utf-8")
        (self.directory / "config.yaml").write_text(shipped.move(text, moves), "utf-8")
        for path in (ROOT / "haproxy").glob("*.*"):
            if path.suffix in {".cfg", ".conf", ".lst"}:
                text = self.unprivileged(path.read_text("utf-8"))
                (self.directory / "haproxy" / path.name).write_text(text, "utf-8")

    def unprivileged(self, text: str, folder: Path | None = None) -> str:
        """Return what stands in /etc/haproxy for a folder, without what needs root."""
        for old, new in shipped.UNPRIVILEGED.items():
            text = text.replace(old, new)
        for place in ("/etc/haproxy/", "/run/haproxy/"):
            text = text.replace(place, f"{folder or self.directory / 'haproxy'}/")
        return self.moved(text)

    def start_agent(self) -> None:
        """Start the agent, if it doesn't run."""
        if self._agent is not None:
            return
        config = self.directory / "config.yaml"
        command: list[str | Path] = [sys.executable, "-m", "webfail2ban", "run", "--config", config]
        log = self.directory / "agent.log"
        self._agent = Running("agent", command, log, self.environment(self.directory))
        self._opened.callback(self._agent.stop)
        self._agent.wait_for(" ready: ")

    @property
    def agent_said(self) -> str:
        """What the agent has logged, with the pages' paths and ports."""
        return self.moved_back(self._agent.said) if self._agent else ""

    def forget(self) -> None:
        """Have the agent forget what earlier sections had banned."""
        if self._agent is not None:
            self.run("webfail2ban purge --yes", self.directory)

    def environment(self, folder: Path) -> dict[str, str]:
        """Return a command's environment: its folder's configuration counts, or the agent's."""
        env = {name: value for name, value in os.environ.items() if "FAIL2BAN" not in name}
        env["PATH"] = f"{self.directory / 'bin'}:{env['PATH']}:/usr/sbin"
        env |= {"COLUMNS": "200", "TZ": "UTC", "NO_COLOR": "1"}
        if not (folder / "config.yaml").exists():
            env["WEBFAIL2BAN_CONFIG"] = str(self.directory / "config.yaml")
        env["WEBFAIL2BAN_API"] = str(self.socket)
        return env

    def run(self, command: str, folder: Path) -> "Ran":
        """Run a shell's command; what it prints has the page's paths and ports."""
        moved = self.moved(command).replace(".venv/bin/", "")
        plain = PLAIN.fullmatch(moved)
        if plain:
            settings = dict(setting.split("=", 1) for setting in shlex.split(plain["settings"]))
            output = self.directory / "output"
            status = self._zygote.run(
                shlex.split(plain["args"]), folder, self.environment(folder) | settings, output
            )
            return Ran(status, self.moved_back(output.read_text("utf-8")))
        ran = subprocess.run(
            ["bash", "-c", moved],
            cwd=folder,
            env=self.environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return Ran(ran.returncode, self.moved_back(ran.stdout))

    @cached_property
    def _zygote(self) -> Zygote:
        zygote = Zygote()
        self._opened.callback(zygote.end)
        return zygote

    def moved(self, text: str) -> str:
        """Return a text with this site's paths and ports."""
        for there, here in self._moves.items():
            text = text.replace(there, here)
        return text

    def moved_back(self, text: str) -> str:
        """Return a text with the paths and ports of the pages."""
        # A place within another one comes first.
        for there, here in sorted(self._moves.items(), key=lambda move: -len(move[1])):
            text = text.replace(here, there)
        return text

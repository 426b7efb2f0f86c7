"""The service as systemd reads it, and the program as the service starts it.

No systemd runs here: its own tools read the files, and a socket hears what it would hear.
"""

import configparser
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.waiting import PATIENCE, wait_until
from webfail2ban.units import write_units

#: How exposed a service may be at most, from 0 to 10, as `systemd-analyze security` counts. What is
#: left are the network, sockets, chown within its own groups, and niceness.
EXPOSURE = 1.5

USER = "webfail2ban"


@pytest.fixture(scope="module")
def etc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, for a program that is there. Ours may be in a home directory."""
    root = tmp_path_factory.mktemp("root")
    program = root / "webfail2ban"
    program.symlink_to(Path(sysconfig.get_path("scripts")) / "webfail2ban")
    write_units(root / "etc", program, replace=False)
    return root / "etc"


@pytest.fixture(scope="module")
def unit(etc: Path) -> configparser.SectionProxy:
    """What the service's section says; of several lines of a name, the last."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(etc / "systemd" / "system" / "webfail2ban.service")
    return parser["Service"]


def run(*command: str | Path) -> str:
    """Run one of systemd's tools; return what it says."""
    ran = subprocess.run(
        command,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "notice", "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def test_systemd_finds_nothing_wrong(etc: Path) -> None:
    """No misspelt setting, no missing program."""
    service = etc / "systemd" / "system" / "webfail2ban.service"
    assert run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", service) == ""


def test_it_is_hardly_exposed(etc: Path) -> None:
    """As systemd counts."""
    service = etc / "systemd" / "system" / "webfail2ban.service"
    limit = f"--threshold={EXPOSURE * 10:.0f}"
    run("systemd-analyze", "security", "--offline=true", "--no-pager", limit, service)


def test_its_user_and_directories_are_made(etc: Path) -> None:
    """In a system that has neither; the user is played by us, so that it needs no root."""
    root = etc.parent
    us = pwd.getpwuid(os.getuid())
    (etc / "passwd").write_text(f"root:x:{us.pw_uid}:{us.pw_gid}::/root:/bin/sh\n")
    (etc / "group").write_text(f"root:x:{us.pw_gid}:\nadm:x:4:\n")
    run("systemd-sysusers", f"--root={root}")
    assert read_database(etc / "passwd")[USER][5:] == ["/var/lib/webfail2ban", "/usr/sbin/nologin"]
    groups = read_database(etc / "group")
    assert groups["adm"][3] == groups["systemd-journal"][3] == USER
    run("systemd-tmpfiles", f"--root={root}", "--create", "--prefix=/etc/webfail2ban")
    made = {path.name for path in (etc / "webfail2ban").iterdir()}
    assert made == {"filter.d", "plugins"}


def read_database(path: Path) -> dict[str, list[str]]:
    """Return a database's entries by their names."""
    return {line.split(":")[0]: line.split(":") for line in path.read_text().splitlines()}


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listens as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(PATIENCE)
        yield sock


def test_the_service_says_how_it_stands(
    unit: configparser.SectionProxy,
    manager: socket.socket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ready, alive, reloading by ExecReload, ready again, stopping; as Type=notify wants it."""
    assert unit["Type"] == "notify"
    agent = Agent(tmp_path, api={"socket": "api.sock"})
    monkeypatch.setenv("NOTIFY_SOCKET", str(manager.getsockname()))
    monkeypatch.setenv("WATCHDOG_USEC", f"{int(unit['WatchdogSec']) * 1_000_000}")
    agent.start()
    told = hear(manager, "WATCHDOG=1")
    assert told[0].startswith("READY=1\nSTATUS=answers HAProxy")
    _, *reload = shlex.split(unit["ExecReload"])
    config = ("--config", str(tmp_path / "agent.yaml"))
    run(sys.executable, "-m", "webfail2ban", *reload, *config)
    told = hear(manager, "READY=1\nSTATUS=the configuration was loaded anew")
    assert any(text.startswith("RELOADING=1\nMONOTONIC_USEC=") for text in told)
    agent.process.signal(signal.SIGTERM)
    assert hear(manager, "STOPPING=1")
    wait_until(lambda: agent.process.status is not None, "it has stopped")
    assert agent.stop() == 0


def hear(manager: socket.socket, last: str) -> list[str]:
    """Return what is told until something is."""
    told: list[str] = []
    while last not in told:
        told.append(manager.recv(4096).decode())
    return told

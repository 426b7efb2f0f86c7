"""What systemd hears, with a real socket in its place."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from webfail2ban.health.systemd import Systemd


class Manager:
    """Listens as systemd does."""

    def __init__(self, address: str) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(f"\0{address[1:]}" if address[0] == "@" else address)
        self.sock.settimeout(10)
        self.environment = {"NOTIFY_SOCKET": address}

    def hear(self) -> str:
        return self.sock.recv(4096).decode()


@pytest.fixture(params=["path", "path with an @", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    addresses = {
        "path": str(tmp_path / "notify"),
        "path with an @": str(tmp_path / "user@1000"),
        "abstract": f"@webfail2ban-test-{os.getpid()}",
    }
    manager = Manager(addresses[request.param])
    yield manager
    manager.sock.close()


def test_readiness_comes_with_a_line_for_people(manager: Manager) -> None:
    """One line: a newline would begin another assignment."""
    Systemd(manager.environment).ready("answers\nMAINPID=1")
    assert manager.hear() == "READY=1\nSTATUS=answers MAINPID=1"


def test_a_reload_says_when_it_began(manager: Manager) -> None:
    """Type=notify-reload wants the time (systemd 253)."""
    Systemd(manager.environment).reloading()
    first, second = manager.hear().splitlines()
    assert first == "RELOADING=1"
    name, _, when = second.partition("=")
    assert name == "MONOTONIC_USEC"
    assert int(when) > 0


def test_the_stop_is_told(manager: Manager) -> None:
    """So that it isn't taken for a crash."""
    Systemd(manager.environment).stopping()
    assert manager.hear() == "STOPPING=1"


def test_a_status_is_shown(manager: Manager) -> None:
    """In systemctl status."""
    Systemd(manager.environment).show("3 bans")
    assert manager.hear() == "STATUS=3 bans"


def test_signs_of_life_come_three_times_within_the_limit(manager: Manager) -> None:
    """A late one doesn't end the service."""
    systemd = Systemd({**manager.environment, "WATCHDOG_USEC": "30000000"})
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise EOFError

    with pytest.raises(EOFError):
        systemd.live(sleep)
    assert slept == [10.0, 10.0]
    assert [manager.hear(), manager.hear()] == ["WATCHDOG=1", "WATCHDOG=1"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"},
    ],
)
def test_no_signs_of_life_unless_this_process_is_asked_for_them(
    said: dict[str, str], manager: Manager
) -> None:
    """The limit may be meant for the process that started us."""
    assert Systemd({**manager.environment, **said}).pause is None


def test_without_systemd_nothing_is_said() -> None:
    """Nor when its socket is gone."""
    Systemd({}).ready("all well")
    Systemd({"NOTIFY_SOCKET": "/nowhere/notify"}).ready("all well")
    assert Systemd({"WATCHDOG_USEC": "30000000"}).pause is None


def test_children_do_not_inherit_it(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sensor mustn't speak for the engine."""
    monkeypatch.setenv("NOTIFY_SOCKET", manager.environment["NOTIFY_SOCKET"])
    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    systemd = Systemd.find()
    assert "NOTIFY_SOCKET" not in os.environ
    assert "WATCHDOG_USEC" not in os.environ
    assert systemd.pause == pytest.approx(1.0)

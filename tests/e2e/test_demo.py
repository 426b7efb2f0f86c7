"""`make demo`: the story is told as it happens, and nothing of it stays."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.e2e.ports import LOOPBACK
from tests.e2e.shipped import SHIPPED
from tests.e2e.waiting import wait_until

COMMAND: list[str | Path] = [sys.executable, SHIPPED / "demo.py"]


def is_listening(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, int(port))) == 0


def reader(terminal: int) -> Callable[[], str]:
    """Return a function that reads on, and returns all that the terminal has shown."""
    shown = bytearray()
    os.set_blocking(terminal, False)

    def read() -> str:
        try:
            while part := os.read(terminal, 4096):
                shown.extend(part)
        except (BlockingIOError, OSError):  # EIO: nobody has it open any longer
            pass
        return shown.decode()

    return read


def test_the_demo_goes_as_told() -> None:
    """The client gets 200, then 403, and 200 again when his ban is over; all is ended then."""
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    statuses = re.findall(r"from 192\.168\.1\.100 -> (\d+)", done.stdout)
    assert statuses == ["200", "403", "200"]
    assert "\033" not in done.stdout
    assert not any(map(is_listening, re.findall(r"on port (\d+)", done.stdout)))


def test_ctrl_c_ends_the_demo_and_all_that_it_started() -> None:
    """Interrupted in the middle it leaves no program behind; until then a terminal has colours."""
    terminal, theirs = os.openpty()
    with subprocess.Popen(COMMAND, stdout=theirs, stderr=theirs) as demo:
        os.close(theirs)
        read = reader(terminal)
        wait_until(lambda: "\033[31mGET / from 192.168.1.100 -> 403" in read(), "he is refused")
        ports = re.findall(r"on port (\d+)", read())
        assert any(map(is_listening, ports))
        demo.send_signal(signal.SIGINT)
        assert demo.wait() == 128 + signal.SIGINT
    os.close(terminal)
    assert not any(map(is_listening, ports))

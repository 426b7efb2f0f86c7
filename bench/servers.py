"""The servers side by side: how each is started, and what it is expected to answer."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

_PATIENCE = 30.0  # seconds for a server to listen


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Attributes:
        address: Where it listens: `host:port` or a path.
        clients: The file of clients and of the verdicts that are expected of it.
    """

    address: str
    clients: Path
    process: subprocess.Popen[bytes]


class Place:
    """Gives each server an address on loopback and a file for what it says."""

    def __init__(self, directory: Path, *, unix: bool) -> None:
        self.directory = directory
        self._unix = unix

    def address(self, name: str) -> str:
        """Return an address that nobody listens on: `127.0.0.1:port` or a path."""
        return str(self.directory / f"{name}.sock") if self._unix else f"127.0.0.1:{free_port()}"

    def log(self, name: str) -> Path:
        """Return where the server's standard output and error go."""
        return self.directory / f"{name}.log"


@contextmanager
def running(
    command: Sequence[str | Path], address: str, clients: Path, log: Path
) -> Iterator[Server]:
    """Run a server while the context lasts.

    Raises:
        RuntimeError: it ended or didn't listen in time; what it said is in the message.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        _wait_for(process, address, log)
        yield Server(address, clients, process)
    finally:
        process.terminate()
        process.wait()


def module(name: str, *arguments: str | Path) -> list[str | Path]:
    """Return the command that runs a module with this interpreter."""
    return [sys.executable, "-m", name, *arguments]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port of 127.0.0.1 that is free at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def use_two_cores() -> None:
    """Keep to two cores, this process and all that it starts."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def _wait_for(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _listens(address):
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text("utf-8", "replace")
            raise RuntimeError(f"{process.args!r} doesn't listen on {address}; it said:\n{said}")
        time.sleep(0.05)


def _listens(address: str) -> bool:
    if "/" in address:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(address) == 0
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET) as probe:
        return probe.connect_ex((host, int(port))) == 0

"""HAProxy's stats socket: what HAProxy thinks of its servers."""

import csv
import socket
from pathlib import Path

from tests.e2e.waiting import PATIENCE


class StatsSocket:
    """Sends commands.

    Args:
        path: The unix socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, command: str) -> str:
        """Return the answer to one command.

        Raises:
            OSError: nobody listens.
        """
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self._path))
            connection.sendall(f"{command}\n".encode("ascii"))
            answer = b""
            while part := connection.recv(65_536):
                answer += part
        return answer.decode()

    def server_status(self, backend: str, server: str) -> str:
        """Return a server's status: UP, DOWN, and so on (management.txt 9.1, field status)."""
        rows = csv.DictReader(self.ask("show stat").removeprefix("# ").splitlines())
        return next(
            row["status"] for row in rows if (row["pxname"], row["svname"]) == (backend, server)
        )

    def worker(self) -> int:
        """Return the process id of the worker that answers."""
        lines = self.ask("show info").splitlines()
        return next(int(line.partition(": ")[2]) for line in lines if line.startswith("Pid:"))

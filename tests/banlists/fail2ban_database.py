"""fail2ban's database as its own code writes it, in a process that has it open meanwhile."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

#: Runs with Debian's fail2ban: for each line, a mapping, it writes a ban and says so.
WRITER = """
import json
import sys

from fail2ban.server.database import Fail2BanDb
from fail2ban.server.ticket import FailTicket


class Jail:
    def __init__(self, name):
        self.name = name
        self.actions = self

    def getBanTime(self):
        return 600


database = Fail2BanDb(sys.argv[1])
for line in sys.stdin:
    said = json.loads(line)
    jail = Jail(said["jail"])
    database.addJail(jail)
    ticket = FailTicket(said["id"], said["since"], said["matches"])
    ticket.setAttempt(said["failures"])
    ticket.setBanTime(said["length"])
    ticket.setBanCount(said["count"])
    database.addBan(jail, ticket)
    print("written", flush=True)
"""


class Fail2BanDatabase:
    """A database with bans, written by fail2ban's own code.

    Args:
        tree: Where Debian's package is unpacked.
        path: The file.
    """

    def __init__(self, tree: Path, path: Path) -> None:
        self._tree = tree
        self.path = path

    def __enter__(self) -> Self:
        packages = next(self._tree.glob("usr/lib/python3*/dist-packages"))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WRITER, str(self.path)],
            env={**os.environ, "PYTHONPATH": str(packages)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def ban(self, **said: Any) -> None:
        """Write a ban."""
        usual = {"jail": "sshd", "length": 3600, "count": 1, "failures": 5, "matches": []}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**usual, **said}) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "written\n"

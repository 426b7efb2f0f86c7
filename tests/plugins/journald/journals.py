"""Real journal files, written by systemd's own program for journals of other machines."""

import itertools
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

#: It comes with Debian's package systemd-journal-remote: see tests/tools/install-journal.
WRITER = "/usr/lib/systemd/systemd-journal-remote"

#: What the kernel and systemd say of whoever logs, for sshd.
SSHD = {
    "_BOOT_ID": "0123456789abcdef0123456789abcdef",
    "_MACHINE_ID": "fedcba9876543210fedcba9876543210",
    "_TRANSPORT": "syslog",
    "_HOSTNAME": "mail",
    "_COMM": "sshd",
    "_PID": "4711",
    "_SYSTEMD_UNIT": "ssh.service",
    "SYSLOG_IDENTIFIER": "sshd",
    "SYSLOG_PID": "4711",
    "PRIORITY": "6",
}

#: Microseconds of a boot that pass with each entry.
_ticks = itertools.count(1_000_000, 1_000)


def serialize(
    message: str | bytes | None, at: float | None = None, **fields: str | bytes | None
) -> bytes:
    """Return an entry as systemd exports it.

    Args:
        message: Its message; None for none.
        at: When it was written; now unless given.
        **fields: What differs from sshd's; None takes a field out.
    """
    written = time.time() if at is None else at
    entry: dict[str, str | bytes | None] = {
        "__REALTIME_TIMESTAMP": str(round(written * 1_000_000)),
        "__MONOTONIC_TIMESTAMP": str(next(_ticks)),
        **SSHD,
        "MESSAGE": message,
        **fields,
    }
    return b"".join(_serialize(entry)) + b"\n"


def _serialize(entry: Mapping[str, str | bytes | None]) -> Iterator[bytes]:
    for name, value in entry.items():
        if isinstance(value, bytes) or (value is not None and "\n" in value):
            data = value if isinstance(value, bytes) else value.encode()
            yield b"%b\n%b%b\n" % (name.encode(), len(data).to_bytes(8, "little"), data)
        elif value is not None:
            yield f"{name}={value}\n".encode()


class Journal:
    """A directory of journal files.

    Args:
        directory: Where it is, or will be.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(exist_ok=True)
        self.directory = directory
        self.file = directory / "system.journal"
        self._rotations = itertools.count(1)

    def write(self, *entries: bytes) -> None:
        """Write entries, and wait until they are there."""
        subprocess.run(
            [WRITER, f"--output={self.file}", "-"],
            input=b"".join(entries),
            check=True,
            capture_output=True,
        )

    @contextmanager
    def writing(self) -> Iterator[IO[bytes]]:
        """Return what takes entries while others read them."""
        with subprocess.Popen(
            [WRITER, f"--output={self.file}", "-"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        ) as process:
            assert process.stdin is not None
            yield process.stdin
            process.stdin.close()

    def rotate(self) -> Path:
        """Give the file the name of an archived one, as journald does; return that."""
        number = next(self._rotations)
        archived = self.file.with_name(f"system@{number:032x}-{number:016x}-{number:016x}.journal")
        return self.file.rename(archived)

    def vacuum(self) -> None:
        """Delete all archived files, as journalctl does."""
        subprocess.run(
            ["journalctl", f"--directory={self.directory}", "--vacuum-files=1"],
            check=True,
            capture_output=True,
        )

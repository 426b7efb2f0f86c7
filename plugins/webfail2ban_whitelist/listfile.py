"""One file with addresses and networks, read again when it changes."""

import logging
from collections.abc import Callable, Sequence
from hashlib import blake2b
from io import BytesIO
from pathlib import Path

from webfail2ban import Network, parse_network

log = logging.getLogger(__name__)

#: Bad lines that are named one by one; whoever points us at the wrong file gets the number.
NAMED = 10

#: A whitelist of this many bytes isn't one.
MAX_SIZE = 64 * 1024 * 1024

#: Lines that are read before verdicts get their turn: about half a millisecond.
SLICE = 25

#: What tells one state of a file from the next.
Signature = tuple[int, int, int, int]

#: A line's number, and its word that means nothing.
BadLine = tuple[int, str]


class ListFile:
    """A file of networks.

    Args:
        path: The file.

    Attributes:
        networks: What was in it when it could be read last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.networks: tuple[Network, ...] = ()
        self._signature: Signature | None = None
        self._digest = b""
        self._trouble = ""

    def reread(self, pause: Callable[[], object] = lambda: None) -> bool:
        """Read the file if it has changed; return whether its text has.

        A file that is gone or unreadable keeps what was in force: better an old whitelist than
        none.

        Args:
            pause: Called between slices of work.
        """
        try:
            signature = _sign(self.path)
            if signature == self._signature:
                return False
            data = read_list(self.path)
        except OSError as error:
            self._complain(error.strerror or str(error))
            return False
        self._signature = signature
        self._trouble = ""
        before, self._digest = self._digest, blake2b(data).digest()
        if self._digest == before:
            return False
        self.networks, bad = parse_list(data, pause)
        self._name_bad_lines(bad)
        return True

    def _complain(self, trouble: str) -> None:
        """Say once that the file can't be read."""
        if trouble != self._trouble:
            kept = f"its last {len(self.networks)} entries stay in force" if self.networks else ""
            log.warning(
                "whitelist: %s can't be read: %s%s", self.path, trouble, kept and f"; {kept}"
            )
        self._trouble = trouble
        self._signature = None

    def _name_bad_lines(self, bad: Sequence[BadLine]) -> None:
        for number, word in bad[:NAMED]:
            log.warning(
                "whitelist: %s:%d: %.60r is no address and no network; the line is skipped",
                self.path,
                number,
                word,
            )
        if len(bad) > NAMED:
            log.warning("whitelist: %s: %d more bad lines", self.path, len(bad) - NAMED)


def read_list(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        OSError: it can't be read, or is too large to be a list.
    """
    _sign(path)
    return path.read_bytes()


def parse_list(
    data: bytes, pause: Callable[[], object] = lambda: None
) -> tuple[tuple[Network, ...], Sequence[BadLine]]:
    """Return the networks in a file's bytes, and the lines that hold something else.

    Args:
        data: The bytes.
        pause: Called between slices of work.
    """
    networks: list[Network] = []
    bad: list[BadLine] = []
    for number, line in enumerate(BytesIO(data), start=1):
        if number % SLICE == 0:
            pause()
        word = _first_word(line.decode(errors="replace"))
        if not word:
            continue
        try:
            networks.append(parse_network(word))
        except ValueError:
            bad.append((number, word))
    return tuple(networks), bad


def _sign(path: Path) -> Signature:
    status = path.stat()
    if status.st_size > MAX_SIZE:
        raise OSError(0, f"it has more than {MAX_SIZE} bytes")
    return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)


def _first_word(line: str) -> str:
    """Return the address of a line: HAProxy reads the first word and ignores what follows."""
    words = line.partition("#")[0].split()
    return words[0] if words else ""

"""One file with addresses and networks, read again when it changes."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from webfail2ban import Network, parse_network

log = logging.getLogger(__name__)

#: Bad lines that are named one by one; whoever points us at the wrong file gets the number.
NAMED = 10

#: A whitelist of this many bytes isn't one.
MAX_SIZE = 64 * 1024 * 1024

#: What tells one state of a file from the next.
Signature = tuple[int, int, int, int]


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
        self._trouble = ""

    def reread(self) -> bool:
        """Read the file if it has changed; return whether its networks have.

        A file that is gone or unreadable keeps what was in force: better an old whitelist than
        none.
        """
        try:
            signature = self._look()
            if signature == self._signature:
                return False
            text = self.path.read_bytes().decode(errors="replace")
        except OSError as error:
            self._complain(error.strerror or str(error))
            return False
        self._signature = signature
        self._trouble = ""
        before, self.networks = self.networks, tuple(self._parse(text))
        return self.networks != before

    def _look(self) -> Signature:
        status = self.path.stat()
        if status.st_size > MAX_SIZE:
            raise OSError(0, f"it has more than {MAX_SIZE} bytes")
        return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)

    def _complain(self, trouble: str) -> None:
        """Say once that the file can't be read."""
        if trouble != self._trouble:
            kept = f"its last {len(self.networks)} entries stay in force" if self.networks else ""
            log.warning(
                "whitelist: %s can't be read: %s%s", self.path, trouble, kept and f"; {kept}"
            )
        self._trouble = trouble
        self._signature = None

    def _parse(self, text: str) -> Iterator[Network]:
        bad: list[tuple[int, str]] = []
        for number, line in enumerate(text.split("\n"), start=1):
            word = _first_word(line)
            if not word:
                continue
            try:
                yield parse_network(word)
            except ValueError:
                bad.append((number, word))
        self._name_bad_lines(bad)

    def _name_bad_lines(self, bad: Iterable[tuple[int, str]]) -> None:
        bad = list(bad)
        for number, word in bad[:NAMED]:
            log.warning(
                "whitelist: %s:%d: %.60r is no address and no network; the line is skipped",
                self.path,
                number,
                word,
            )
        if len(bad) > NAMED:
            log.warning("whitelist: %s: %d more bad lines", self.path, len(bad) - NAMED)


def _first_word(line: str) -> str:
    """Return the address of a line: HAProxy reads the first word and ignores what follows."""
    words = line.partition("#")[0].split()
    return words[0] if words else ""

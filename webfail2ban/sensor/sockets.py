"""Sockets that outlive a sensor: what arrives between two of them waits in the kernel.

A plugin in the sensor keeps a socket under a name; the engine holds a duplicate, and gives it to
each further sensor. What the next one doesn't take is closed on both sides: nobody wants it there
any more.
"""

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gevent import socket

from webfail2ban.model import Json


class SocketName(NamedTuple):
    """Whose socket it is, and what its plugin calls it."""

    plugin: str
    name: str


class KeptSocket(NamedTuple):
    """A socket that the engine holds.

    Attributes:
        name: Whose it is.
        file: The file descriptor.
        note: What the plugin said of it.
    """

    name: SocketName
    file: int
    note: Json


class KeptSockets:
    """The engine's side: file descriptors, which nobody reads here."""

    def __init__(self) -> None:
        self._kept: dict[SocketName, KeptSocket] = {}

    def __iter__(self) -> Iterator[KeptSocket]:
        """Go through what is kept."""
        return iter(tuple(self._kept.values()))

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._kept)

    def keep(self, name: SocketName, file: int, note: Json) -> None:
        """Keep a socket, in place of the one of that name; the descriptor is ours now."""
        before = self._kept.pop(name, None)
        if before is not None:
            os.close(before.file)  # the same socket, or nobody's: its path is the new one's
        self._kept[name] = KeptSocket(name, file, note)

    def drop(self, name: SocketName) -> None:
        """Close a socket for good; the path of a unix socket that received goes with it."""
        kept = self._kept.pop(name, None)
        if kept is None:
            return
        with socket.socket(fileno=kept.file) as sock:
            path = _own_path(sock)
        if path is not None:
            with suppress(OSError):
                path.unlink()

    def close(self) -> None:
        """Close all for good."""
        for name in tuple(self._kept):
            self.drop(name)


class Inheritance:
    """The sensor's side: what an earlier one left."""

    def __init__(self) -> None:
        self._left: dict[SocketName, tuple[socket.socket, Json]] = {}

    def add(self, name: SocketName, file: int, note: Json) -> None:
        """Take what the engine held; the descriptor is ours now."""
        self._left[name] = (socket.socket(fileno=file), note)

    def notes(self, plugin: str) -> dict[str, Json]:
        """Return the names of what a plugin left and nobody took yet, each with its note."""
        return {name.name: note for name, (_, note) in self._left.items() if name.plugin == plugin}

    def take(self, plugin: str, name: str) -> socket.socket | None:
        """Return a socket, which is the caller's now; None if there is none."""
        sock, _ = self._left.pop(SocketName(plugin, name), (None, None))
        return sock

    def refuse(self) -> Collection[SocketName]:
        """Close what nobody took; return the names."""
        names = tuple(self._left)
        for sock, _ in self._left.values():
            sock.close()
        self._left.clear()
        return names


def _own_path(sock: socket.socket) -> Path | None:
    """Return the path of a unix socket that receives; None for others.

    What such a socket accepted has the same path, and is not meant.
    """
    if sock.family != socket.AF_UNIX:
        return None
    accepts = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if sock.type == socket.SOCK_STREAM and not accepts:
        return None
    path = sock.getsockname()
    if not isinstance(path, str) or not path:  # bytes are abstract, without a path
        return None
    found = Path(path)
    return found if found.exists() and stat.S_ISSOCK(found.lstat().st_mode) else None

"""Messages between engine and sensor: one JSON object a line, over a socket pair.

JSON, because a failure is a handful of short texts and numbers, and because nothing that the
sensor sends can then be more than data to the engine.
"""

import json
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from gevent.lock import RLock
from gevent.socket import socket

from webfail2ban.model import Failure

Message = Mapping[str, Any]

#: Bytes read at once.
CHUNK = 65536


class Channel:
    """One end of the socket pair.

    Args:
        sock: A connected gevent socket; the channel closes it.
    """

    def __init__(self, sock: socket) -> None:
        self._sock = sock
        self._sending = RLock()

    def send(self, message: Message) -> None:
        """Send a message; waits while the other end is busy.

        Raises:
            OSError: the other end is gone.
        """
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        with self._sending:
            self._sock.sendall(line)

    def receive(self) -> Iterator[Message]:
        """Yield messages until the other end closes or breaks.

        A line that is cut off by the end of the other process is dropped.
        """
        pending = bytearray()
        while chunk := self._receive_chunk():
            pending += chunk
            if b"\n" not in chunk:
                continue
            *lines, rest = bytes(pending).split(b"\n")
            pending = bytearray(rest)
            for line in lines:
                yield json.loads(line)

    def _receive_chunk(self) -> bytes:
        try:
            return bytes(self._sock.recv(CHUNK))
        except OSError:
            return b""

    def close(self) -> None:
        """Close this end; the other end sees the end of the stream."""
        self._sock.close()


def pack_failure(failure: Failure) -> list[Any]:
    """Return a failure as JSON values."""
    return [
        failure.jail,
        str(failure.address),
        failure.time,
        failure.weight,
        failure.lines,
        dict(failure.fields),
    ]


def unpack_failure(values: list[Any]) -> Failure:
    """Return the failure that `pack_failure` packed."""
    jail, address, time, weight, lines, fields = values
    return Failure(jail, ip_address(address), time, weight, tuple(lines), fields)

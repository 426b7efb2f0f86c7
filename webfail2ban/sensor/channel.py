"""Messages between engine and sensor: one JSON object a line, over a socket pair.

JSON, because a failure is a handful of short texts and numbers, and because nothing that the
sensor sends can then be more than data to the engine.
"""

import json
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from gevent.lock import RLock
from gevent.socket import socket

from webfail2ban.model import Failure

Message = Mapping[str, Any]

#: Bytes read at once.
CHUNK = 65536

#: Bytes of one message: a batch of failures with long lines has a few million.
LONGEST_MESSAGE = 1 << 26


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
        self.send_json(dump(message))

    def send_json(self, text: str) -> None:
        """Send a message that is JSON already, without newlines.

        Raises:
            OSError: the other end is gone.
        """
        line = text.encode() + b"\n"
        with self._sending:
            self._sock.sendall(line)

    def receive(self) -> Iterator[Message]:
        """Yield messages until the other end closes or breaks.

        A line that is cut off by the end of the other process is dropped.

        Raises:
            ValueError: the other end sends something else.
        """
        pending = bytearray()
        while chunk := self._receive_chunk():
            pending += chunk
            if b"\n" not in chunk:
                if len(pending) > LONGEST_MESSAGE:
                    raise ValueError(f"a message of more than {LONGEST_MESSAGE} bytes")
                continue
            *lines, rest = bytes(pending).split(b"\n")
            pending = bytearray(rest)
            for line in lines:
                yield _load(line)

    def _receive_chunk(self) -> bytes:
        try:
            return bytes(self._sock.recv(CHUNK))
        except OSError:
            return b""

    def close(self) -> None:
        """Close this end; the other end sees the end of the stream."""
        self._sock.close()


def dump(value: Any) -> str:
    """Write JSON in one line.

    Raises:
        TypeError: it holds something that JSON doesn't know.
        ValueError: it holds itself.
    """
    return json.dumps(value, separators=(",", ":"))


def _load(line: bytes) -> Message:
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"a message that is no object but {line[:40]!r}")  # noqa: TRY004 - bad data
    return message


def pack_failure(failure: Failure) -> list[Any]:
    """Return a failure as JSON values.

    Raises:
        TypeError: it is none: a plugin's mistake, found where the plugin can be named.
    """
    if not isinstance(failure, Failure):
        raise TypeError(f"{failure!r:.100} is no Failure")
    if not isinstance(failure.address, IPv4Address | IPv6Address):
        raise TypeError(f"a failure's address is no address but {failure.address!r:.100}")
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

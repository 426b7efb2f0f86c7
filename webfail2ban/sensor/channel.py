"""Messages between engine and sensor: one JSON object a line, over a socket pair.

JSON, because a failure is a handful of short texts and numbers, and because nothing that the
sensor sends can then be more than data to the engine.

A message may carry an open file (unix(7): SCM_RIGHTS). It travels with the first byte of its
message and arrives no later than that; whoever takes the message takes the file (`take_file`).
"""

import json
import os
import struct
from collections import deque
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from gevent.lock import RLock
from gevent.socket import (
    CMSG_SPACE,
    MSG_CMSG_CLOEXEC,
    SCM_RIGHTS,
    SOL_SOCKET,
    socket,
)

from webfail2ban.addresses import make_ipv4
from webfail2ban.drafts import make_failure
from webfail2ban.model import Failure

Message = Mapping[str, Any]

#: Bytes read at once.
CHUNK = 65536

#: As a tuple, for asking about a union takes three times as long.
ADDRESSES = (IPv4Address, IPv6Address)

#: The version of addresses that aren't IPv6.
IPV4 = 4

#: The first number that no IPv4 address has.
MORE_THAN_IPV4 = 2**32

#: Bytes of one message: a batch of failures with long lines has a few million.
LONGEST_MESSAGE = 1 << 26

#: A file descriptor as the kernel hands it over, and the room for it.
DESCRIPTOR = struct.Struct("=i")
ROOM = CMSG_SPACE(DESCRIPTOR.size)


class Channel:
    """One end of the socket pair.

    Args:
        sock: A connected gevent socket; the channel closes it.
    """

    def __init__(self, sock: socket) -> None:
        self._sock = sock
        self._sending = RLock()
        self._files: deque[int] = deque()

    def send(self, message: Message, file: int | None = None) -> None:
        """Send a message; waits while the other end is busy.

        Args:
            message: What JSON can say.
            file: A file descriptor to duplicate into the other process.

        Raises:
            OSError: the other end is gone.
        """
        if file is None:
            self.send_json(dump(message))
            return
        line = dump(message).encode() + b"\n"
        with self._sending:
            sent = self._sock.sendmsg([line], [(SOL_SOCKET, SCM_RIGHTS, DESCRIPTOR.pack(file))])
            self._sock.sendall(line[sent:])

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

    def take_file(self) -> int:
        """Return the file that came with the message just received; it belongs to the caller now.

        Raises:
            ValueError: none came.
        """
        if not self._files:
            raise ValueError("a message lacks the file that it speaks of")
        return self._files.popleft()

    def _receive_chunk(self) -> bytes:
        try:
            # One read brings the file of one message at most (unix(7)), never into our children.
            data, carried, _, _ = self._sock.recvmsg(CHUNK, ROOM, MSG_CMSG_CLOEXEC)
        except OSError:
            return b""
        for level, kind, packed in carried:
            if (level, kind) == (SOL_SOCKET, SCM_RIGHTS):
                self._files.extend(file for (file,) in DESCRIPTOR.iter_unpack(packed))
        return bytes(data)

    def close(self) -> None:
        """Close this end, and files that nobody took; the other end sees the end of the stream."""
        self._sock.close()
        while self._files:
            os.close(self._files.popleft())


def dump(value: Any) -> str:
    """Write JSON in one line.

    Raises:
        TypeError: it holds something that JSON doesn't know.
        ValueError: it holds itself.
    """
    return _encode(value)


_encode = json.JSONEncoder(separators=(",", ":")).encode


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
    address = failure.address
    if not isinstance(address, ADDRESSES):
        raise TypeError(f"a failure's address is no address but {address!r:.100}")
    return [
        failure.jail,
        address.version,
        int(address),  # as text it would have to be spelt here, and read again over there
        failure.time,
        failure.weight,
        failure.lines,
        dict(failure.fields),
    ]


def unpack_failure(values: list[Any]) -> Failure:
    """Return the failure that `pack_failure` packed."""
    jail, version, number, time, weight, lines, fields = values
    return make_failure(jail, _address(version, number), time, weight, tuple(lines), fields)


def _address(version: int, number: int) -> IPv4Address | IPv6Address:
    if version != IPV4:
        return IPv6Address(number)
    return make_ipv4(number) if 0 <= number < MORE_THAN_IPV4 else IPv4Address(number)

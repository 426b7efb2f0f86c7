"""HAProxy's PROXY protocol (proxy-protocol.txt): how a connection tells whose it is."""

import socket
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

#: The first bytes of version 2 (section 2.2).
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"

#: Version 2 with the commands LOCAL, which health checks send, and PROXY.
LOCAL, PROXY = 0x20, 0x21

TCP4, TCP6 = 0x11, 0x21


def header_v1(client: str) -> bytes:
    """Return the line of version 1 with which a proxy speaks for a client."""
    family, ours = ("TCP6", "::1") if ":" in client else ("TCP4", "127.0.0.1")
    return f"PROXY {family} {client} {ours} 40000 80\r\n".encode("ascii")


def header_v2(client: str) -> bytes:
    """Return the bytes of version 2 with which a proxy speaks for a client."""
    address = ip_address(client)
    family, ours = (
        (TCP6, ip_address("::1")) if address.version == 6 else (TCP4, ip_address("127.0.0.1"))
    )
    body = address.packed + ours.packed + struct.pack("!HH", 40_000, 80)
    return SIGNATURE + struct.pack("!BBH", PROXY, family, len(body)) + body


def read_v2(connection: socket.socket) -> IPv4Address | IPv6Address | None:
    """Read the header of version 2 that HAProxy sends; None if it speaks for itself.

    Raises:
        ValueError: something else came.
    """
    head = _read(connection, 16)
    command, family, length = struct.unpack("!BBH", head[12:])
    body = _read(connection, length)
    if not head.startswith(SIGNATURE) or command not in (LOCAL, PROXY):
        raise ValueError(f"no PROXY header: {head!r}")
    if command == LOCAL:
        return None
    return IPv4Address(body[:4]) if family == TCP4 else IPv6Address(body[:16])


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ValueError(f"the connection ended behind {data!r}")
        data += part
    return data

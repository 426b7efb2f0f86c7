"""Free ports of the loopback interface."""

import secrets
import socket
from contextlib import suppress

#: Below the range from which the kernel takes ports for outgoing connections (ip(7),
#: ip_local_port_range): a port from that range may be taken between the look and its use.
FIRST, LAST = 20_000, 32_000

LOOPBACK = "127.0.0.1"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port that nobody listens on."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port

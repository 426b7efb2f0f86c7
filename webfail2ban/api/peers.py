"""Who is at the other end of a connection."""

import socket
import struct
from dataclasses import dataclass
from typing import Any

from webfail2ban.addresses import Address, parse_address
from webfail2ban.listening.unixsocket import user_name

#: Where a WSGI environment says it.
ENVIRON_KEY = "webfail2ban.peer"

#: ``struct ucred``: process, user and group (unix(7)).
CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who is connected.

    Attributes:
        name: For the log: who it is.
        address: Over TCP the address, folded; None over a unix socket, whose mode says who may.
    """

    name: str
    address: Address | None

    def __str__(self) -> str:
        """Return the name."""
        return self.name


#: Somebody of whom nothing is known has no rights.
UNKNOWN = Peer("somebody", parse_address("::"))


def identify(sock: Any, address: Any) -> Peer:
    """Say who a connection belongs to.

    Args:
        sock: The connection.
        address: What accepting it said.
    """
    if isinstance(address, tuple):
        return Peer(f"{address[0]} port {address[1]}", parse_address(address[0].partition("%")[0]))
    said = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    process, user, _ = CREDENTIALS.unpack(said)
    return Peer(f"{user_name(user)} (user {user}, process {process})", None)

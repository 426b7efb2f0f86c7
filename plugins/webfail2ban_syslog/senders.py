"""Who may send."""

from collections.abc import Iterable
from functools import lru_cache

from webfail2ban import Network, parse_address

#: Senders that are remembered with their answer. Addresses over UDP can be forged, so not all.
REMEMBERED = 4096


class Senders:
    """The allow-list.

    Args:
        allow: Networks, folded.
    """

    def __init__(self, allow: Iterable[Network]) -> None:
        self._allow = tuple(allow)
        #: `_find`, with its last answers remembered.
        self.find = lru_cache(maxsize=REMEMBERED)(self._find)

    def _find(self, address: str) -> str | None:
        """Return a sender's address as it is written in a log line; None if it may not send.

        Args:
            address: As the kernel gives it, ``::ffff:192.0.2.1`` and ``fe80::1%eth0`` included.
        """
        sender = parse_address(address)
        if any(sender in network for network in self._allow):
            return str(sender)
        return None

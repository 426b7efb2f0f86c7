"""Addresses in one spelling each, and names turned into addresses."""

import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

#: How many names to remember, found or not: one scan can bring thousands.
CACHED_NAMES = 1000

#: How many spellings of addresses to remember: reading one takes as long as finding it.
REMEMBERED_HOSTS = 4096

#: How long to remember a name's addresses, in seconds.
CACHE_SECONDS = 300


def parse_literal(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, without brackets; an IPv4-mapped IPv6 one is the IPv4 address it maps.

    Returns:
        None if the text is no address: ``999.1.1.1``, or one with leading zeros.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(maxsize=REMEMBERED_HOSTS)
def canonical_host(text: str, prefix: str | None = None) -> str:
    """Spell an address, or with a prefix length its network, in the one way everybody uses.

    Args:
        text: What stands in the place of an address. If it is none, it stays as it is.
        prefix: The length behind the slash in digits; one that is impossible is ignored.
    """
    if prefix is None and _is_ipv4(text):
        return text
    address = parse_literal(text)
    if address is None:
        return text
    if prefix is None:
        return str(address)
    try:
        network = ip_network(f"{address}/{int(prefix)}", strict=False)
    except ValueError:
        return str(address)
    return str(address) if network.num_addresses == 1 else str(network)


def _is_ipv4(text: str) -> bool:
    """Whether a text is an IPv4 address; those have one spelling only."""
    try:
        socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        return False
    return True


def resolve_name(name: str) -> list[str]:
    """Ask the system's resolver for a name's addresses, IPv6 only where the host has it.

    Returns:
        Canonical addresses, each once; none if the name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError):  # UnicodeError: no such name is possible in DNS
        return []
    addresses = (str(entry[4][0]) for entry in found)
    return list(dict.fromkeys(canonical_host(address) for address in addresses))


class CachedResolver:
    """Names to addresses, with the answers of the last minutes remembered.

    Args:
        resolve: Who to ask.
        now: The clock, in seconds.
    """

    def __init__(
        self,
        resolve: Callable[[str], Sequence[str]] = resolve_name,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolve = resolve
        self._now = now
        self._answers: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()

    def __call__(self, name: str) -> tuple[str, ...]:
        """Return the name's addresses, none if it has none."""
        now = self._now()
        known = self._answers.get(name)
        if known is not None and known[0] > now:
            return known[1]
        addresses = tuple(self._resolve(name))
        self._answers.pop(name, None)
        self._answers[name] = now + CACHE_SECONDS, addresses
        if len(self._answers) > CACHED_NAMES:
            self._answers.popitem(last=False)
        return addresses

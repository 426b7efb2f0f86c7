"""Who asks: the clients of the load, and the addresses that come and go.

All addresses are from the ranges that are set aside for benchmarks: 198.18.0.0/15 (RFC 2544) and
2001:2::/48 (RFC 5180). Each IPv6 client has a /64 of its own, because that is what is banned.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import chain, cycle
from pathlib import Path
from typing import Self

#: Of each ten clients: one is banned, two come and go while bans change, seven are never banned.
_BANNED, _CHANGING = (0,), (3, 7)
_GROUP = 10

#: Addresses outside of the load that come and go too.
_OUTSIDERS = 4000


@dataclass(frozen=True, slots=True)
class Clients:
    """The addresses of one benchmark.

    Attributes:
        banned: Banned all the time.
        free: Never banned.
        changing: Asked about, and banned now and then.
        outsiders: Never asked about, and banned now and then.
    """

    banned: tuple[str, ...]
    free: tuple[str, ...]
    changing: tuple[str, ...]
    outsiders: tuple[str, ...]

    @classmethod
    def make(cls, count: int, *, ipv6: bool) -> Self:
        """Make that many clients, a tenth of them banned."""
        address = _ipv6 if ipv6 else _ipv4
        banned: list[str] = []
        free: list[str] = []
        changing: list[str] = []
        for number in range(count):
            kind = number % _GROUP
            group = banned if kind in _BANNED else changing if kind in _CHANGING else free
            group.append(address(number))
        outsiders = [address(number) for number in range(count, count + _OUTSIDERS)]
        return cls(tuple(banned), tuple(free), tuple(changing), tuple(outsiders))

    def expect_bans(self) -> Iterator[tuple[str, str]]:
        """Yield every client with 1 for banned or 0: while no bans change."""
        yield from ((address, "1") for address in self.banned)
        yield from ((address, "0") for address in chain(self.free, self.changing))

    def expect_lasting(self) -> Iterator[tuple[str, str]]:
        """Yield every client with 1 or 0, and with - for either: while bans change."""
        yield from ((address, "1") for address in self.banned)
        yield from ((address, "0") for address in self.free)
        yield from ((address, "-") for address in self.changing)

    def expect_none(self) -> Iterator[tuple[str, str]]:
        """Yield every client with 0: for a server that bans nobody."""
        yield from ((address, "0") for address in chain(self.banned, self.free, self.changing))

    def change(self) -> Iterator[str]:
        """Yield for ever whom to ban next: in turn a client and an outsider."""
        for client, outsider in zip(cycle(self.changing), cycle(self.outsiders), strict=False):
            yield client
            yield outsider


def write(path: Path, expectations: Iterable[tuple[str, str]]) -> Path:
    """Write a file of clients for `spop_load`; returns its path."""
    path.write_text("".join(f"{address} {banned}\n" for address, banned in expectations), "ascii")
    return path


def _ipv4(number: int) -> str:
    return str(IPv4Address("198.18.0.0") + number)


def _ipv6(number: int) -> str:
    return str(IPv6Address("2001:2::1") + (number << 64))

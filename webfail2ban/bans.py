"""The ban table: who is refused, until when. Verdicts read it, so it lives in memory.

Expiry costs nothing until a ban ends, because the ends wait in a heap.
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import count
from math import inf

from webfail2ban.addresses import Address, Network
from webfail2ban.model import Ban
from webfail2ban.networks import NetworkMap


class BanTable:
    """All bans in force.

    Args:
        now: The clock, in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._bans: NetworkMap[dict[str, Ban]] = NetworkMap()  # by jail
        self._ends: list[tuple[float, int, Ban]] = []
        self._sequence = count()
        self._size = 0

    def __len__(self) -> int:
        """Count the bans, those that have ended and wait for `expire` among them."""
        return self._size

    def __iter__(self) -> Iterator[Ban]:
        """Go through the bans in force."""
        now = self._now()
        for by_jail in self._bans.values():
            yield from (ban for ban in by_jail.values() if ban.until > now)

    @property
    def next_end(self) -> float:
        """When the next ban may end; infinity if none does."""
        return self._ends[0][0] if self._ends else inf

    def add(self, ban: Ban) -> bool:
        """Put a ban in force; of two for the same network and jail the later end counts.

        Returns:
            Whether the table changed.
        """
        if ban.until <= self._now():
            return False
        by_jail = self._bans.get(ban.network)
        if by_jail is None:
            self._bans[ban.network] = by_jail = {}
        known = by_jail.get(ban.jail)
        if known is not None and known.until >= ban.until:
            return False
        by_jail[ban.jail] = ban
        self._size += known is None
        if ban.until < inf:
            heapq.heappush(self._ends, (ban.until, next(self._sequence), ban))
        return True

    def find(self, address: Address) -> Ban | None:
        """Return the ban in force for an address, of several the one that ends last."""
        now = self._now()
        last: Ban | None = None
        for by_jail in self._bans.covering(address):
            for ban in by_jail.values():
                if ban.until > now and (last is None or ban.until > last.until):
                    last = ban
        return last

    def remove(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """Remove the bans of exactly this network, of one jail or of all; return them."""
        by_jail = self._bans.get(network) or {}
        jails = [jail] if jail is not None else list(by_jail)
        removed = tuple(by_jail[name] for name in jails if name in by_jail)
        for ban in removed:
            self._drop(ban)
        return removed

    def expire(self) -> list[Ban]:
        """Remove the bans that have ended, and return them in the order of their ends."""
        now = self._now()
        ended: list[Ban] = []
        while self._ends and self._ends[0][0] <= now:
            _, _, ban = heapq.heappop(self._ends)
            # Prolonged and lifted bans leave their old end in the heap.
            if (self._bans.get(ban.network) or {}).get(ban.jail) is ban:
                self._drop(ban)
                ended.append(ban)
        return ended

    def _drop(self, ban: Ban) -> None:
        by_jail = self._bans.get(ban.network)
        if by_jail is None:
            return
        del by_jail[ban.jail]
        self._size -= 1
        if not by_jail:
            del self._bans[ban.network]

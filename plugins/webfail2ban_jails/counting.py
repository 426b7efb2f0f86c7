"""Counting failures: which clients are counted, and two ways to count one.

`RateEstimate` is fail2ban's: one number a client, scaled down as time goes by. `ExactWindow` keeps
every failure's time and counts those within findtime, no more and no less.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Protocol

from webfail2ban import Failure, Network

#: Clients that a jail keeps count of at most, the one that failed longest ago is forgotten first:
#: about 100 MB of them. An attacker with more addresses than this wouldn't be stopped by counting.
MAX_CLIENTS = 200_000


class Count(Protocol):
    """The count of one client."""

    @property
    def first(self) -> float:
        """Since when it counts, in seconds since the epoch."""

    @property
    def last(self) -> float:
        """When the last failure was."""

    def add(self, time: float, weight: int, findtime: float) -> int:
        """Add a failure; return the count."""


class RateEstimate:
    """fail2ban's count: a rate, as if the failures within `first` and `last` had come evenly.

    Four failures in a row and one 601 s later are five within 600 s for it.
    """

    __slots__ = ("first", "last", "retry")

    def __init__(self, time: float) -> None:
        self.first = self.last = time
        self.retry = 0

    def add(self, time: float, weight: int, findtime: float) -> int:
        """Add a failure; return the count."""
        if time > self.last:
            if self.first < time - findtime:
                self.retry = round(self.retry / (time - self.first) * findtime)
                self.first = time - findtime
            self.last = time
        self.retry += weight
        return self.retry


class ExactWindow:
    """The failures within findtime before the last one."""

    __slots__ = ("_failures", "_total", "last")

    def __init__(self, time: float) -> None:
        self.last = time
        self._failures: deque[tuple[float, int]] = deque()
        self._total = 0

    @property
    def first(self) -> float:
        """When the first failure was that still counts."""
        return self._failures[0][0] if self._failures else self.last

    def add(self, time: float, weight: int, findtime: float) -> int:
        """Add a failure; return the count."""
        self.last = max(self.last, time)
        self._failures.append((time, weight))
        self._total += weight
        while self._failures[0][0] < self.last - findtime:
            self._total -= self._failures.popleft()[1]
        return self._total


#: By the words of the setting ``counting``.
COUNTS: dict[str, type[RateEstimate] | type[ExactWindow]] = {
    "rate": RateEstimate,
    "window": ExactWindow,
}


@dataclass(slots=True)
class _Client:
    count: Count
    lines: deque[str]


@dataclass(frozen=True, slots=True)
class Reached:
    """A client that has reached a jail's maxretry.

    Attributes:
        failures: How many failures were counted, with their weights.
        since: When the first of them happened, or where the findtime begins.
        lines: The last lines that told them.
    """

    failures: int
    since: float
    lines: tuple[str, ...]


class Counter:
    """Counts the failures of one jail's clients.

    Args:
        maxretry: The weight of failures that is too much.
        findtime: Seconds in which it is.
        maxmatches: Lines kept for each client.
        counting: How: ``rate`` or ``window``.
        max_clients: Clients kept at most.
    """

    def __init__(
        self,
        maxretry: int,
        findtime: float,
        maxmatches: int,
        counting: str = "rate",
        max_clients: int = MAX_CLIENTS,
    ) -> None:
        self._maxretry = maxretry
        self._findtime = findtime
        self._maxmatches = maxmatches
        self._new_count = COUNTS[counting]
        self._max_clients = max_clients
        self._clients: OrderedDict[Network, _Client] = OrderedDict()  # who failed last is last

    def __len__(self) -> int:
        """Count the clients."""
        return len(self._clients)

    def add(self, network: Network, failure: Failure, now: float) -> Reached | None:
        """Count a failure; return the result when it is one too many, and begin anew.

        Args:
            network: Who failed.
            failure: The failure; a time in the future counts as now.
            now: Seconds since the epoch.
        """
        self._forget_old(now)
        time = min(failure.time, now)
        client = self._clients.get(network)
        if client is None:
            client = _Client(self._new_count(time), deque(maxlen=self._maxmatches))
            self._clients[network] = client
            if len(self._clients) > self._max_clients:
                self._clients.popitem(last=False)
        elif time > client.count.last:
            self._clients.move_to_end(network)
        failures = client.count.add(time, failure.weight, self._findtime)
        client.lines.extend(failure.lines)
        if failures < self._maxretry:
            return None
        del self._clients[network]
        return Reached(failures, client.count.first, tuple(client.lines))

    def _forget_old(self, now: float) -> None:
        """Forget the clients whose last failure is further back than findtime."""
        oldest_kept = now - self._findtime
        while self._clients:
            network, client = next(iter(self._clients.items()))
            if client.count.last > oldest_kept:
                return
            del self._clients[network]

"""Counting failures, as fail2ban does: an estimate of the rate, one small entry a client."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from webfail2ban import Failure, Network

#: Clients that a jail keeps count of at most, the one that failed longest ago is forgotten first:
#: about 100 MB of them. An attacker with more addresses than this wouldn't be stopped by counting.
MAX_CLIENTS = 200_000


@dataclass(slots=True)
class _Count:
    first: float
    last: float
    retry: int
    lines: deque[str] = field(default_factory=deque)


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
        max_clients: Clients kept at most.
    """

    def __init__(
        self, maxretry: int, findtime: float, maxmatches: int, max_clients: int = MAX_CLIENTS
    ) -> None:
        self._maxretry = maxretry
        self._findtime = findtime
        self._maxmatches = maxmatches
        self._max_clients = max_clients
        self._counts: OrderedDict[Network, _Count] = OrderedDict()  # who failed last is last

    def __len__(self) -> int:
        """Count the clients."""
        return len(self._counts)

    def add(self, client: Network, failure: Failure, now: float) -> Reached | None:
        """Count a failure; return the result when it is one too many, and begin anew.

        When the first failure lies further back than findtime, the count is scaled down as if the
        failures had come evenly: a rate, not an exact window (fail2ban's FailManager counts so).

        Args:
            client: Who failed.
            failure: The failure; a time in the future counts as now.
            now: Seconds since the epoch.
        """
        self._forget_old(now)
        time = min(failure.time, now)
        count = self._counts.get(client)
        if count is None:
            count = self._counts[client] = _Count(
                time, time, 0, lines=deque(maxlen=self._maxmatches)
            )
            if len(self._counts) > self._max_clients:
                self._counts.popitem(last=False)
        elif time > count.last:
            if count.first < time - self._findtime:
                count.retry = round(count.retry / (time - count.first) * self._findtime)
                count.first = time - self._findtime
            count.last = time
            self._counts.move_to_end(client)
        count.retry += failure.weight
        count.lines.extend(failure.lines)
        if count.retry < self._maxretry:
            return None
        del self._counts[client]
        return Reached(count.retry, count.first, tuple(count.lines))

    def _forget_old(self, now: float) -> None:
        """Forget the clients whose last failure is further back than findtime."""
        oldest_kept = now - self._findtime
        while self._counts:
            client, count = next(iter(self._counts.items()))
            if count.last > oldest_kept:
                return
            del self._counts[client]

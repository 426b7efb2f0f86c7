"""What waits to cross to the engine: failures and positions, bounded.

The order is what makes a restart exact: a source's position is sent with or after the failures of
the lines before it, never earlier. A sensor that dies loses neither.
"""

import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

from gevent.event import Event

from webfail2ban.model import Failure
from webfail2ban.sensor.channel import dump, pack_failure

log = logging.getLogger(__name__)

#: Failures that wait at most: the engine would have to stand still for seconds in a flood.
LIMIT = 100_000

#: Failures in one message: the engine unpacks one in about a millisecond.
BATCH = 256


class Outbox:
    """Collects what one message will carry.

    Everything is JSON from the moment it comes in: what can't be is refused where the plugin is
    known, and a position that its plugin goes on to change stays as it was kept.

    Args:
        limit: How many failures wait at most; further ones are dropped.

    Attributes:
        dropped: How many failures were dropped.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._failures: deque[str] = deque()
        self._positions: dict[str, str] = {}
        self._filled = Event()
        self.dropped = 0

    def __len__(self) -> int:
        """Count the failures that wait."""
        return len(self._failures)

    @property
    def pending(self) -> bool:
        """Whether there is anything to send."""
        return bool(self._failures or self._positions)

    def add_failures(self, failures: Iterable[Failure]) -> None:
        """Add failures, and drop those beyond the limit.

        Raises:
            TypeError: one holds what can't cross; those before it are added.
        """
        for failure in failures:
            if len(self._failures) >= self._limit:
                self._drop()
                continue
            self._failures.append(dump(pack_failure(failure)))
            self._filled.set()

    def add_position(self, source: str, position: Any) -> None:
        """Add where a source stands; only the last of each source is sent.

        Raises:
            TypeError: JSON doesn't know it.
        """
        self._positions[source] = dump(position)
        self._filled.set()

    def wait(self, seconds: float) -> None:
        """Wait until there is something to send, or somebody calls `wake`."""
        self._filled.wait(seconds)

    def wake(self) -> None:
        """End a `wait`."""
        self._filled.set()

    def take(self) -> str:
        """Take the next message out, as JSON.

        Positions go with the last failures only: each speaks for all lines before it.
        """
        count = min(len(self._failures), BATCH)
        failures = ",".join([self._failures.popleft() for _ in range(count)])
        if self._failures:
            return f'{{"failures":[{failures}]}}'
        positions = ",".join(f"{dump(name)}:{text}" for name, text in self._positions.items())
        self._positions.clear()
        self._filled.clear()
        return f'{{"failures":[{failures}],"positions":{{{positions}}},"dropped":{self.dropped}}}'

    def _drop(self) -> None:
        if self.dropped == 0:
            log.error(
                "the engine is busy: more than %d failures wait, further ones are dropped",
                self._limit,
            )
        self.dropped += 1

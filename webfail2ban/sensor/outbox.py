"""What waits to cross to the engine: failures and positions, bounded.

The order is what makes a restart exact: a source's position is sent with or after the failures of
the lines before it, never earlier. And the engine must know when it has the failures of whole
blocks and their positions, none without the other: only then may it keep what it counted. So a
message ends where a block ends, and where a block is too long for one, all but its last message
are without positions.
"""

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from gevent.event import Event

from webfail2ban.model import Failure
from webfail2ban.sensor.channel import dump, pack_failure

log = logging.getLogger(__name__)

#: Failures that wait at most: the engine would have to stand still for seconds in a flood.
LIMIT = 100_000

#: Failures in one message: the engine unpacks one in about a millisecond.
BATCH = 256

#: Failures that are made JSON in one go, which costs half: a part of a batch.
CHUNK = 32


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
        self._chunks: deque[tuple[int, str]] = deque()  # how many failures, and what they are
        self._added = self._taken = 0  # failures so far
        self._ends: deque[int] = deque()  # of blocks, by the failures added up to there
        self._positions: deque[tuple[int, dict[str, str]]] = deque()  # behind so many failures
        self._open = False  # whether a block is being added: a detector may wait for something
        self._filled = Event()
        self.dropped = 0

    def __len__(self) -> int:
        """Count the failures that wait."""
        return self._added - self._taken

    @property
    def pending(self) -> bool:
        """Whether there is anything to send."""
        return bool(self._chunks or self._positions)

    def begin_block(self) -> None:
        """Begin a block of lines: what was added before and its positions are complete."""
        if self._chunks and (not self._ends or self._ends[-1] < self._added):
            self._ends.append(self._added)
        self._open = True

    def end_block(self) -> None:
        """End a block of lines; the position behind it is added before anybody else's turn."""
        self._open = False
        if self.pending:
            self._filled.set()

    def add_failures(self, failures: Iterable[Failure]) -> None:
        """Add failures, and drop those beyond the limit.

        Raises:
            TypeError: one holds what can't cross; those before it are added.
        """
        packed: list[list[Any]] = []
        try:
            for failure in failures:
                if len(self) + len(packed) >= self._limit:
                    self._drop()
                    continue
                packed.append(pack_failure(failure))
                if len(packed) == CHUNK:
                    chunk, packed = packed, []
                    self._add(chunk)
        finally:
            self._add(packed)

    def _add(self, packed: list[list[Any]]) -> None:
        """Add some failures as JSON, up to one that can't be."""
        if not packed:
            return
        try:
            text = dump(packed)[1:-1]
        except TypeError:
            if len(packed) == 1:
                raise
            for each in packed:
                self._add([each])
            return
        self._chunks.append((len(packed), text))
        self._added += len(packed)
        self._filled.set()

    def add_position(self, source: str, position: Any) -> None:
        """Add where a source stands; of several in one message the last counts.

        Raises:
            TypeError: JSON doesn't know it.
        """
        text = dump(position)
        if not self._positions or self._positions[-1][0] < self._added:
            self._positions.append((self._added, {}))
        self._positions[-1][1][source] = text
        self._filled.set()

    def wait(self, seconds: float) -> None:
        """Wait until there is something to send, or somebody calls `wake`."""
        self._filled.wait(seconds)

    def wake(self) -> None:
        """End a `wait`."""
        self._filled.set()

    def take(self) -> str:
        """Take the next message out, as JSON.

        Without positions it is the beginning of a block, and the rest of it follows.
        """
        end = self._find_end()
        failures = ",".join(self._take_chunks(BATCH if end is None else end - self._taken))
        if end is None:
            if not self._chunks:
                self._filled.clear()
            return f'{{"failures":[{failures}]}}'
        positions = ",".join(
            f"{dump(name)}:{text}" for name, text in self._take_positions().items()
        )
        if not self.pending:
            self._filled.clear()
        return f'{{"failures":[{failures}],"positions":{{{positions}}},"dropped":{self.dropped}}}'

    def _find_end(self) -> int | None:
        """Return the last end of a block that a message reaches; None if it reaches none."""
        reach = self._taken + BATCH
        end = None
        while self._ends and self._ends[0] <= reach:
            end = self._ends.popleft()
        if self._added <= reach and not self._open:
            return self._added
        return end if end is not None and end > self._taken else None

    def _take_chunks(self, most: int) -> Iterator[str]:
        """Take failures out, at most so many."""
        while self._chunks and self._chunks[0][0] <= most:
            count, text = self._chunks.popleft()
            self._taken += count
            most -= count
            yield text

    def _take_positions(self) -> dict[str, str]:
        positions: dict[str, str] = {}
        while self._positions and self._positions[0][0] <= self._taken:
            positions |= self._positions.popleft()[1]
        return positions

    def _drop(self) -> None:
        if self.dropped == 0:
            log.error(
                "the engine is busy: more than %d failures wait, further ones are dropped",
                self._limit,
            )
        self.dropped += 1

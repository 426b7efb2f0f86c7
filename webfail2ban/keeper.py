"""Keeps what must outlive the process: collects what changes, writes it in groups, beside verdicts.

Positions of logs and the failures that were counted up to there are of one moment: whoever takes
something of which a half is worth nothing says so (`whole`), and no group is cut there. So after a
crash no line is counted twice and none is skipped.

Nobody who changes something waits for a disk. Groups are written in a thread; when that fails,
changes wait here, bounded, until it works again.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)


class Keeper:
    """Keeps positions, bans and plugins' values."""

    def __init__(self) -> None:
        self.positions: dict[str, Any] = {}
        self._halves = 0

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Take something that only counts as a whole: no group ends meanwhile."""
        self._halves += 1
        try:
            yield
        finally:
            self._halves -= 1

    def keep_position(self, source: str, position: Any) -> None:
        """Keep where a source stands; None forgets it."""
        if position is None:
            self.positions.pop(source, None)
        else:
            self.positions[source] = position

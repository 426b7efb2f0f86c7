"""Collects changes into groups, of which each is written as a whole.

Positions of logs and the failures that were counted up to there are of one moment: whoever takes
something of which a half is worth nothing says so (`whole`), and no group ends there. So after a
crash no line is counted twice and none is skipped.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import inf
from typing import Any, TypeVar

from gevent.event import Event

from webfail2ban.model import Ban
from webfail2ban.store import BanKey, Changes, unpack_lines

K = TypeVar("K")

#: Changes of a kind that wait at most while the store fails: some 100 MB. Bans beyond it are
#: taken from the ban table when it works again.
MOST_PENDING = 200_000


class Collector:
    """Holds the group that is being collected, and the one that is being written.

    Attributes:
        waiting: The group that is to be written, or is being written; None if there is none.
        dropped: How many changes were lost because too many waited.
        lacks_bans: Whether there were bans among them.
    """

    def __init__(self) -> None:
        self._changes = Changes()
        self._begun = self._waiting_since = time.monotonic()
        self._halves = 0
        self._cut_done = Event()
        self._cut_done.set()
        self.waiting: Changes | None = None
        self.dropped = 0
        self.lacks_bans = False

    @property
    def pending(self) -> int:
        """How many changes wait to be written."""
        return len(self._changes) + (len(self.waiting) if self.waiting is not None else 0)

    @property
    def lag(self) -> float:
        """For how many seconds the oldest of them may have been waiting."""
        since = self._begun if self.waiting is None else self._waiting_since
        return time.monotonic() - since if self.pending else 0.0

    @property
    def banned(self) -> tuple[BanKey, ...]:
        """The bans of the group that is being collected."""
        return tuple(self._changes.bans)

    @property
    def lifted(self) -> tuple[BanKey, ...]:
        """The bans that were lifted in it."""
        return tuple(self._changes.lifted)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Take something that only counts as a whole: no group ends meanwhile."""
        self._halves += 1
        try:
            yield
        finally:
            self._halves -= 1
            # Not in the greenlet that waits for it: the next half may begin before that wakes.
            if not self._halves and not self._cut_done.is_set():
                self._cut()

    def cut(self) -> bool:
        """End the group, at the next moment at which nothing is half taken.

        Returns:
            Whether there is anything in it; it is in `waiting` then.
        """
        if not len(self._changes):
            return False
        if self._halves:
            self._cut_done.clear()
            self._cut_done.wait()
        else:
            self._cut()
        return True

    def add_ban(self, key: BanKey, ban: Ban) -> None:
        """Add a ban that is in force now, with its lines."""
        if self._has_room(self._changes.bans, key):
            self._changes.add_ban(key, ban)
        else:
            self.lacks_bans = True

    def lift_ban(self, key: BanKey) -> None:
        """Add that a ban is over and forgotten."""
        if self._has_room(self._changes.lifted, key):
            self._changes.lift_ban(key)

    def set_position(self, source: str, position: Any) -> None:
        """Add where a source stands; None forgets it. There are not many sources."""
        if position is None:
            self._changes.drop_position(source)
        else:
            self._changes.set_position(source, position)

    def set_value(self, plugin: str, key: str, value: str | None, until: float = inf) -> None:
        """Add what a plugin keeps; None forgets it."""
        changes = self._changes
        if value is None:
            if self._has_room(changes.dropped_values, (plugin, key)):
                changes.drop_value(plugin, key)
        elif self._has_room(changes.values, (plugin, key)):
            changes.set_value(plugin, key, value, until)

    def find_lines(self, key: BanKey) -> tuple[str, ...] | None:
        """Return the lines of a ban that waits to be written; None if none does."""
        for changes in (self._changes, self.waiting):
            if changes is not None and key in changes.bans:
                return unpack_lines(changes.bans[key])
        return None

    def _cut(self) -> None:
        self.waiting, self._changes = self._changes, Changes()
        self._waiting_since, self._begun = self._begun, time.monotonic()
        self._cut_done.set()

    def _has_room(self, changes: Mapping[K, object], key: K) -> bool:
        """Whether there is room for one more change; count it as lost if there is none."""
        if len(changes) < MOST_PENDING or key in changes:
            return True
        self.dropped += 1
        return False

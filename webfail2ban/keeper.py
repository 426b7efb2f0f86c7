"""Keeps what must outlive the process: collects what changes, and has it written in groups.

Positions of logs and the failures that were counted up to there are of one moment: whoever takes
something of which a half is worth nothing says so (`whole`), and no group ends there. So after a
crash no line is counted twice and none is skipped.

Nobody who changes something waits for a disk. When it fails, changes wait here, bounded, until it
works again.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any, TypeVar

import gevent
from gevent import Greenlet, Timeout
from gevent.event import Event
from gevent.lock import RLock

from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.errors import StoreDamagedError, StoreError
from webfail2ban.model import Ban
from webfail2ban.recent import RecentLines
from webfail2ban.store import BanRow, Changes, Store, ban_key, unpack_lines
from webfail2ban.storekeeper import Storekeeper

log = logging.getLogger(__name__)

K = TypeVar("K")

#: Seconds between two groups: a ban that was reported a second ago is written.
FLUSH = 0.25

#: Changes of a kind that wait at most while the store fails: some 100 MB. Bans beyond it are
#: taken from the ban table when it works again.
MOST_PENDING = 200_000

#: What is done at once before others have their turn: forgetting fragments, writing bans again.
SLICE = 200

#: Seconds between two rounds of deleting what is old, and between two steps of a round.
PURGE = 600.0
PURGE_STEP = 0.05

#: Seconds for which a ban that has ended is remembered, where nobody says otherwise: a day.
PURGE_AGE = 86_400.0


class Keeper:
    """Keeps bans, positions and plugins' values.

    Args:
        store: Where they last; None keeps them as long as the process lives.
        now: The clock, in seconds since the epoch.
        purge_age: Seconds for which a ban that has ended is remembered.
        flush: Seconds between two groups.

    Attributes:
        positions: Where each log source stands.
        dropped: How many changes were lost because too many waited.
        storekeeper: Goes to the store, and counts how that went; None without a store.
    """

    def __init__(
        self,
        store: Store | None = None,
        now: Callable[[], float] = time.time,
        purge_age: float = PURGE_AGE,
        flush: float = FLUSH,
    ) -> None:
        self._store = store
        self._now = now
        self._purge_age = purge_age
        self._flush = flush
        self._changes = Changes()
        self._waiting: Changes | None = None  # a group that isn't written yet
        self._begun = self._waiting_since = time.monotonic()
        self._halves = 0
        self._cut_done = Event()
        self._cut_done.set()
        self._writing = RLock()
        self._refill = False  # whether the store lacks bans that are in force
        self._recent = RecentLines()
        self._bans: BanTable | None = None
        self._greenlets: list[Greenlet] = []
        self.positions: dict[str, Any] = {}
        self.dropped = 0
        self.storekeeper: Storekeeper | None = None

    @property
    def pending(self) -> int:
        """How many changes wait to be written."""
        return len(self._changes) + (len(self._waiting) if self._waiting is not None else 0)

    @property
    def lag(self) -> float:
        """For how many seconds the oldest of them may have been waiting."""
        since = self._begun if self._waiting is None else self._waiting_since
        return time.monotonic() - since if self.pending else 0.0

    def start(self, bans: BanTable) -> None:
        """Put the bans of before in force, and begin to write what changes.

        Args:
            bans: The ban table, still empty.

        Raises:
            StoreError: the store can't be used.
        """
        self._bans = bans
        if self._store is None:
            return
        self.storekeeper = Storekeeper(self._store)
        self.storekeeper.open()
        self._load(self._store, self.storekeeper, bans)
        self._greenlets = [gevent.spawn(self._flush_forever), gevent.spawn(self._purge_forever)]

    def stop(self, grace: float | None = None) -> None:
        """Write what is left, and close the store.

        Args:
            grace: Seconds that this may take; None for no limit.
        """
        gevent.killall(self._greenlets)
        if self.storekeeper is None:
            return
        with Timeout(grace, False):
            self.flush()
        if self.pending:
            log.error("%d changes are lost: %s", self.pending, self.storekeeper.trouble)
        self.storekeeper.close(grace)

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

    def keep_position(self, source: str, position: Any) -> None:
        """Keep where a source stands; None forgets it."""
        if position is None:
            self.positions.pop(source, None)
        else:
            self.positions[source] = position
        if self._store is None:
            return
        if position is None:
            self._changes.drop_position(source)
        else:
            self._changes.set_position(source, position)

    def keep_ban(self, ban: Ban, lines: Sequence[str] = ()) -> None:
        """Keep a ban that is in force now.

        Args:
            ban: The ban.
            lines: The log lines that led to it.
        """
        key = ban_key(ban.network, ban.jail)
        if self._store is None:
            self._recent.add(key, lines)
        elif self._has_room(self._changes.bans, key):
            self._changes.add_ban(key, ban, lines)
        else:
            self._refill = True

    def lift_ban(self, network: Network, jail: str) -> None:
        """Forget a ban that somebody ended before its time, or that is over."""
        key = ban_key(network, jail)
        if self._store is not None and self._has_room(self._changes.lifted, key):
            self._changes.lift_ban(key)

    def keep_value(self, plugin: str, key: str, value: str | None, until: float = inf) -> None:
        """Keep a plugin's value; None forgets it."""
        if self._store is None:
            return
        changes = self._changes
        if value is None:
            if self._has_room(changes.dropped_values, (plugin, key)):
                changes.drop_value(plugin, key)
        elif self._has_room(changes.values, (plugin, key)):
            changes.set_value(plugin, key, value, until)

    def kept(self, plugin: str) -> Iterator[tuple[str, str]]:
        """Go through what a plugin kept; others have their turn meanwhile.

        Raises:
            StoreError: it can't be read now.
        """
        if self._store is None or self.storekeeper is None:
            return
        self.flush()
        after: int | None = 0
        while after is not None:
            try:
                pairs, after = self.storekeeper.call(
                    self._store.load_values, plugin, after, self._now()
                )
            except StoreDamagedError as error:
                self._begin_anew(self.storekeeper, error)
                return
            yield from pairs

    def find_lines(self, network: Network, jail: str) -> tuple[str, ...]:
        """Return the log lines that led to a ban; nothing if they are not known.

        Waits for the store, which may fail: then nothing is known either.
        """
        key = ban_key(network, jail)
        if self._store is None or self.storekeeper is None:
            return self._recent.find(key)
        for changes in (self._changes, self._waiting):
            if changes is not None and key in changes.bans:
                return unpack_lines(changes.bans[key])
        try:
            return self.storekeeper.call(self._store.find_lines, network, jail)
        except StoreError:
            return ()

    def find_history(self, network: Network) -> Sequence[Ban]:
        """Return the last ban of exactly this network in each jail, those that ended among them.

        Waits for the store. Without one, and while it fails, nothing is known.
        """
        if self._store is None or self.storekeeper is None or not self.flush():
            return ()
        try:
            return self.storekeeper.call(self._store.find_history, network)
        except StoreError:
            return ()

    def flush(self) -> bool:
        """Write what has changed up to now; return whether nothing waits any more."""
        if self.storekeeper is None:
            return True
        try:
            with self._writing:
                if self._waiting is not None:
                    self._write(self.storekeeper)
                if len(self._changes):
                    self._wait_for_cut()
                    self._write(self.storekeeper)
                if self._refill:
                    self._refill = False
                    self._add_all()
        except StoreDamagedError as error:
            return self._begin_anew(self.storekeeper, error)
        except StoreError:
            return False  # the storekeeper has said it
        return True

    def _has_room(self, changes: Mapping[K, str], key: K) -> bool:
        """Whether there is room for one more change; count it as lost if there is none."""
        if len(changes) < MOST_PENDING or key in changes:
            return True
        self.dropped += 1
        return False

    def _load(self, store: Store, storekeeper: Storekeeper, bans: BanTable) -> None:
        """Take what was kept; of a damaged store as much as can be read."""
        began = time.monotonic()
        try:
            self.positions |= storekeeper.call(store.load_positions)
            bans.load(self._read_bans(store, storekeeper))
        except StoreDamagedError as error:
            self._begin_anew(storekeeper, error)
        except ValueError as error:
            self._begin_anew(storekeeper, StoreDamagedError(str(store), str(error)))
        seconds = time.monotonic() - began
        log.info("%d bans are in force again, loaded in %.1f s", len(bans), seconds)

    def _read_bans(self, store: Store, storekeeper: Storekeeper) -> Iterator[BanRow]:
        ended_after = self._now() - self._purge_age
        after: int | None = 0
        while after is not None:
            rows, after = storekeeper.call(store.load_bans, after, ended_after)
            yield from rows

    def _flush_forever(self) -> None:
        assert self.storekeeper is not None  # noqa: S101 - it was made before
        while True:
            gevent.sleep(self.storekeeper.pause or self._flush)
            self.flush()

    def _purge_forever(self) -> None:
        while True:
            after: int | None = 0
            while after is not None:
                gevent.sleep(PURGE_STEP)
                after = self._purge(after)
            gevent.sleep(PURGE)

    def _purge(self, after: int) -> int | None:
        assert self._store is not None  # noqa: S101 - nobody purges without one
        assert self.storekeeper is not None  # noqa: S101
        now = self._now()
        try:
            with self._writing:
                return self.storekeeper.call(self._store.purge, after, now - self._purge_age, now)
        except StoreDamagedError as error:
            self._begin_anew(self.storekeeper, error)
        except StoreError as error:
            log.debug("nothing is purged: %s", error)
        return None

    def _wait_for_cut(self) -> None:
        """End the group at the next moment at which nothing is half taken."""
        if not self._halves:
            self._cut()
            return
        self._cut_done.clear()
        self._cut_done.wait()

    def _cut(self) -> None:
        """End the group: what changes from now on belongs to the next one."""
        self._waiting, self._changes = self._changes, Changes()
        self._waiting_since, self._begun = self._begun, time.monotonic()
        self._cut_done.set()

    def _write(self, storekeeper: Storekeeper) -> None:
        assert self._waiting is not None  # noqa: S101 - it was cut
        storekeeper.save(self._waiting)
        written, self._waiting = self._waiting, None
        for fragments in written.kinds():
            # Letting go of many texts takes time, too.
            while fragments:
                for _ in range(min(SLICE, len(fragments))):
                    fragments.popitem()
                gevent.sleep(0)

    def _begin_anew(self, storekeeper: Storekeeper, error: StoreDamagedError) -> bool:
        """Fill a new store with what is in memory."""
        try:
            storekeeper.begin_anew(error)
        except StoreError:
            return False
        self._refill = True
        for source, position in self.positions.items():
            self._changes.set_position(source, position)
        return False

    def _add_all(self) -> None:
        """Write every ban in force."""
        assert self._bans is not None  # noqa: S101 - set at the start
        cursor: int | None = 0
        while cursor is not None:
            bans, cursor = self._bans.page(cursor, SLICE)
            for ban in bans:
                self.keep_ban(ban)
            gevent.sleep(0)

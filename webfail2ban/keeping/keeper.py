"""Keeps what must outlive the process: bans, positions in logs, whatever plugins keep.

Nobody who changes something waits for a disk: changes are collected, and written in groups beside
everything else. When that fails, they wait here, bounded, until it works again.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from math import inf
from typing import Any

import gevent
from gevent import Greenlet, Timeout
from gevent.lock import RLock

from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.errors import StoreDamagedError, StoreError, StoreUnavailableError
from webfail2ban.keeping import restoring
from webfail2ban.keeping.collector import Collector
from webfail2ban.keeping.recent import RecentLines
from webfail2ban.keeping.storekeeper import START_PATIENCE, Storekeeper
from webfail2ban.model import Ban
from webfail2ban.store import Changes, Store, ban_key
from webfail2ban.turns import give_way

log = logging.getLogger(__name__)

#: Seconds between two groups: a ban that was reported a second ago is written.
FLUSH = 0.25

#: What is done at once before others have their turn: forgetting fragments, writing bans again.
SLICE = 200

#: Changes after which a group ends where all bans are written.
GROUP = 10_000

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
        patience: Seconds that a start waits for a store that can't be read.

    Attributes:
        positions: Where each log source stands.
        collector: The changes that wait, and how many were lost.
        storekeeper: Goes to the store, and counts how that went; None without one.
    """

    def __init__(
        self,
        store: Store | None = None,
        now: Callable[[], float] = time.time,
        purge_age: float = PURGE_AGE,
        flush: float = FLUSH,
        patience: float = START_PATIENCE,
    ) -> None:
        self._now = now
        self._purge_age = purge_age
        self._flush = flush
        self._patience = patience
        self._writing = RLock()
        self._recent = RecentLines()
        self._bans = BanTable(now)
        self._changed: Callable[[], object] = int
        self._restored = False
        self._greenlets: list[Greenlet] = []
        self.positions: dict[str, Any] = {}
        self.collector = Collector()
        self.storekeeper = None if store is None else Storekeeper(store)

    @property
    def lasting(self) -> bool:
        """Whether anything outlives the process."""
        return self.storekeeper is not None

    @property
    def trouble(self) -> str:
        """What is wrong with the store, one sentence; empty if nothing is."""
        return self.storekeeper.trouble if self.storekeeper is not None else ""

    def start(self, bans: BanTable, changed: Callable[[], object] = int) -> None:
        """Put the bans of before in force, and begin to write what changes.

        If the store can't be read now, that is told, and what it holds is in force later.

        Args:
            bans: The ban table, still empty.
            changed: Called when bans of before are in force after the start.

        Raises:
            StoreError: the store is none for us.
        """
        self._bans, self._changed = bans, changed
        storekeeper = self.storekeeper
        if storekeeper is None:
            return
        try:
            if storekeeper.open(self._patience):
                self._restore(storekeeper)
        except StoreUnavailableError:
            log.debug("what is stored can't be read yet")  # told by the storekeeper
        if not self._restored:
            log.error("nothing that the store holds is in force until it can be read")
        self._greenlets = [gevent.spawn(self._flush_forever), gevent.spawn(self._purge_forever)]

    def stop(self, grace: float | None = None) -> None:
        """Write what is left, and close the store.

        Args:
            grace: Seconds that this may take; None for no limit.
        """
        gevent.killall(self._greenlets)
        if self.storekeeper is None or not self.storekeeper.started:
            return
        with Timeout(grace, False):
            self.flush()
        lost = self.collector.pending
        if lost:
            log.error("%d changes are lost: %s", lost, self.storekeeper.trouble or "no time left")
        self.storekeeper.close(grace)

    def whole(self) -> AbstractContextManager[None]:
        """Take something that only counts as a whole, failures and positions: both last, or none.

        What is kept within this context is written together.
        """
        return self.collector.whole()

    def keep_position(self, source: str, position: Any) -> None:
        """Keep where a source stands; None forgets it."""
        if position is None:
            self.positions.pop(source, None)
        else:
            self.positions[source] = position
        if self.storekeeper is not None:
            self.collector.set_position(source, position)

    def keep_bans(self, bans: Iterable[Ban]) -> None:
        """Keep bans that are in force now, with the lines that led to them."""
        for ban in bans:
            key = ban_key(ban.network, ban.jail)
            if self.storekeeper is None:
                self._recent.add(key, ban.lines)
            else:
                self.collector.add_ban(key, ban)

    def lift_ban(self, network: Network, jail: str) -> None:
        """Forget a ban that somebody ended before its time, or that is over."""
        if self.storekeeper is not None:
            self.collector.lift_ban(ban_key(network, jail))

    def keep_value(self, plugin: str, key: str, value: str | None, until: float = inf) -> None:
        """Keep a plugin's value; None forgets it."""
        if self.storekeeper is not None:
            self.collector.set_value(plugin, key, value, until)

    def kept(self, plugin: str) -> Iterator[tuple[str, str]]:
        """Go through what a plugin kept; others have their turn meanwhile.

        What can't be read is left out, and told.
        """
        if self.storekeeper is None:
            return
        self.flush()
        load = self.storekeeper.store.load_values
        after: int | None = 0
        told = skipped = 0
        while after is not None:
            try:
                pairs, after = self.storekeeper.call(load, plugin, after, self._now())
            except StoreDamagedError as error:
                self._begin_anew(self.storekeeper, error)
                # What can be read has the same order in the new one.
                after, skipped = (0, told) if self.flush() else (None, 0)
                continue
            except StoreError as error:
                log.error("%s: what it kept is lost: %s", plugin, error)  # noqa: TRY400 - explained
                return
            yield from pairs[skipped:]
            told += len(pairs[skipped:])
            skipped = max(skipped - len(pairs), 0)

    def find_lines(self, network: Network, jail: str) -> tuple[str, ...]:
        """Return the log lines that led to a ban; nothing if they are not known.

        Waits for the store, which may fail: then nothing is known either.
        """
        key = ban_key(network, jail)
        if self.storekeeper is None:
            return self._recent.find(key)
        lines = self.collector.find_lines(key)
        if lines is not None:
            return lines
        try:
            return self.storekeeper.call(self.storekeeper.store.find_lines, network, jail)
        except StoreError:
            return ()

    def find_history(self, network: Network) -> Sequence[Ban]:
        """Return the last ban of exactly this network in each jail, those that ended among them.

        Waits for the store. Without one, and while it fails, nothing is known.
        """
        if self.storekeeper is None or not self.flush():
            return ()
        try:
            return self.storekeeper.call(self.storekeeper.store.find_history, network)
        except StoreError:
            return ()

    def flush(self) -> bool:
        """Write what has changed up to now; return whether that worked.

        There is nothing to write without a store.
        """
        if self.storekeeper is None:
            return True
        try:
            with self._writing:
                self.storekeeper.salvage()
                if not self._restored:
                    self._restore(self.storekeeper, late=True)
                self._write(self.storekeeper)
                if self.collector.cut():
                    self._write(self.storekeeper)
                elif self.storekeeper.hindered:
                    self.storekeeper.save(Changes())
                if self.collector.lacks_bans:
                    self.collector.lacks_bans = False
                    self._add_all_bans(self.storekeeper)
                self.storekeeper.salvage_lines()
        except StoreDamagedError as error:
            self._begin_anew(self.storekeeper, error)
            return False
        except StoreError:
            return False  # the storekeeper has told it
        return True

    def _restore(self, storekeeper: Storekeeper, *, late: bool = False) -> None:
        """Take what was kept; of a damaged store as much as can be read.

        Args:
            storekeeper: Goes to the store.
            late: Whether everything is at work already: then in steps, and beside what has
                changed since.

        Raises:
            StoreError: it can't be read now.
        """
        began = time.monotonic()
        oldest = self._now() - self._purge_age
        late_for = self.collector if late else None
        for again in (False, True):
            storekeeper.salvage()
            try:
                kept = restoring.restore(storekeeper, oldest, self._bans, late_for)
                self.positions = kept | self.positions
                break
            except StoreDamagedError as error:
                self._begin_anew(storekeeper, error, salvage=not again)
        self._restored = True
        self._changed()
        seconds = time.monotonic() - began
        log.info("%d bans are in force again, loaded in %.1f s", len(self._bans), seconds)

    def _flush_forever(self) -> None:
        assert self.storekeeper is not None  # noqa: S101 - nobody flushes without one
        while True:
            gevent.sleep(self.storekeeper.pause or self._flush)
            self.flush()

    def _purge_forever(self) -> None:
        assert self.storekeeper is not None  # noqa: S101 - nobody purges without one
        while True:
            after: int | None = 0
            while after is not None:
                gevent.sleep(PURGE_STEP)
                after = self._purge(self.storekeeper, after)
            gevent.sleep(PURGE)

    def _purge(self, storekeeper: Storekeeper, after: int) -> int | None:
        now = self._now()
        purge = storekeeper.store.purge
        try:
            with self._writing:
                return storekeeper.call(purge, after, now - self._purge_age, now)
        except StoreDamagedError as error:
            self._begin_anew(storekeeper, error)
        except StoreError as error:
            log.debug("nothing is purged: %s", error)
        return None

    def _write(self, storekeeper: Storekeeper) -> None:
        """Write the group that waits, if there is one."""
        group = self.collector.waiting
        if group is None:
            return
        storekeeper.save(group)
        self.collector.waiting = None
        for fragments in group.kinds():
            # Letting go of many texts takes time, too.
            while fragments:
                for _ in range(min(SLICE, len(fragments))):
                    fragments.popitem()
                give_way()

    def _begin_anew(
        self, storekeeper: Storekeeper, error: StoreDamagedError, *, salvage: bool = True
    ) -> None:
        """Begin a new store; the next group fills it with what is in memory, and was saved."""
        self.collector.lacks_bans |= self._restored
        for source, position in self.positions.items():
            self.collector.set_position(source, position)
        try:
            storekeeper.begin_anew(error, salvage=salvage)
        except StoreError:
            log.debug("the store can't be begun anew yet")  # told by the storekeeper

    def _add_all_bans(self, storekeeper: Storekeeper) -> None:
        """Write every ban in force, and every past one that is remembered."""
        for page in (self._bans.page, self._bans.page_past):
            cursor: int | None = 0
            while cursor is not None:
                bans, cursor = page(cursor, SLICE)
                self.keep_bans(bans)
                give_way()
                # Not all of them would have room.
                if self.collector.pending > GROUP and self.collector.cut():
                    self._write(storekeeper)
        if self.collector.cut():
            self._write(storekeeper)

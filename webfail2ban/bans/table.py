"""The ban table: who is refused until when, and who was. Verdicts read it.

A ban that has ended stays as history, so that the next one of the same network and jail counts
higher; one that somebody lifts takes its history with it, because it was a mistake. What is in
force is a matter of the clock alone, never of when somebody cleaned up.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from webfail2ban.addresses import Address, Network
from webfail2ban.bans.families import place
from webfail2ban.bans.index import Index
from webfail2ban.bans.loading import Columns, append_all
from webfail2ban.bans.past import Past
from webfail2ban.bans.records import FREE, IN_FORCE, NONE, PAST, Records
from webfail2ban.bans.wheel import Wheel
from webfail2ban.model import Ban

#: How many records are handled at once: a few milliseconds, because verdicts wait meanwhile.
SLICE = 200

#: Seconds that a ban is remembered after its end, and the most that are.
PURGE_AGE = 86400.0
MAX_PAST = 1_000_000


class BanTable:
    """All bans in force, and the past ones.

    Args:
        now: The clock, in seconds since the epoch.
        purge_age: Seconds that a ban is remembered after its end.
        max_past: How many past bans are remembered; those that ended first go first.

    Attributes:
        purge_age: As above; it may be set at any time, as may the next.
        max_past: As above.
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        purge_age: float = PURGE_AGE,
        max_past: int = MAX_PAST,
    ) -> None:
        self._now = now
        self.purge_age = purge_age
        self.max_past = max_past
        self._size = 0
        self._records = Records()
        self._index = Index(self._records)
        self._wheel = Wheel(self._records)
        self._past = Past(self._records)

    def __len__(self) -> int:
        """Count the bans, those that have ended and wait for `expire` among them."""
        return self._size

    def __iter__(self) -> Iterator[Ban]:
        """Go through the bans in force; they may change meanwhile, see `page`."""
        cursor: int | None = 0
        while cursor is not None:
            bans, cursor = self.page(cursor)
            yield from bans

    @property
    def next_end(self) -> float:
        """When `expire` next has something to do, in the past if at once; infinity if never."""
        oldest = self._past.first
        if oldest == NONE:
            return self._wheel.next
        if len(self._past) > self.max_past:
            return self._records.until[oldest]
        return min(self._wheel.next, self._records.until[oldest] + self.purge_age)

    @property
    def past_size(self) -> int:
        """How many past bans are remembered."""
        return len(self._past)

    def add(self, ban: Ban) -> Ban | None:
        """Put a ban in force; of two for the same network and jail the later end counts.

        Its count is at least that of the bans which this network had from this jail before.

        Returns:
            The ban as it is in force now; None if nothing changed, because one that ends no
            earlier is in force or this one is already over.
        """
        now = self._now()
        if not ban.until > now:
            return None
        family, key = place(ban.network)
        jail = self._records.jail_number(ban.jail)
        record, new = self._index.take(family, key, jail)
        count = ban.count
        if not new:
            before = self._bans_by(record, now)
            if self._is_in_force(record, now):
                if self._records.until[record] >= ban.until:
                    return None
                before -= 1  # it goes on, so it is no new one
            count = max(count, before)
            self._take_out(record)
        self._records.write(record, ban.since, ban.until, count, ban.reason)
        self._size += 1
        self._wheel.add(record, now)
        count = self._records.count[record]
        return ban if ban.count == count else replace(ban, count=count)

    def find(self, address: Address) -> Ban | None:
        """Return the ban in force for an address, of several the one that ends last."""
        covering = self._index.covering(address)
        record = self._latest(covering) if covering else NONE
        return None if record == NONE else self._records.make_ban(record)

    def find_jail(self, address: Address) -> str | None:
        """Return the jail of the ban that `find` finds, without making that."""
        covering = self._index.covering(address)
        if not covering:  # nearly always, of those who fail
            return None
        record = self._latest(covering)
        return None if record == NONE else self._records.jail_name(self._records.jail[record])

    def covering(self, address: Address) -> tuple[Ban, ...]:
        """Return all bans in force for an address, those of the narrowest network first."""
        return self._in_force(self._index.covering(address))

    def get(self, network: Network) -> tuple[Ban, ...]:
        """Return the bans in force of exactly this network."""
        return self._in_force(self._index.chain(*place(network)))

    def past(self, network: Network) -> tuple[Ban, ...]:
        """Return the last past ban of exactly this network by each jail that has none in force."""
        now = self._now()
        return tuple(
            self._records.make_ban(record)
            for record in self._index.chain(*place(network))
            if not self._is_in_force(record, now) and self._bans_by(record, now)
        )

    def bans_before(self, network: Network, jail: str | None = None) -> int:
        """Return how often exactly this network was banned, by one jail or by all together.

        The bans in force count, lifted and forgotten ones don't.
        """
        now = self._now()
        return sum(self._bans_by(record, now) for record in self._of(network, jail))

    def remove(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """Remove the bans of exactly this network, of one jail or of all, and their history.

        Returns:
            The bans that this ended: those in force, and those whose end `expire` would have told.
        """
        removed: list[Ban] = []
        for record in self._of(network, jail):
            if self._records.state[record] == IN_FORCE:
                removed.append(self._records.make_ban(record))
            self._drop(record)
        return tuple(removed)

    def expire(self, limit: int = SLICE) -> list[Ban]:
        """Make the bans that have ended past ones, and forget the oldest of those.

        Args:
            limit: How many records to handle; when more wait, `next_end` is in the past.

        Returns:
            The bans that have ended, in the order of the seconds in which they did.
        """
        records, left = self._wheel.turn(self._now(), limit)
        ended: list[Ban] = []
        for record in records:
            ended.append(self._records.make_ban(record))
            self._size -= 1
            self._past.add(record)
            if len(self._past) > self.max_past:
                self._drop(self._past.first)
        self.purge(left)
        return ended

    def purge(self, limit: int = SLICE) -> int:
        """Forget the past bans that are too old or too many; `expire` does it, too.

        Args:
            limit: How many to forget at most.

        Returns:
            How many were forgotten.
        """
        now = self._now()
        gone = 0
        while gone < limit and self._past.first != NONE:
            oldest = self._past.first
            is_young = self._records.until[oldest] + self.purge_age > now
            if is_young and len(self._past) <= self.max_past:
                break
            self._drop(oldest)
            gone += 1
        return gone

    def page(self, cursor: int = 0, limit: int = SLICE) -> tuple[list[Ban], int | None]:
        """Return a part of the bans in force, to go through all while they change.

        A ban that stays in force all the while is returned exactly once.

        Args:
            cursor: 0 for the first part, then what the last call returned.
            limit: How many records to look at; there may be fewer bans, or none, among them.

        Returns:
            The bans, and the cursor of the next part; None after the last.
        """
        now = self._now()
        end = min(cursor + limit, len(self._records))
        bans = [
            self._records.make_ban(record)
            for record in range(cursor, end)
            if self._is_in_force(record, now)
        ]
        return bans, end if end < len(self._records) else None

    def page_past(self, cursor: int = 0, limit: int = SLICE) -> tuple[list[Ban], int | None]:
        """Return a part of the past bans that are remembered, as `page` does of those in force."""
        end = min(cursor + limit, len(self._records))
        bans = [
            self._records.make_ban(record)
            for record in range(cursor, end)
            if self._records.state[record] == PAST
        ]
        return bans, end if end < len(self._records) else None

    def count_jails(self, cursor: int = 0, limit: int = SLICE) -> tuple[dict[str, int], int | None]:
        """Count a part of the bans in force by jail; those whose end `expire` would tell count.

        Args:
            cursor: 0 for the first part, then what the last call returned.
            limit: How many records to look at: 10,000 take half a millisecond.

        Returns:
            The jails that have any, and the cursor of the next part; None after the last.
        """
        records = self._records
        end = min(cursor + limit, len(records))
        found = Counter(zip(records.jail[cursor:end], records.state[cursor:end], strict=True))
        counts = {
            records.jail_name(jail): count
            for (jail, state), count in found.items()
            if state == IN_FORCE
        }
        return counts, end if end < len(records) else None

    def load(self, parts: Iterable[Columns]) -> None:
        """Fill in what was kept, in any order: past bans and bans in force, with their counts.

        Of two for the same network and jail the later end and the higher count hold.

        Raises:
            ValueError: one is no ban; nothing is loaded.
        """
        now = self._now()
        begin = len(self._records)
        append_all(self._records, parts, now, now - self.purge_age)
        end = len(self._records)
        twins = self._index.add_all(begin, end)
        for record, _ in twins:
            self._records.state[record] = FREE
        state = self._records.state
        in_force = [record for record in range(begin, end) if state[record] == IN_FORCE]
        self._size += len(in_force)
        self._wheel.add_all(in_force, now)
        self._past.add_all(record for record in range(begin, end) if state[record] == PAST)
        for record, twin in twins:
            self._merge(record, twin, now)
        self._past.add_all(())
        self.purge(len(self._past))

    def _merge(self, record: int, twin: int, now: float) -> None:
        """Give what a record says of the same network and jail to its twin, and free it."""
        records = self._records
        until, count = records.until[record], records.count[record]
        if self._bans_by(twin, now):
            count = max(count, records.count[twin])
        if records.until[twin] >= until:
            records.set_count(twin, count)
        else:
            self._take_out(twin)
            records.write(twin, records.since[record], until, count, records.reason[record])
            if until > now:
                self._size += 1
                self._wheel.add(twin, now)
            else:
                self._past.add(twin)
        records.free(record)

    def _latest(self, records: Iterable[int]) -> int:
        """Return the record in force that ends last, NONE if none is in force."""
        latest, last = self._now(), NONE
        for record in records:
            until = self._records.until[record]
            if until > latest and self._records.state[record] == IN_FORCE:
                last, latest = record, until
        return last

    def _of(self, network: Network, jail: str | None) -> list[int]:
        """Return the records of exactly this network, of one jail or of all."""
        family, key = place(network)
        if jail is None:
            return self._index.chain(family, key)
        record = self._index.get(family, key, self._records.find_jail(jail))
        return [] if record == NONE else [record]

    def _in_force(self, records: Iterable[int]) -> tuple[Ban, ...]:
        now = self._now()
        return tuple(
            self._records.make_ban(record) for record in records if self._is_in_force(record, now)
        )

    def _is_in_force(self, record: int, now: float) -> bool:
        return self._records.state[record] == IN_FORCE and self._records.until[record] > now

    def _bans_by(self, record: int, now: float) -> int:
        """Count the bans of a record's network by its jail, the record's own among them."""
        if self._is_in_force(record, now) or self._records.until[record] + self.purge_age > now:
            return self._records.count[record] + 1
        return 0

    def _take_out(self, record: int) -> None:
        """Let a record wait for nothing, neither for its end nor to be forgotten."""
        if self._records.state[record] == IN_FORCE:
            self._wheel.remove(record)
            self._size -= 1
        else:
            self._past.remove(record)

    def _drop(self, record: int) -> None:
        self._take_out(record)
        self._index.drop(record)

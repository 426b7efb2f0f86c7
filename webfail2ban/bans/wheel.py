"""A timing wheel: bans wait for the second of their end, and cost nothing until then.

What ends soon waits in the slot of its second, what ends later in the slot of its hour. When the
hour has come, its records are spread to their seconds: so there are few slots, however many
bans end at however many different times.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from math import ceil, inf

from webfail2ban.bans.records import NONE, Records

#: Seconds in a coarse slot: a year has 8760 of them, and the next hour 3600 fine ones.
HOUR = 3600


class Wheel:
    """The records that will end, by time.

    Args:
        records: The columns; a record's ``until`` must not change while it waits here.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._firsts: dict[int, int] = {}  # slot -> first record of its ring; NONE if all left
        self._slots: list[int] = []  # a heap of the slots, each once

    @property
    def next(self) -> float:
        """When the next slot's time comes; infinity if nothing waits."""
        while self._slots and self._firsts[self._slots[0]] == NONE:
            del self._firsts[heapq.heappop(self._slots)]
        return self._slots[0] if self._slots else inf

    def add(self, record: int, now: float) -> None:
        """Let a record wait for its end; a permanent one waits for nothing."""
        until = self._records.until[record]
        if until == inf:
            return
        # As in `_slot` and `_open`, without the calls: each ban comes here.
        slot = ceil(until)
        if slot - now > HOUR:
            slot -= slot % HOUR
        first = self._firsts.get(slot)
        if first is None:
            heapq.heappush(self._slots, slot)
            first = NONE
        self._firsts[slot] = self._records.link(first, record)

    def add_all(self, records: Iterable[int], now: float) -> None:
        """Let many records wait for their ends."""
        groups: defaultdict[int, list[int]] = defaultdict(list)
        until = self._records.until
        for record in records:
            end = until[record]
            if end < inf:
                groups[_slot(end, now)].append(record)
        for slot, group in groups.items():
            self._firsts[slot] = self._records.link_all(self._open(slot), group)

    def remove(self, record: int) -> None:
        """Let a record wait no longer."""
        until = self._records.until[record]
        if until == inf:
            return
        following = self._records.unlink(record)
        second = ceil(until)
        for slot in (second, second - second % HOUR):
            if self._firsts.get(slot) == record:
                self._firsts[slot] = following

    def turn(self, now: float, limit: int) -> tuple[list[int], int]:
        """Take out the records that have ended, in the order of the seconds of their ends.

        Args:
            now: The time.
            limit: How many records to handle, those that are spread to their seconds included.

        Returns:
            The records, and how much of the limit is left.
        """
        ended: list[int] = []
        while limit > 0 and self.next <= now:
            limit -= 1
            slot = self._slots[0]
            record = self._firsts[slot]
            self._firsts[slot] = self._records.unlink(record)
            if ceil(self._records.until[record]) == slot:
                ended.append(record)
            else:
                self.add(record, now)
        return ended, limit

    def _open(self, slot: int) -> int:
        """Return the first record of a slot, a new slot if there is none."""
        first = self._firsts.get(slot)
        if first is None:
            heapq.heappush(self._slots, slot)
            return NONE
        return first


def _slot(until: float, now: float) -> int:
    """Return the second in which a ban has ended, or if that is far off, its hour."""
    second = ceil(until)
    return second if second - now <= HOUR else second - second % HOUR

"""Bans as columns of numbers: a record is an index into all of them.

An object for each ban would cost five times the memory, and the garbage collector would visit
each again and again.
"""

from array import array
from collections.abc import Iterable, MutableSequence, Sequence
from itertools import pairwise
from sys import intern
from typing import Any

from webfail2ban.bans.families import make_network
from webfail2ban.model import Ban

#: No record.
NONE = -1

#: The states of a record. What has ended is in force until somebody looked: see `BanTable.expire`.
FREE, IN_FORCE, PAST = range(3)

#: Records that are appended at once: for one after the other each column grows by a call.
ROOM = 256
NO_TIMES = array("d", [0.0]) * ROOM
NO_BITS, NO_HASHES, NO_NUMBERS, NO_BYTES = (array(kind, [0]) * ROOM for kind in "QqIB")

#: The most bans that are counted of a network: the column's width.
MAX_COUNT = 2**32 - 1

#: Leading bits are kept in two columns of this many bits, because an IPv6 address has 128.
HALF = 64
HALF_MASK = 2**HALF - 1


class Records:
    """The columns. Freed records are used again, the last freed first.

    Attributes:
        since: When the ban began.
        until: When it ends or ended.
        jail: The number of the jail.
        count: How many bans of this network and jail there were before.
        reason: Why; equal ones are one object.
        family: The network's family.
        low: The last 64 of the network's leading bits.
        high: Those before them.
        number: What the index makes of these three; most networks differ in it.
        state: FREE, IN_FORCE or PAST.
        next: The next record of the index's chain, or of the free ones; NONE for the last.
        before: The record before this one in its ring (`link`).
        after: The record after this one in its ring.
    """

    def __init__(self) -> None:
        self.since = array("d")
        self.until = array("d")
        self.jail = array("I")
        self.count = array("I")
        self.reason: list[str] = []
        self.family = array("B")
        self.low = array("Q")
        self.high = array("Q")
        self.number = array("q")
        self.state = array("B")
        self.next = array("i")
        self.before = array("i")
        self.after = array("i")
        self._free = NONE
        self._jails: list[str] = []
        self._jail_numbers: dict[str, int] = {}

    def __len__(self) -> int:
        """Count the records, free ones among them."""
        return len(self.state)

    def jail_number(self, name: str) -> int:
        """Return the number of a jail, a new one for a new name."""
        number = self._jail_numbers.get(name)
        if number is None:
            number = self._jail_numbers[name] = len(self._jails)
            self._jails.append(name)
        return number

    def jail_name(self, number: int) -> str:
        """Return the name of a jail."""
        return self._jails[number]

    def find_jail(self, name: str) -> int:
        """Return the number of a jail, NONE if it never banned anybody."""
        return self._jail_numbers.get(name, NONE)

    def make(self, number: int, family: int, key: int, jail: int) -> int:
        """Return a record for a network and jail; the caller writes the other columns."""
        record = self._free
        if record == NONE:
            record = self._append()
        self._free = self.next[record]
        self.number[record] = number
        self.family[record] = family
        if key <= HALF_MASK:
            self.low[record] = key
        else:
            self.low[record] = key & HALF_MASK
            self.high[record] = key >> HALF
        self.jail[record] = jail
        self.next[record] = NONE
        return record

    def extend(  # noqa: PLR0913, PLR0917 - one argument for each column
        self,
        family: Sequence[int],
        keys: Sequence[int],
        jails: Sequence[str],
        since: Sequence[float],
        until: Sequence[float],
        counts: Sequence[int],
        reasons: Sequence[str],
        now: float,
    ) -> None:
        """Append records by columns, in no ring and without numbers; in force or past."""
        begin = len(self.state)
        numbers = {name: self.jail_number(name) for name in dict.fromkeys(jails)}
        if min(counts) < 0 or max(counts) > MAX_COUNT:
            counts = [min(max(count, 0), MAX_COUNT) for count in counts]
        self.family.extend(family)
        if max(keys) <= HALF_MASK:
            self.low.extend(keys)
            self.high.extend(array("Q", [0]) * len(keys))
        else:
            self.low.extend([key & HALF_MASK for key in keys])
            self.high.extend([key >> HALF for key in keys])
        self.jail.extend([numbers[name] for name in jails])
        self.since.extend(since)
        self.until.extend(until)
        self.count.extend(counts)
        self.reason.extend(map(intern, reasons))
        self.number.extend(array("q", [0]) * len(keys))
        self.next.extend(array("i", [NONE]) * len(keys))
        alone = array("i", range(begin, begin + len(keys)))
        self.before.extend(alone)
        self.after.extend(alone)
        self.state.extend([IN_FORCE if end > now else PAST for end in until])

    def truncate(self, size: int) -> None:
        """Drop the records from a number on: they were appended and are in use nowhere."""
        for column in self._columns():
            del column[size:]

    def free(self, record: int) -> None:
        """Give a record back."""
        self.state[record] = FREE
        self.high[record] = 0
        self.reason[record] = ""
        self.next[record] = self._free
        self._free = record

    def write(self, record: int, since: float, until: float, count: int, reason: str) -> None:
        """Fill in a record that is in force from now on."""
        self.since[record] = since
        self.until[record] = until
        self.reason[record] = intern(str(reason))  # which refuses an enum's value
        self.state[record] = IN_FORCE
        if count or self.count[record]:
            self.set_count(record, count)

    def set_count(self, record: int, count: int) -> None:
        """Write the count, as far as the column is wide."""
        self.count[record] = count if 0 <= count <= MAX_COUNT else max(0, min(count, MAX_COUNT))

    def key(self, record: int) -> int:
        """Return the network's leading bits."""
        return self.high[record] << HALF | self.low[record]

    def is_at(self, record: int, family: int, key: int) -> bool:
        """Whether a record is one of a network."""
        return (
            self.low[record] == key & HALF_MASK
            and self.family[record] == family
            and self.high[record] == key >> HALF
        )

    def link(self, first: int, record: int) -> int:
        """Put a record at the end of the ring that begins with another, NONE for an empty one.

        A record is in one ring at most; one that is in none is a ring by itself.

        Returns:
            The first record of the ring.
        """
        if first == NONE:
            self.before[record] = self.after[record] = record
            return record
        last = self.before[first]
        self.before[record] = last
        self.after[record] = first
        self.after[last] = self.before[first] = record
        return first

    def unlink(self, record: int) -> int:
        """Take a record out of its ring.

        Returns:
            The record that came after it, NONE if it was the only one.
        """
        following = self.after[record]
        if following == record:
            return NONE
        previous = self.before[record]
        self.after[previous] = following
        self.before[following] = previous
        self.before[record] = self.after[record] = record
        return following

    def make_ban(self, record: int) -> Ban:
        """Return a record as people and plugins see it."""
        return Ban(
            make_network(self.family[record], self.key(record)),
            self._jails[self.jail[record]],
            self.since[record],
            self.until[record],
            self.reason[record],
            self.count[record],
        )

    def link_all(self, first: int, group: Sequence[int]) -> int:
        """Put records at the end of a ring, as `link` does with one.

        Returns:
            The first record of the ring.
        """
        before, after = self.before, self.after
        for previous, record in pairwise(group):
            after[previous] = record
            before[record] = previous
        begin, end = group[0], group[-1]
        if first == NONE:
            first = begin
            last = end
        else:
            last = self.before[first]
        self.before[begin] = last
        self.after[last] = begin
        self.after[end] = first
        self.before[first] = end
        return first

    def _columns(self) -> Iterable[MutableSequence[Any]]:
        return (
            self.since,
            self.until,
            self.jail,
            self.count,
            self.reason,
            self.family,
            self.low,
            self.high,
            self.number,
            self.state,
            self.next,
            self.before,
            self.after,
        )

    def _append(self) -> int:
        """Append free records; return the first of them."""
        begin = len(self.state)
        alone = range(begin, begin + ROOM)
        for times in (self.since, self.until):
            times.extend(NO_TIMES)
        for bits in (self.low, self.high):
            bits.extend(NO_BITS)
        for numbers in (self.jail, self.count):
            numbers.extend(NO_NUMBERS)
        for octets in (self.family, self.state):  # FREE is 0
            octets.extend(NO_BYTES)
        self.number.extend(NO_HASHES)
        self.reason.extend([""] * ROOM)
        self.next.extend([*alone[1:], NONE])
        self.before.extend(alone)
        self.after.extend(alone)
        return begin

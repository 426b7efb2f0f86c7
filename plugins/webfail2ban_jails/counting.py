"""Counting the failures of one jail's subjects: clients, networks or users."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from webfail2ban_jails.counts import COUNTS, Count, convert
from webfail2ban_jails.entries import SEVERAL, Entry, Known, last_of, tally_of
from webfail2ban_jails.keptlines import KeptLines
from webfail2ban_jails.ledger import Ledger
from webfail2ban_jails.subjects import Subject


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much.

    Attributes:
        maxretry: The weight of failures that is.
        findtime: Seconds in which failures count; the most, where these differ.
        maxmatches: Lines kept of each subject.
        counting: How: ``rate`` or ``window``.
        members: Whether to remember who took part.
        users: Whether to remember for which user it was.
        max_clients: Subjects kept at most.
        max_lines: Lines kept at most, of all subjects together.
    """

    maxretry: int
    findtime: float
    maxmatches: int
    counting: str = "rate"
    members: bool = False
    users: bool = False
    max_clients: int = 200_000
    max_lines: int = 20_000


class Limit(NamedTuple):
    """What is too much of one client.

    Attributes:
        maxretry: The weight of failures that is.
        findtime: Seconds in which they count; no more than those of `Limits`.
    """

    maxretry: int
    findtime: float


class Event(NamedTuple):
    """A failure as it is counted; a plain tuple because a flood brings many.

    Attributes:
        time: When it was, in seconds since the epoch.
        weight: How many failures it counts for.
        lines: What tells of it.
        member: The number of the client that failed.
        user: The user it was for.
    """

    time: float
    weight: int = 1
    lines: tuple[str, ...] = ()
    member: int = 0
    user: str = SEVERAL


class Counted(NamedTuple):
    """A subject that has not reached a jail's maxretry.

    Attributes:
        known: What is remembered of it.
        lines: Its last lines.
    """

    known: Known
    lines: tuple[str, ...]


class Reached(NamedTuple):
    """A subject that has reached a jail's maxretry, and counts from zero again.

    Attributes:
        failures: How many failures were counted, with their weights.
        since: When the first of them happened, or where the findtime begins.
        lines: The last lines that told them.
        members: The numbers of those who took part within findtime.
        at_once: Whether it was the first failure.
    """

    failures: int
    since: float
    lines: tuple[str, ...]
    members: tuple[int, ...]
    at_once: bool


class Counter:
    """Counts the failures of one jail's subjects.

    Args:
        limits: What is too much.
        forgotten: Told of each subject that is forgotten because there are too many.

    Attributes:
        ledger: What is remembered of each subject.
        lines: Their lines.
        longest: Seconds in which failures count; the most, where these differ.
        forgotten: See above.
    """

    def __init__(
        self, limits: Limits, forgotten: Callable[[Subject], object] = lambda _: None
    ) -> None:
        self._limit = Limit(limits.maxretry, limits.findtime)
        self.longest = limits.findtime
        self._members = limits.members
        self._users = limits.users
        self._kind = COUNTS[limits.counting]
        self.forgotten = forgotten
        self.ledger: Ledger[Known] = Ledger(limits.max_clients)
        self.lines = KeptLines(limits.maxmatches, limits.max_lines)

    def __len__(self) -> int:
        """Count the subjects."""
        return len(self.ledger)

    def adopt(self, predecessor: "Counter") -> None:
        """Go on where another counter stands, which must not be used any more."""
        ledger, lines = predecessor.ledger, predecessor.lines
        ledger.limit = self.ledger.limit
        lines.each, lines.limit = self.lines.each, self.lines.limit
        self.ledger, self.lines = ledger, lines

    def add(
        self, subject: Subject, event: Event, now: float, limit: Limit | None = None
    ) -> Counted | Reached:
        """Count a failure.

        Args:
            subject: Whose it is.
            event: The failure; a time in the future counts as now.
            now: Seconds since the epoch.
            limit: What is too much of this client, if that isn't what is of all.
        """
        limit = limit or self._limit
        time = float(min(event.time, now))
        part = self.ledger.part(subject)
        known = part.get(subject)
        if known is not None and last_of(known) <= now - limit.findtime:
            self.forget(subject)
            known = None
        if known is None and event.weight >= limit.maxretry:
            lines = self.lines.last(event.lines)
            took_part = (event.member,) if self._members else ()
            return Reached(event.weight, time, lines, took_part, at_once=True)
        lines = self.lines.add(subject, event.lines)
        if known is None:
            return self._begin(part, subject, time, event, lines)
        newer = time > last_of(known)
        known, count = self._go_on(known, time, event)
        total = count.add(time, event.weight, limit.findtime)
        if total >= limit.maxretry:
            self.forget(subject)
            members = self._members_of(known, limit.findtime)
            return Reached(total, count.first, lines, members, at_once=False)
        if newer:
            del part[subject]  # who failed last is last
        part[subject] = known
        return Counted(known, lines)

    def forgive(self, subject: Subject, member: int, user: str | None) -> bool:
        """Take failures back because somebody got in.

        Args:
            subject: Whose.
            member: Who got in: of a network or a user only this one is forgiven.
            user: Who failed for other users too is not; None forgives everybody.

        Returns:
            Whether anything changed.
        """
        known = self.ledger.part(subject).get(subject)
        entry = known if isinstance(known, Entry) else None
        if known is None or (user is not None and (entry is None or entry.user != user)):
            return False
        if entry is not None and entry.members:
            if entry.members.pop(member, None) is None:
                return False
            if entry.members:
                return True
        self.forget(subject)
        return True

    def forget(self, subject: Subject) -> None:
        """Count a subject from zero."""
        self.ledger.remove(subject)
        self.lines.take(subject)

    def sweep(self, now: float) -> Iterator[None]:
        """Forget whose last failure is further back than findtime, a part of them at each step."""
        for part in self.ledger.parts:
            self._sweep(part, now - self.longest)
            yield

    def find(self, subject: Subject) -> Counted | None:
        """Return what is remembered of a subject; None if it isn't counted."""
        known = self.ledger.part(subject).get(subject)
        return None if known is None else Counted(known, self.lines.get(subject))

    def weigh(self, subject: Subject, now: float) -> tuple[int, float] | None:
        """Return a subject's count at this moment, and when its last failure was.

        None if it isn't counted, or its last failure is further back than findtime.
        """
        known = self.ledger.part(subject).get(subject)
        if known is None or last_of(known) <= now - self.longest:
            return None
        count = convert(tally_of(known), self._kind)
        return count.at(now, self.longest), last_of(known)

    def find_with(self, member: int) -> Iterator[list[Subject]]:
        """Find the subjects in which a client took part, a part of all at each step."""
        for part in self.ledger.parts:
            yield [
                subject
                for subject, known in part.items()
                if isinstance(known, Entry) and member in known.members
            ]

    def _begin(
        self,
        part: dict[Subject, Known],
        subject: Subject,
        time: float,
        event: Event,
        lines: tuple[str, ...],
    ) -> Counted:
        """Count a subject's first failure."""
        known: Known
        known = tally = time if event.weight == 1 else self._kind(time, event.weight)
        if self._members or self._users:
            known = Entry(tally, event.user)
            if self._members:
                known.join(event.member, time)
        self._insert(part, subject, known)
        return Counted(known, lines)

    def _go_on(self, known: Known, time: float, event: Event) -> tuple[Known, Count]:
        """Return what is known as it is remembered now, and its count, to be added to."""
        count = convert(tally_of(known), self._kind)
        if not (self._members or self._users):
            return count, count
        entry = known if isinstance(known, Entry) else Entry(count)
        entry.tally = count
        if self._members:
            entry.join(event.member, time)
        if entry.user != event.user:
            entry.user = SEVERAL
        return entry, count

    def _members_of(self, known: Known, findtime: float) -> tuple[int, ...]:
        """Return who took part within findtime."""
        if not isinstance(known, Entry):
            return ()
        oldest = last_of(known) - findtime
        return tuple(member for member, time in known.members.items() if time >= oldest)

    def _insert(self, part: dict[Subject, Known], subject: Subject, known: Known) -> None:
        oldest = self.ledger.insert(part, subject, known)
        if oldest is not None:
            self.lines.take(oldest)
            self.forgotten(oldest)

    def _sweep(self, part: dict[Subject, Known], oldest_kept: float) -> None:
        old = takewhile(lambda item: last_of(item[1]) <= oldest_kept, part.items())
        for subject in [subject for subject, _ in old]:
            self.forget(subject)

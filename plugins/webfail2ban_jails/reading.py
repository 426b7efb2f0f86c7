"""Counts of before a restart are taken in as they come, in slices, and put in order at the end.

Millions of them take seconds, in which the process has other things to do. Nobody counts meanwhile:
whatever tells of failures is started behind the jails.
"""

from collections.abc import Iterator
from operator import itemgetter

from webfail2ban_jails.counting import Counter
from webfail2ban_jails.entries import last_of, read
from webfail2ban_jails.subjects import Subject

#: Subjects whose lines are taken in before the oldest are dropped, and those that are put in order
#: in one go: a millisecond or two.
SLICE = 1000


class Reading:
    """What one jail had counted.

    Args:
        counter: Takes it in; nobody uses it before `finish`.
        now: Seconds since the epoch.
    """

    def __init__(self, counter: Counter, now: float) -> None:
        self._counter = counter
        self._oldest = now - counter.longest
        self._lines: list[tuple[float, Subject, tuple[str, ...]]] = []
        self._oldest_lines = self._oldest

    def add(self, subject: Subject, text: str) -> None:
        """Take in what `entries.write` wrote of a subject.

        What isn't one of its texts is left out: another version may have written it.
        """
        try:
            known, lines = read(text)
        except ValueError:
            return
        last = last_of(known)
        if last <= self._oldest:
            return
        self._counter.ledger.part(subject)[subject] = known
        if lines and last > self._oldest_lines:
            self._lines.append((last, subject, lines))
            if len(self._lines) >= self._counter.lines.limit + SLICE:
                self._drop_lines()

    def finish(self) -> Iterator[None]:
        """Put everything in order, a part of it at each step: who failed last is last."""
        counter = self._counter
        for forgotten in counter.ledger.settle(last_of):
            for subject in forgotten:
                counter.forgotten(subject)
            yield
        self._drop_lines()
        for number, (_, subject, lines) in enumerate(self._lines, 1):
            if subject in counter.ledger.part(subject):
                counter.lines.add(subject, lines)
            if number % SLICE == 0:
                yield

    def _drop_lines(self) -> None:
        """Drop the lines for which there won't be room, so that they take no memory meanwhile."""
        self._lines.sort(key=itemgetter(0))
        too_many = max(len(self._lines) - self._counter.lines.limit, 0)
        if too_many:
            self._oldest_lines = self._lines[too_many - 1][0]
            del self._lines[:too_many]

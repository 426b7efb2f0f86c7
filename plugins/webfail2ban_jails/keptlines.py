"""The log lines of clients that are counted, at most so many of all clients together.

A client's lines are ten times as large as its count, and it chooses how long they are. So they are
bounded apart: when there are too many, those that were written to longest ago go, and the counts
stay.
"""

from collections import OrderedDict

from webfail2ban_jails.subjects import Subject


class KeptLines:
    """Lines by subject.

    Args:
        each: Lines kept for each subject: the last ones.
        limit: Lines kept for all.

    Attributes:
        each, limit: See above; may be changed at any time.
    """

    def __init__(self, each: int, limit: int) -> None:
        self.each = each
        self.limit = limit
        self._lines: OrderedDict[Subject, tuple[str, ...]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        """Count the lines."""
        return self._size

    def add(self, subject: Subject, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Add lines; return the subject's."""
        kept = self._lines.pop(subject, ())
        self._size -= len(kept)
        lines = self.last(kept + lines)
        if not lines:
            return ()
        self._lines[subject] = lines
        self._size += len(lines)
        while self._size > self.limit:
            _, forgotten = self._lines.popitem(last=False)
            self._size -= len(forgotten)
        return lines

    def last(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """Return as many of a subject's lines as are kept."""
        return lines[-self.each :] if self.each else ()

    def get(self, subject: Subject) -> tuple[str, ...]:
        """Return a subject's lines."""
        return self._lines.get(subject, ())

    def take(self, subject: Subject) -> tuple[str, ...]:
        """Remove a subject's lines, and return them."""
        lines = self._lines.pop(subject, ())
        self._size -= len(lines)
        return lines

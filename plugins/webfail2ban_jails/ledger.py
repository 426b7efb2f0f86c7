"""A bounded table of who failed: the one that failed longest ago goes first.

It is divided into parts of a few thousand, by a hash that nobody outside can foresee. A single
dictionary of millions stops everything for a tenth of a second each time it grows, and one that
knows its order beyond insertion costs half as much again for each client. In a part the order is
exact, between the parts it is so on average.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from webfail2ban_jails.subjects import Subject

T = TypeVar("T")

#: Entries of a part in a full ledger: so few that its growth takes less than a tenth of a
#: millisecond, and a search from its front some microseconds at most.
PART = 4096


class Ledger(Generic[T]):
    """Values by subject, in the order in which they were set.

    Args:
        limit: How many subjects are kept.

    Attributes:
        limit: See above; may be changed at any time, and holds from the next new subject on.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._parts: list[dict[Subject, T]] = [{} for _ in range(_power_of_two(limit // PART))]
        self._mask = len(self._parts) - 1
        self._salt = secrets.randbits(60)
        self._size = 0

    def __len__(self) -> int:
        """Count the subjects."""
        return self._size

    @property
    def parts(self) -> Sequence[dict[Subject, T]]:
        """The parts, in which only the methods below put and remove anything, or who settles it."""
        return self._parts

    def part(self, subject: Subject) -> dict[Subject, T]:
        """Return the part in which a subject is, or would be; to replace a value is allowed."""
        return self._parts[hash((self._salt, subject)) & self._mask]

    def insert(self, part: dict[Subject, T], subject: Subject, value: T) -> Subject | None:
        """Set the value of a subject that has none; return who had to go for it."""
        part[subject] = value
        self._size += 1
        if self._size <= self.limit:
            return None
        crowded = part if len(part) > 1 else max(self._parts, key=len)
        oldest = next(iter(crowded))
        del crowded[oldest]
        self._size -= 1
        return oldest

    def settle(self, age: Callable[[T], float]) -> Iterator[list[Subject]]:
        """Put in order, and count, what was set in the parts in any order.

        Args:
            age: What a value's place depends on: that of the highest is last.

        Yields:
            For each part the subjects that had to go because there are too many.
        """
        self._size = sum(map(len, self._parts))
        room = self.limit / self._size if self._size > self.limit else 1.0
        for part in self._parts:
            items = sorted(part.items(), key=lambda item: age(item[1]))
            too_many = len(items) - int(len(items) * room)
            part.clear()
            part.update(items[too_many:])
            self._size -= too_many
            yield [subject for subject, _ in items[:too_many]]

    def remove(self, subject: Subject) -> None:
        """Remove a subject, if it is there."""
        if self.part(subject).pop(subject, None) is not None:
            self._size -= 1


def _power_of_two(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()

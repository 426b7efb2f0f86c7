"""The bans that are over, in the order of their ends: who comes again is banned longer."""

from collections.abc import Iterable, Iterator

from webfail2ban.bans.records import NONE, PAST, Records


class Past:
    """A queue of records.

    Args:
        records: The columns.

    Attributes:
        first: The record whose ban ended first; NONE if there is none.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._size = 0
        self.first = NONE

    def __len__(self) -> int:
        """Count the records."""
        return self._size

    def __iter__(self) -> Iterator[int]:
        """Go through the records; the queue must not change meanwhile."""
        record = self.first
        for _ in range(self._size):
            yield record
            record = self._records.after[record]

    def add(self, record: int) -> None:
        """Put a record at the end of the queue."""
        self._records.state[record] = PAST
        self.first = self._records.link(self.first, record)
        self._size += 1

    def remove(self, record: int) -> None:
        """Take a record out of the queue."""
        following = self._records.unlink(record)
        if self.first == record:
            self.first = following
        self._size -= 1

    def add_all(self, records: Iterable[int]) -> None:
        """Put records, whose state is PAST already, where their ends belong."""
        waiting = [*self, *records]
        if not waiting:
            return
        waiting.sort(key=self._records.until.__getitem__)
        self.first = self._records.link_all(NONE, waiting)
        self._size = len(waiting)

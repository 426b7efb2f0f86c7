"""Where in a log a time begins, found with a few reads however large the log is.

Lines stand in the order in which they were written, and their dates nearly so: a writer that
buffers, or dates a request by its beginning, brings older ones late. So a place counts as old only
if every date around it is, and where nothing is known the answer lies before rather than behind
what is looked for.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from webfail2ban_tail.lines import ZERO

#: Bytes that are read at one place: some hundred lines. Where none of them has a date, it is tried
#: again with enough for the longest lines and for a program's dying words.
WINDOW = 16 * 1024
LARGE_WINDOW = 64 * 1024

#: Where to look between two places, as shares of the way, as long as nothing has a date there.
SHARES = (1 / 2, 3 / 4, 1 / 4)

#: Places without a date that are put up with, and as many more as there are others. A line without
#: a date is the dearest one: every form of date is tried at each of its characters.
PATIENCE = 4


class Seekable(Protocol):
    """A log that can be read anywhere."""

    @property
    def size(self) -> int:
        """How large it is."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Return the bytes at a place, fewer at the end."""

    def find_data(self, offset: int) -> int:
        """Return the first place that lies in no hole, from a place on."""


class DatedLine(NamedTuple):
    """A line that has a date.

    Attributes:
        start: The place of its first byte.
        end: The place behind its newline.
        time: Its date, in seconds since the epoch.
    """

    start: int
    end: int
    time: float


class Bisection:
    """Looks for times in a log.

    Args:
        log: The log. What is appended meanwhile is not looked at.
        read_time: Returns the time of a line; None if it has none.
    """

    def __init__(self, log: Seekable, read_time: Callable[[bytes], float | None]) -> None:
        self._log = log
        self._size = log.size
        self._read_time = read_time
        self._dated = self._undated = 0  # places that were looked at
        self._last = self._sample(max(self._size - WINDOW, 0), self._size)

    @property
    def is_dated(self) -> bool:
        """Whether a date was found anywhere."""
        return self._dated > 0

    @property
    def last_time(self) -> float | None:
        """The date of the last line; None if there is none near the end."""
        return self._last[-1].time if self._last else None

    def find(self, since: float) -> int:
        """Return the beginning of a line before which no line is as new as a time.

        Args:
            since: The time, in seconds since the epoch.

        Returns:
            A place as far behind as the dates allow: the first line that is as new if the dates
            grow, the log's end if all are older.
        """
        if self._last and _newest(self._last) < since:
            return self._size
        low, high = 0, self._size  # low is a line's beginning, and all that lies before is older
        while high - low > WINDOW and self._is_patient():
            middle, lines = self._look_between(low, high)
            if lines and _newest(lines) < since:
                low = lines[-1].end
            else:
                high = middle
        low = self._log.find_data(low)
        for line in self._list_dated(low, LARGE_WINDOW, whole=True):
            if line.time >= since:
                return line.start
        return low

    def _is_patient(self) -> bool:
        return self._undated < PATIENCE + self._dated

    def _look_between(self, low: int, high: int) -> tuple[int, list[DatedLine]]:
        """Return a place between two others and the dated lines there.

        Where none of the places that are tried has any, it is the last of them: the log is read
        from further ahead than need be, but little.
        """
        tried = []
        for share in SHARES:
            middle = low + int((high - low) * share)
            lines = self._sample(middle, high)
            if lines or self._log.find_data(middle) >= high:
                return middle, lines
            tried.append(middle)
        return max(tried), []

    def _sample(self, start: int, end: int) -> list[DatedLine]:
        """Return some dated lines that begin at a place or behind it, and before another one."""
        start = self._log.find_data(start)
        if start >= end:
            return []
        for size in (WINDOW, LARGE_WINDOW):
            lines = [
                line for line in self._list_dated(start, size, whole=start == 0) if line.start < end
            ]
            if lines:
                self._dated += 1
                return lines
            if start + size >= end:
                break
        self._undated += 1
        return []

    def _list_dated(self, start: int, size: int, *, whole: bool) -> Iterator[DatedLine]:
        """Yield the lines with a date among the bytes at a place.

        Args:
            start: The place.
            size: How many bytes.
            whole: Whether a line begins there; else one does behind the next newline.
        """
        if not whole:  # if the byte before is a newline, a line begins at the place
            start, size = start - 1, size + 1
        data = self._log.read_at(start, size)
        begin = 0 if whole else data.find(b"\n") + 1 or len(data)
        while (newline := data.find(b"\n", begin)) >= 0:
            time = self._read_time(data[begin:newline].lstrip(ZERO))
            if time is not None:
                yield DatedLine(start + begin, start + newline + 1, time)
            begin = newline + 1


def _newest(lines: list[DatedLine]) -> float:
    return max(line.time for line in lines)

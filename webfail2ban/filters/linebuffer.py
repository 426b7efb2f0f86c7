"""The last lines of a log, for filters whose failures span several."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from webfail2ban.filters.datedetector import CutLine


class LineBuffer:
    """The last lines, and the text that they are searched as.

    Args:
        maxlines: How many lines to keep.
    """

    def __init__(self, maxlines: int) -> None:
        self._maxlines = maxlines
        self._lines: list[CutLine] = []

    def push(self, line: CutLine) -> str:
        """Add a line and return all of them, each without its date and with its newline."""
        self._lines = [*self._lines, line][-self._maxlines :]
        return "".join(_searched(line) for line in self._lines)

    def take(self, match: re.Match[str], offset: int, skipped: Sequence[str]) -> tuple[str, ...]:
        """Remove the lines of a match.

        Args:
            match: A match in the text that `push` returned last, or in a part of it.
            offset: Where that part begins.
            skipped: The groups whose lines are between those of the match: they stay.

        Returns:
            The lines as they were in the log.
        """
        starts = list(accumulate((len(_searched(line)) for line in self._lines), initial=0))
        first = self._line_at(starts, match.start() + offset)
        last = self._line_at(starts, max(match.end() - 1, match.start()) + offset)
        taken = set(range(first, last + 1))
        for group in skipped:
            start, end = match.span(group)
            if start < end:
                taken -= set(
                    range(
                        self._line_at(starts, start + offset),
                        self._line_at(starts, end - 1 + offset) + 1,
                    )
                )
        matched = tuple(line.text for place, line in enumerate(self._lines) if place in taken)
        self._lines = [line for place, line in enumerate(self._lines) if place not in taken]
        return matched

    def _line_at(self, starts: Sequence[int], position: int) -> int:
        return min(bisect_right(starts, position) - 1, len(self._lines) - 1)


def _searched(line: CutLine) -> str:
    return f"{line.before}{line.after}\n"

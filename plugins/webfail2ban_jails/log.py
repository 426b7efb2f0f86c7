"""One log, told apart by its source and the program: which jails look at it, and what comes."""

from collections.abc import Mapping
from math import inf

from webfail2ban_jails.logdates import LogDates


class Log:
    """A log.

    Args:
        dates: What finds its lines' dates for each jail that looks at it, by the jail's place.

    Attributes:
        dates: See above.
        lines: How many lines came that nobody has asked about yet.
        last_line: When the last one came, in seconds since the epoch.
        sampled: When a line's date was last looked at only to see whether it can be read.
    """

    __slots__ = ("dates", "last_line", "lines", "sampled")

    def __init__(self, dates: Mapping[int, LogDates]) -> None:
        self.dates = dates
        self.lines = 0
        self.last_line = -inf
        self.sampled = -inf

    def take(self) -> int:
        """Return how many lines have come since the last call."""
        lines, self.lines = self.lines, 0
        return lines

"""What a filter made of all lines, in numbers."""

from collections import Counter
from dataclasses import dataclass
from heapq import heappush, heappushpop

from webfail2ban.commands.examination import Examined, Outcome
from webfail2ban.filters.tracing import Trace

#: How many of the slowest lines are named.
SLOWEST = 3


@dataclass(slots=True)
class Form:
    """A form of dates.

    Attributes:
        example: The first date of this form.
        lines: How many lines have one.
    """

    example: str
    lines: int = 0


class Tally:
    """Counts lines.

    Attributes:
        outcomes: How many lines there are of each kind.
        matches: How many lines each failregex found a failure in, by its index.
        helpers: How many it matched without a failure.
        overlaps: How many lines several failregexes match, by their indices, and the first such.
        forms: The forms of the dates, by the datepattern that found them.
        misread: How many lines have a date that doesn't exist, as February 30.
        undated: How many lines have none.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self.matches: Counter[int] = Counter()
        self.helpers: Counter[int] = Counter()
        self.overlaps: Counter[tuple[int, ...]] = Counter()
        self.first_overlaps: dict[tuple[int, ...], str] = {}
        self.forms: dict[str, Form] = {}
        self.misread = 0
        self.undated = 0
        self._slowest: list[tuple[float, int, str]] = []
        self._lines = 0

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self._lines

    @property
    def slowest(self) -> list[tuple[float, str]]:
        """The slowest lines, seconds and place, the slowest first."""
        ordered = sorted(self._slowest, key=lambda line: -line[0])
        return [(seconds, place) for seconds, _, place in ordered]

    def add(self, log: str, number: int, examined: Examined) -> None:
        """Count a line.

        Args:
            log: The name of its log.
            number: Its number there, from 1.
            examined: What the filter made of it.
        """
        self._lines += 1
        self.outcomes[examined.outcome] += 1
        self._count_regex(examined.trace)
        self._count_date(examined)
        if len(self._slowest) < SLOWEST:
            heappush(self._slowest, (examined.seconds, -self._lines, f"{log}:{number}"))
        elif examined.seconds > self._slowest[0][0]:
            heappushpop(self._slowest, (examined.seconds, -self._lines, f"{log}:{number}"))
        if len(examined.overlaps) > 1:
            self.overlaps[examined.overlaps] += 1
            self.first_overlaps.setdefault(examined.overlaps, f"{log}:{number}")

    def _count_regex(self, trace: Trace) -> None:
        if trace.regex is not None and not trace.ignored:
            counter = self.matches if trace.found else self.helpers
            counter[trace.regex] += 1

    def _count_date(self, examined: Examined) -> None:
        line, pattern = examined.line, examined.pattern
        if pattern is None:
            self.undated += 1
        elif line.time is None:
            self.misread += 1
        else:
            form = self.forms.get(pattern.text)
            if form is None:
                form = self.forms[pattern.text] = Form(line.date)
            form.lines += 1

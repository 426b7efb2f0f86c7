"""A filter under examination: what it makes of each line, and how long it takes for it."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from enum import Enum
from time import thread_time, time
from typing import NamedTuple

from webfail2ban.errors import FilterError
from webfail2ban.filters import CutLine, DateDetector, FilterDefinition, UseDns
from webfail2ban.filters.datepattern import DatePattern
from webfail2ban.filters.tracing import Trace, TracedFilter


class Outcome(Enum):
    """What became of a line."""

    MATCHED = "matched"
    HELPER = "helper"
    IGNORED = "ignored"
    MISSED = "missed"


class Examined(NamedTuple):
    """What a filter made of one line; a plain tuple because one is made for every line.

    Attributes:
        line: The line with its date cut out.
        trace: What became of it.
        pattern: What found its date, None if it has none.
        seconds: How long the processor was busy with it.
        overlaps: The indices of all failregexes that match it, where that is asked for.
    """

    line: CutLine
    trace: Trace
    pattern: DatePattern | None
    seconds: float
    overlaps: tuple[int, ...]

    @property
    def outcome(self) -> Outcome:
        """What became of the line, in one word."""
        if self.trace.found:
            return Outcome.MATCHED
        if self.trace.ignored:
            return Outcome.IGNORED
        return Outcome.MISSED if self.trace.regex is None else Outcome.HELPER


class Examiner:
    """Examines lines of one log, in their order.

    Args:
        definition: The filter.
        now: The clock that fills in what dates leave out, in seconds since the epoch.
        timezone: The zone of dates that don't name theirs; None for the process's local one.
        usedns: What to do with host names; None for what the filter says.
        dateless: Whether lines carry no date and were written now, as the journal's.
        all_regex: Whether to try every failregex on each line.

    Raises:
        FilterError: the filter can't be compiled.
    """

    def __init__(  # noqa: PLR0913 - settings by name
        self,
        definition: FilterDefinition,
        *,
        now: Callable[[], float] = time,
        timezone: tzinfo | None = None,
        usedns: UseDns | None = None,
        dateless: bool = False,
        all_regex: bool = False,
    ) -> None:
        self._now = now
        self._dateless = dateless
        self._all_regex = all_regex
        try:
            self._dates = DateDetector(
                definition.datepattern, now=now, timezone=timezone, year=_latest_year(now)
            )
        except FilterError as error:
            file = definition.file or definition.name
            raise FilterError(file, error.option, error.reason) from error
        self._filter = TracedFilter(
            definition, now=now, usedns=usedns, dates=self._dates, live=False
        )

    def examine(self, text: str) -> Examined:
        """Search one line."""
        began = thread_time()
        text = text.rstrip("\r")
        line = CutLine("", "", text, self._now()) if self._dateless else self._dates.cut(text)
        trace = self._filter.trace(line)
        seconds = thread_time() - began
        pattern = self._dates.last_pattern if line.date else None
        overlaps = self._filter.overlaps() if self._all_regex else ()
        return Examined(line, trace, pattern, seconds, overlaps)

    def locate_host(self, examined: Examined) -> tuple[int, int] | None:
        """Return from where to where the line that was examined last tells who failed."""
        return self._filter.locate_host(examined.line)


def _latest_year(now: Callable[[], float]) -> int:
    """Return the year of the clock or the true one: an old clock must not make dates too new."""
    return datetime.fromtimestamp(max(now(), time())).astimezone().year

"""All jails' filters over the same lines, and each line only where it may mean something.

A line that takes too long is given up: those behind it are somebody else's failures.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from webfail2ban import CutLine, DateDetector, Failure, LogLine, Superset
from webfail2ban_jails.jailfilter import JailFilter
from webfail2ban_jails.linelimit import LineLimit, LineTooSlowError
from webfail2ban_jails.offenders import Offenders
from webfail2ban_jails.prefilter import Candidates, Prefilter
from webfail2ban_jails.scanner import Scanner, make_scanner

#: Sources and programs whose jails are remembered; whoever sends syslog chooses program names.
MAX_ROUTES = 1000

#: How many lines to look back for the date of a line that has none.
LOOK_BACK = 100

_NO_CANDIDATES: Candidates = {}


class Detector:
    """Finds the failures of all jails.

    Args:
        jails: The jails' filters, in the order of the configuration.
        limit: How long all of them together may take for one line.
        offenders: Takes those that take longer.
        make: Makes what looks for candidates.
    """

    def __init__(
        self,
        jails: Sequence[JailFilter],
        limit: LineLimit,
        offenders: Offenders,
        make: Callable[[Sequence[Superset]], Scanner] = make_scanner,
    ) -> None:
        self._jails = tuple(jails)
        self._limit = limit
        self._offenders = offenders
        self._prefilter = Prefilter([jail.supersets for jail in jails], make)
        self._routes: dict[tuple[str, str], frozenset[int]] = {}
        self._dates: dict[tuple[str, tuple[str, ...]], DateDetector] = {}
        self._earlier: deque[LogLine] = deque(maxlen=LOOK_BACK)
        self._count = 0  # of all lines in earlier blocks
        self._shown: dict[int, int] = {}  # by jail, the number of the last line shown to it

    def detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
        """Yield the failures in the order of the lines."""
        candidates = self._prefilter.search([line.text for line in lines])
        numbers = range(len(lines)) if self._prefilter.everywhere else candidates
        if numbers:
            with self._limit:
                for number in numbers:
                    found = candidates.get(number, _NO_CANDIDATES)
                    yield from self._search(lines, number, found)
        self._earlier.extend(lines[-LOOK_BACK:])
        self._count += len(lines)

    def _search(
        self, lines: Sequence[LogLine], number: int, candidates: Candidates
    ) -> list[Failure]:
        """Return the failures in a line, those before a jail that was too slow among them."""
        line = lines[number]
        failures: list[Failure] = []
        searching: JailFilter | None = None
        self._limit.begin()
        try:
            for place, failregexes in self._merge(candidates):
                searching = self._jails[place]
                if not self._looks_at(place, line) or searching.name in self._offenders.set_aside:
                    continue
                cut = self._cut(searching, line)
                if cut.time is None:
                    self._note_date_before(place, lines, number)
                self._shown[place] = self._count + number
                failures.extend(searching.find(line, cut, failregexes))
        except LineTooSlowError:
            if searching is not None:
                self._offenders.blame(searching.name, searching.filter_name, line.text)
        finally:
            self._limit.end()
        return failures

    def _merge(self, candidates: Candidates) -> list[tuple[int, list[int]]]:
        """Return what to try with a line, in the order of the configuration."""
        everywhere = self._prefilter.everywhere
        if not everywhere:
            return sorted((place, sorted(some)) for place, some in candidates.items())
        return [
            (place, sorted({*candidates.get(place, ()), *everywhere.get(place, ())}))
            for place in sorted({*candidates, *everywhere})
        ]

    def _note_date_before(self, place: int, lines: Sequence[LogLine], number: int) -> None:
        """Tell a filter when a line without a date was written: when the one before it was.

        Lines that mean nothing to it aren't shown to it, though it would have seen their dates.
        """
        jail = self._jails[place]
        unseen = self._count + number - 1 - self._shown.get(place, -1)
        for line in islice(self._go_back(lines, number), min(unseen, LOOK_BACK)):
            if self._looks_at(place, line):
                cut = self._cut(jail, line)
                if cut.time is not None:
                    jail.note(cut)
                    return

    def _go_back(self, lines: Sequence[LogLine], number: int) -> Iterator[LogLine]:
        """Go through the lines before one, the nearest first, into earlier blocks."""
        yield from (lines[index] for index in range(number - 1, -1, -1))
        yield from reversed(self._earlier)

    def _looks_at(self, place: int, line: LogLine) -> bool:
        """Return whether a line is for a jail."""
        key = line.source, line.program
        jails = self._routes.get(key)
        if jails is None:
            if len(self._routes) >= MAX_ROUTES:
                self._routes.clear()
                self._dates.clear()
            looking = (place for place, jail in enumerate(self._jails) if jail.looks_at(*key))
            jails = self._routes[key] = frozenset(looking)
        return place in jails

    def _cut(self, jail: JailFilter, line: LogLine) -> CutLine:
        """Cut the date out of a line, unless its source knows the time.

        Every source has its own form of dates, and filters with the same datepattern share it.
        """
        if line.time is not None:
            return CutLine("", "", line.text, line.time)
        key = line.source, jail.datepattern
        dates = self._dates.get(key)
        if dates is None:
            dates = self._dates[key] = jail.make_dates()
        return dates.cut(line.text)

"""All jails' filters over the same lines, and each line only where it may mean something.

One filter after the other searches what it is to search of a block: expressions that take turns
with others don't find their code in the processor's cache, which costs a fifth more.

A line that takes too long is given up: those behind it are somebody else's failures.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter

from webfail2ban import CutLine, Failure, LogLine, Superset, logs_of, look_at, texts_of
from webfail2ban_jails.jailfilter import JailFilter
from webfail2ban_jails.linelimit import LineLimit, LineTooSlowError
from webfail2ban_jails.log import Log
from webfail2ban_jails.logdates import LogDates
from webfail2ban_jails.offenders import Offenders
from webfail2ban_jails.prefilter import Plan, Prefilter
from webfail2ban_jails.scanner import Scanner, make_scanner
from webfail2ban_jails.sight import Sight

#: Sources and programs whose jails are remembered; whoever sends syslog chooses program names.
MAX_LOGS = 1000

#: How many lines to look back for the date of a line that has none.
LOOK_BACK = 100

#: Seconds between two lines of a log whose dates are looked at though they may mean nothing: a jail
#: that never finds anything should know whether it could.
SAMPLE_PAUSE = 1.0

#: A line that a jail is to search: its number in the block, the line with its date cut out, the
#: failregexes that may match, whether it is read as it is written, and if it has no date, a line
#: before it that has one.
Task = tuple[int, CutLine, Sequence[int], bool, CutLine | None]

#: By the jail's place.
Tasks = defaultdict[int, list[Task]]


class Detector:
    """Finds the failures of all jails.

    Args:
        jails: The jails' filters, in the order of the configuration.
        limit: How long one of them may take for one line.
        offenders: Takes those that take longer.
        now: The clock, in seconds since the epoch.
        make: Makes what looks for what may tell a failure.
    """

    def __init__(
        self,
        jails: Sequence[JailFilter],
        limit: LineLimit,
        offenders: Offenders,
        now: Callable[[], float],
        make: Callable[[Sequence[Superset]], Scanner] = make_scanner,
    ) -> None:
        self._jails = tuple(jails)
        self._limit = limit
        self._offenders = offenders
        self._now = now
        self._sights = [Sight() for _ in self._jails]
        self._prefilter = Prefilter([jail.supersets for jail in jails], make)
        self._logs: dict[tuple[str, str], Log] = {}
        self._dates: dict[tuple[str, tuple[str, ...]], LogDates] = {}
        self._last: tuple[LogLine | None, Log] = None, Log({})
        self._earlier: deque[Sequence[LogLine]] = deque()
        self._kept = 0  # lines in these blocks
        self._count = 0  # of all lines before the block
        self._shown: dict[int, int] = {}  # by jail, the number of the last line shown to it

    def detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
        """Yield the failures in the order of the lines."""
        plans = self._prefilter.search(texts_of(lines))
        default = self._prefilter.default
        numbers = range(len(lines)) if default else plans
        if numbers:
            tasks: Tasks = defaultdict(list)
            found: list[tuple[int, list[Failure]]] = []
            given_up: set[int] = set()
            with self._limit:
                for number in numbers:
                    self._assign(lines, number, plans.get(number, default), tasks)
                for place in sorted(tasks):
                    found += self._search(place, tasks[place], given_up)
            found.sort(key=itemgetter(0))  # of the same line, in the order of the jails
            for _, failures in found:
                yield from failures
        if lines:
            self._watch(lines)
            self._keep(lines)

    def report(self) -> dict[str, Sight]:
        """Return what each jail's filter has seen, by the jail's name.

        Of a jail that also looks for successes it is what the one saw that looks for failures.
        """
        now = self._now()
        self._count_lines()
        sights: dict[str, Sight] = {}
        for place, jail in enumerate(self._jails):
            if jail.name in sights:
                continue
            sight = sights[jail.name] = self._sights[place]
            sight.slow = self._offenders.slow_lines[jail.name]
            sight.set_aside = jail.filter_name if jail.name in self._offenders.set_aside else ""
            dates = {log.dates[place] for log in self._logs.values() if place in log.dates}
            offsets = (each.offset(now) for each in dates)
            known = [offset for offset in offsets if offset is not None]
            sight.clock_offset = max(known, key=abs, default=None)
        return sights

    def _watch(self, lines: Sequence[LogLine]) -> None:
        """Count a block's lines, and see now and then whether their dates can be read."""
        now = self._now()
        for key, count in logs_of(lines).items():
            log = self._find_log(key)
            log.lines += count
            log.last_line = now
            if abs(now - log.sampled) >= SAMPLE_PAUSE:  # the clock may be set back
                log.sampled = now
                numbers = range(len(lines) - 1, -1, -1)
                number = next(n for n in numbers if self._log(look_at(lines, n)[1]) is log)
                with self._limit:
                    self._sample(number, *look_at(lines, number), log.dates)

    def _sample(self, number: int, text: str, line: LogLine, dates: Mapping[int, LogDates]) -> None:
        """Read a line's date for every jail that looks at its log, and may not have searched it."""
        told = line.live and line.time is None  # a source that knows the time has our clock
        compared: set[LogDates] = set()
        jail: JailFilter | None = None
        self._limit.begin(0)
        try:
            for place, own in dates.items():
                jail = self._jails[place]
                if jail.name in self._offenders.set_aside:
                    continue
                cut = own.cut(text, line.time)
                if self._shown.get(place, -1) < self._count + number:
                    self._sights[place].count_date(cut)
                if told and cut.time is not None and own not in compared:
                    compared.add(own)
                    own.compare(cut.time, self._now())
        except LineTooSlowError:
            if jail is not None:
                self._offenders.blame(jail.name, jail.filter_name, text)
        finally:
            self._limit.end()

    def _count_lines(self) -> None:
        """Count what has come in the logs for each of their jails."""
        for log in self._logs.values():
            lines = log.take()
            if lines:
                for place in log.dates:
                    self._sights[place].count_lines(lines, log.last_line)

    def _keep(self, lines: Sequence[LogLine]) -> None:
        """Keep the last blocks, as many as are needed to look back."""
        self._count += len(lines)
        self._kept += len(lines)
        self._earlier.append(lines)
        while self._kept - len(self._earlier[0]) >= LOOK_BACK:
            self._kept -= len(self._earlier.popleft())

    def _assign(self, lines: Sequence[LogLine], number: int, plan: Plan, tasks: Tasks) -> None:
        """Cut a line's date out for each jail that is to search it."""
        text, line = look_at(lines, number)
        log_dates = self._log(line).dates
        set_aside = self._offenders.set_aside
        jail: JailFilter | None = None
        self._limit.begin(number)
        try:
            for place, failregexes in plan:
                dates = log_dates.get(place)
                if dates is None or (set_aside and self._jails[place].name in set_aside):
                    continue
                jail = self._jails[place]
                cut = dates.cut(text, line.time)
                before: CutLine | None = None
                if cut.time is not None:
                    self._sights[place].dated += 1
                else:
                    self._sights[place].count_date(cut)
                    before = self._find_date_before(place, lines, number)
                self._shown[place] = self._count + number
                tasks[place].append((number, cut, failregexes, line.live, before))
        except LineTooSlowError:
            if jail is not None:
                self._offenders.blame(jail.name, jail.filter_name, text)
        finally:
            self._limit.end()

    def _search(
        self, place: int, tasks: Sequence[Task], given_up: set[int]
    ) -> Iterator[tuple[int, list[Failure]]]:
        """Yield the failures that a jail's filter finds, each line's by its number.

        Args:
            place: The jail's.
            tasks: What it is to search.
            given_up: The lines for which some jail was too slow; it adds its own.
        """
        jail, sight, limit = self._jails[place], self._sights[place], self._limit
        for number, cut, failregexes, live, before in tasks:
            if number in given_up:
                continue
            if jail.name in self._offenders.set_aside:
                return
            limit.begin(number)
            try:
                if before is not None:
                    jail.note(before)
                found = jail.find(cut, failregexes, live=live)
            except LineTooSlowError:
                given_up.add(number)
                self._offenders.blame(jail.name, jail.filter_name, cut.text)
                continue
            finally:
                limit.end()
            if found:
                sight.matches += 1
                yield number, found

    def _find_date_before(
        self, place: int, lines: Sequence[LogLine], number: int
    ) -> CutLine | None:
        """Find out for a filter when a line without a date was written: when the one before was.

        Lines that mean nothing to it aren't shown to it, though it would have seen their dates.
        """
        unseen = self._count + number - 1 - self._shown.get(place, -1)
        for line in islice(self._go_back(lines, number), min(unseen, LOOK_BACK)):
            dates = self._log(line).dates.get(place)
            if dates is None:
                continue
            cut = dates.cut(line.text, line.time)
            if cut.time is not None:
                return cut
        return None

    def _go_back(self, lines: Sequence[LogLine], number: int) -> Iterator[LogLine]:
        """Go through the lines before one, the nearest first, into earlier blocks."""
        yield from (lines[index] for index in range(number - 1, -1, -1))
        for block in reversed(self._earlier):
            yield from reversed(block)

    def _log(self, line: LogLine) -> Log:
        """Return a line's log."""
        if line is self._last[0]:  # what a block says of all its lines
            return self._last[1]
        log = self._find_log((line.source, line.program))
        self._last = line, log
        return log

    def _find_log(self, key: tuple[str, str]) -> Log:
        """Return the log of a source and a program."""
        log = self._logs.get(key)
        if log is None:
            if len(self._logs) >= MAX_LOGS:
                self._count_lines()
                self._logs.clear()
                self._dates.clear()
            log = self._logs[key] = Log(
                {
                    place: self._find_dates(key[0], jail)
                    for place, jail in enumerate(self._jails)
                    if jail.looks_at(*key)
                }
            )
        return log

    def _find_dates(self, source: str, jail: JailFilter) -> LogDates:
        """Return what filters with the same datepattern share for a source."""
        key = source, jail.datepattern
        dates = self._dates.get(key)
        if dates is None:
            dates = self._dates[key] = LogDates(jail.make_dates)
        return dates

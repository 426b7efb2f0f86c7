"""All jails' filters over the same lines: each line's date is found once for all of them.

A line that takes too long is given up: those behind it are somebody else's failures.
"""

from collections.abc import Iterator, Sequence

from webfail2ban import CutLine, DateDetector, Failure, LogLine
from webfail2ban_jails.jailfilter import JailFilter
from webfail2ban_jails.linelimit import LineLimit, LineTooSlowError
from webfail2ban_jails.offenders import Offenders

#: Sources and programs whose jails are remembered; whoever sends syslog chooses program names.
MAX_ROUTES = 1000

#: What looks at a line: date detectors, and the jails that share each.
Route = tuple[tuple[DateDetector, tuple[JailFilter, ...]], ...]


class Detector:
    """Finds the failures of all jails.

    Args:
        jails: The jails' filters, in the order of the configuration.
        limit: How long all of them together may take for one line.
        offenders: Takes those that take longer.
    """

    def __init__(self, jails: Sequence[JailFilter], limit: LineLimit, offenders: Offenders) -> None:
        self._jails = tuple(jails)
        self._limit = limit
        self._offenders = offenders
        self._routes: dict[tuple[str, str], Route] = {}

    def detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
        """Yield the failures in the order of the lines."""
        with self._limit:
            for line in lines:
                yield from self._search(line)

    def _search(self, line: LogLine) -> list[Failure]:
        """Return the failures in a line, those before a jail that was too slow among them."""
        failures: list[Failure] = []
        searching: JailFilter | None = None
        self._limit.begin()
        try:
            for dates, jails in self._route(line.source, line.program):
                searching = jails[0]  # its datepattern can be too slow as well
                cut = _cut(dates, line)
                for searching in jails:
                    if searching.name not in self._offenders.set_aside:
                        failures.extend(searching.find(line, cut))
        except LineTooSlowError:
            if searching is not None:
                self._offenders.blame(searching.name, searching.filter_name, line.text)
        finally:
            self._limit.end()
        return failures

    def _route(self, source: str, program: str) -> Route:
        """Return the jails for a source and a program, by the dates that they look for."""
        route = self._routes.get((source, program))
        if route is None:
            if len(self._routes) >= MAX_ROUTES:
                self._routes.clear()
            shared: dict[tuple[str, ...], list[JailFilter]] = {}
            for jail in self._jails:
                if jail.looks_at(source, program):
                    shared.setdefault(jail.datepattern, []).append(jail)
            route = tuple((jails[0].dates, tuple(jails)) for jails in shared.values())
            self._routes[source, program] = route
        return route


def _cut(dates: DateDetector, line: LogLine) -> CutLine:
    """Cut the date out of a line, unless its source knows the time."""
    if line.time is not None:
        return CutLine("", "", line.text, line.time)
    return dates.cut(line.text)

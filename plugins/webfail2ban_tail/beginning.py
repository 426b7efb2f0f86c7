"""Where to begin in a log that was there before it was first followed."""

import logging
from collections.abc import Callable
from math import inf

import gevent

from webfail2ban import DateDetector, show_duration
from webfail2ban_tail.bisection import Bisection
from webfail2ban_tail.lines import Splitter
from webfail2ban_tail.logfile import LogFile

log = logging.getLogger(__name__)

#: Seconds by which lines may be in disorder: writers that buffer bring theirs so much later than
#: others. A web server's buffer for its log is usually flushed once a minute.
DISORDER = 60.0

#: Seconds by which a date may be ahead of our clock; what is further ahead is in another zone.
CLOCK_TOLERANCE = 60.0


class Beginning:
    """Goes back in a log by a length of time, as far as the dates of its lines tell.

    Args:
        age: How far, in seconds: 0 for the log's end, infinity for its beginning.
        now: The clock, in seconds since the epoch.
        splitter: Makes lines of bytes.
    """

    def __init__(self, age: float, now: Callable[[], float], splitter: Splitter) -> None:
        self._age = age
        self._now = now
        self._splitter = splitter

    def place(self, file: LogFile) -> None:
        """Go to the place in a file where reading begins.

        Raises:
            OSError: the file can't be read.
        """
        if self._age == inf or file.size == 0:
            return
        start = self._find(file) if self._age else file.size
        if start < file.size:
            file.seek(start)
        else:
            file.seek_end(self._splitter.limit)

    def _find(self, file: LogFile) -> int:
        """Return where the lines begin that are new enough; the file's size if none is."""
        now = self._now()
        dates = DateDetector(now=self._now)
        search = Bisection(file, lambda line: dates.cut(self._splitter.decode(line)).time)
        start = search.find(now - self._age - DISORDER)
        gevent.sleep(0)  # other sources have their turn
        if not search.is_dated:
            log.info("%s has no dates that are known, so it is followed from its end", file.path)
            return file.size
        ahead = (search.last_time or now) - now
        if ahead > CLOCK_TOLERANCE:
            log.warning(
                "%s is followed from its end: its last date is %s ahead of the clock, "
                "so one of them, or a time zone, is wrong",
                file.path,
                show_duration(round(ahead)),
            )
            return file.size
        log.info(
            "%s is new: of its %d bytes those from byte %d on are read, the last %s",
            file.path,
            file.size,
            start,
            show_duration(self._age),
        )
        return start

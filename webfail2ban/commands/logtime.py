"""The time that archived lines were written at: a clock that follows their dates."""

import time
from collections.abc import Iterator, Sequence

from webfail2ban.filters import DateDetector

#: How far a line's date may be ahead of the line before, in seconds, to be believed at once. A
#: date that is further ahead may only be mentioned in a line that has none, a certificate's end
#: for example: then the line after it is back where we were.
BELIEVED = 60.0

#: How far ahead of the true time a date may be, in seconds: zones are a day apart at most.
AHEAD = 86400.0

#: Lines that wait for a date at most.
MAX_HELD = 10_000


class LogClock:
    """Shows when the newest line so far was written, and never goes back.

    Until the first line it shows the true time: filters are compiled by that.
    """

    def __init__(self) -> None:
        self._time: float | None = None

    def __call__(self) -> float:
        """Return the time, in seconds since the epoch."""
        return time.time() if self._time is None else self._time

    def advance(self, moment: float) -> None:
        """Show a later time; an earlier one changes nothing."""
        self._time = moment if self._time is None else max(self._time, moment)


class Dater:
    """Finds out when each line was written.

    A line without a date was written when the line before it was.
    """

    def __init__(self) -> None:
        self._dates = DateDetector((), now=time.time)
        self._newest: float | None = None
        self._held: list[str] = []
        self._doubtful: float | None = None

    def date(self, lines: Sequence[str]) -> Iterator[tuple[float, str]]:
        """Yield lines with their times, in their order.

        A line whose date is doubtful waits until the next one settles it, and so do those that
        follow it without a date; `release` gives the rest.
        """
        latest = time.time() + AHEAD
        for text in lines:
            moment = self._dates.cut(text).time
            if moment is None or moment > latest:
                yield from self._place(text)
            else:
                yield from self._believe(moment, text)

    def release(self) -> Iterator[tuple[float, str]]:
        """Yield the lines that wait: nothing will tell more about them."""
        yield from self._settle(self._doubtful or self._newest or time.time())

    def _place(self, text: str) -> Iterator[tuple[float, str]]:
        """Take in a line without a date."""
        if self._newest is not None and not self._held:
            yield self._newest, text
            return
        self._held.append(text)
        if len(self._held) >= MAX_HELD:
            yield from self.release()

    def _believe(self, moment: float, text: str) -> Iterator[tuple[float, str]]:
        """Take in a line with a date, which also settles those that wait."""
        if self._held:
            if self._doubtful is not None and moment >= self._doubtful - BELIEVED:
                yield from self._settle(self._doubtful)
            else:
                yield from self._settle(moment if self._newest is None else self._newest)
        if self._newest is None or moment > self._newest + BELIEVED:
            self._held, self._doubtful = [text], moment
            return
        self._newest = max(self._newest, moment)
        yield moment, text

    def _settle(self, moment: float) -> Iterator[tuple[float, str]]:
        held, self._held, self._doubtful = self._held, [], None
        if held:
            self._newest = moment if self._newest is None else max(self._newest, moment)
        yield from ((moment, text) for text in held)

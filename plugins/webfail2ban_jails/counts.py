"""Two ways to count the failures of one client.

`RateEstimate` is fail2ban's: one number a client, scaled down as time goes by. `ExactWindow` keeps
every failure's time and counts those within findtime, no more and no less.

Most clients fail once and never again. Their count is the time of that failure, a plain number.
"""

from collections import deque
from math import inf


class RateEstimate:
    """fail2ban's count: a rate, as if the failures within `first` and `last` had come evenly.

    Four failures in a row and one 601 s later are five within 600 s for it.

    Attributes:
        first: Since when it counts, in seconds since the epoch.
        last: When the last failure was.
        total: The count.
    """

    __slots__ = ("first", "last", "total")

    def __init__(self, time: float, weight: int = 0) -> None:
        self.first = self.last = time
        self.total = weight

    def add(self, time: float, weight: int, findtime: float) -> int:
        """Add a failure; return the count."""
        if time > self.last:
            if self.first < time - findtime:
                self.total = round(self.total / (time - self.first) * findtime)
                self.first = time - findtime
            self.last = time
        self.total += weight
        return self.total

    def at(self, now: float, findtime: float) -> int:
        """Return what another failure now would be added to."""
        if self.first >= now - findtime:
            return self.total
        return round(self.total / (now - self.first) * findtime)

    def __str__(self) -> str:
        """Write it as `read_count` reads it."""
        return f"rate {self.first!r} {self.last!r} {self.total}"


class ExactWindow:
    """The failures within findtime before the last one.

    Attributes:
        last: When the last failure was, in seconds since the epoch.
        total: The count.
    """

    __slots__ = ("_failures", "last", "total")

    def __init__(self, time: float, weight: int = 0) -> None:
        self.last = time
        self.total = weight
        self._failures = deque([(time, weight)] if weight else ())

    @property
    def first(self) -> float:
        """When the first failure was that still counts."""
        return self._failures[0][0] if self._failures else self.last

    def add(self, time: float, weight: int, findtime: float) -> int:
        """Add a failure; return the count."""
        self.last = max(self.last, time)
        self._failures.append((time, weight))
        self.total += weight
        while self._failures[0][0] < self.last - findtime:
            self.total -= self._failures.popleft()[1]
        return self.total

    def at(self, now: float, findtime: float) -> int:
        """Return what another failure now would be added to."""
        return sum(weight for time, weight in self._failures if time >= now - findtime)

    def __str__(self) -> str:
        """Write it as `read_count` reads it."""
        times = [f"{time!r} {weight}" for time, weight in self._failures]
        return " ".join(["window", *times])


Count = RateEstimate | ExactWindow

#: A client's count, or when it failed the only time.
Tally = float | Count

#: By the words of the setting ``counting``.
COUNTS: dict[str, type[RateEstimate] | type[ExactWindow]] = {
    "rate": RateEstimate,
    "window": ExactWindow,
}


def read_count(text: str) -> Tally:
    """Read what a count wrote, or a number.

    Raises:
        ValueError: nobody wrote that.
    """
    kind, *numbers = text.split()
    if kind == "rate":
        first, last, total = numbers
        rate = RateEstimate(float(last), int(total))
        rate.first = float(first)
        return rate
    if kind == "window":
        window: ExactWindow | None = None
        for time, weight in zip(numbers[::2], numbers[1::2], strict=True):
            window = window or ExactWindow(float(time))
            window.add(float(time), int(weight), inf)
        if window is None:
            raise ValueError("a window without a failure")
        return window
    return float(kind)


def convert(tally: Tally, kind: type[RateEstimate] | type[ExactWindow]) -> Count:
    """Return a count of some kind that goes on where another one stands."""
    if isinstance(tally, kind):
        return tally
    if isinstance(tally, float):
        return kind(tally, 1)
    count = kind(tally.last, tally.total)
    if isinstance(count, RateEstimate):
        count.first = tally.first
    return count

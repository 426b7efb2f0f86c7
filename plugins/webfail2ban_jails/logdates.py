"""The dates of one log's lines: every log has its own form of them, and its own clock."""

from collections import deque
from collections.abc import Callable
from statistics import median

from webfail2ban import CutLine, DateDetector

#: Lines whose stamps tell how far a clock is off, the last ones; and how many it takes to believe
#: them: one odd line is no clock.
SAMPLES = 11
ENOUGH = 3

#: Seconds after which nobody knows any more.
FORGOTTEN_AFTER = 3600.0


class LogDates:
    """Cuts the dates out of one log's lines.

    Args:
        make: Makes what finds dates; only called if a source doesn't know its lines' times.
    """

    def __init__(self, make: Callable[[], DateDetector]) -> None:
        self._make = make
        self._detector: DateDetector | None = None
        self._offsets: deque[float] = deque(maxlen=SAMPLES)
        self._compared = 0.0

    def cut(self, text: str, time: float | None) -> CutLine:
        """Cut the date out of a line, unless its source knows the time.

        Args:
            text: The line.
            time: When it was said, if the source knows.
        """
        if time is not None:
            return CutLine("", "", text, time)
        if self._detector is None:
            self._detector = self._make()
        return self._detector.cut(text)

    def compare(self, time: float, now: float) -> None:
        """Compare the stamp of a line that was written now with our clock."""
        self._offsets.append(now - time)
        self._compared = now

    def offset(self, now: float) -> float | None:
        """Return by how many seconds the stamps lie behind our clock; None if nobody knows."""
        if len(self._offsets) < ENOUGH or now - self._compared > FORGOTTEN_AFTER:
            return None
        return median(self._offsets)

"""The dates of one log's lines: every log has its own form of them."""

from collections.abc import Callable

from webfail2ban import CutLine, DateDetector, LogLine


class LogDates:
    """Cuts the dates out of one log's lines.

    Args:
        make: Makes what finds dates; only called if a source doesn't know its lines' times.
    """

    def __init__(self, make: Callable[[], DateDetector]) -> None:
        self._make = make
        self._detector: DateDetector | None = None

    def cut(self, line: LogLine) -> CutLine:
        """Cut the date out of a line, unless its source knows the time."""
        if line.time is not None:
            return CutLine("", "", line.text, line.time)
        if self._detector is None:
            self._detector = self._make()
        return self._detector.cut(line.text)

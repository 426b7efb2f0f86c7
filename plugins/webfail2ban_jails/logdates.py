"""The dates of one log's lines: every log has its own form of them."""

from collections.abc import Callable

from webfail2ban import CutLine, DateDetector


class LogDates:
    """Cuts the dates out of one log's lines.

    Args:
        make: Makes what finds dates; only called if a source doesn't know its lines' times.
    """

    def __init__(self, make: Callable[[], DateDetector]) -> None:
        self._make = make
        self._detector: DateDetector | None = None

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

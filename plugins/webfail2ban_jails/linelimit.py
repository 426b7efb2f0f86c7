"""A time limit for each line: no log line may hold up those behind it.

Some expressions take exponentially longer with each character of a line that was made for it, and
Python holds the interpreter all that time. But its `re` looks for signals as it backtracks, so a
timer's signal can end a match from inside: the line is lost, and nothing else.

What counts is the processor's time. On a machine that is busy with something else any line takes
long, and none of them must be lost for it.
"""

import signal
import time
from types import FrameType, TracebackType
from typing import Self

#: The timer looks this often within the limit. The first look finds out that there is a new line,
#: so one may take a quarter longer.
LOOKS = 8


class LineTooSlowError(Exception):
    """A line has outrun its time limit."""


class LineLimit:
    """Interrupts whatever is done for one line for too long.

    Works in the main thread only, where Python handles signals. Use it as a context around a block
    of lines, and say within when each begins and ends::

        with limit:
            for line in lines:
                limit.begin()
                try:
                    search(line)
                except LineTooSlowError:
                    ...
                finally:
                    limit.end()

    Args:
        seconds: How long one line may take, of the processor's time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lines = 0  # so far
        self._line = 0  # the one that is being searched, by its number; 0 for none
        self._seen = 0  # the one that the last look found
        self._since = 0.0  # when it was first found
        self._handler: signal.Handlers | object = None

    def __enter__(self) -> Self:
        """Start the timer."""
        self._handler = signal.signal(signal.SIGALRM, self._look)
        pause = self._seconds / LOOKS
        signal.setitimer(signal.ITIMER_REAL, pause, pause)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the timer."""
        self._line = 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Begin a line: its time runs from the next look on."""
        self._lines = self._line = self._lines + 1

    def end(self) -> None:
        """End a line: nothing is interrupted until the next begins."""
        self._line = 0

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        """Interrupt the line if its time is up; called by the timer, between two steps of `re`."""
        now = time.thread_time()
        if self._line != self._seen:
            self._seen, self._since = self._line, now
        elif self._line and now - self._since >= self._seconds:
            self._line = 0
            raise LineTooSlowError

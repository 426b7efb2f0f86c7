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

#: The timer looks this often within the limit. The first look at a search finds out that it is
#: another one, so a line may take a quarter longer.
LOOKS = 8


class LineTooSlowError(Exception):
    """A line has outrun its time limit."""


class LineLimit:
    """Interrupts whatever is done for one line for too long.

    Works in the main thread only, where Python handles signals. Use it as a context around a block
    of lines, and say within when each begins and ends::

        with limit:
            for number, line in enumerate(lines):
                limit.begin(number)
                try:
                    search(line)
                except LineTooSlowError:
                    ...
                finally:
                    limit.end()

    A line may begin several times within a block, for one filter after the other: its times add
    up.

    Args:
        seconds: How long one line may take, of the processor's time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._searches = 0  # so far
        self._search = 0  # the one that runs; 0 for none
        self._line = 0  # what it searches
        self._seen = 0  # the search that the last look found
        self._seen_at = 0.0
        self._spent: dict[int, float] = {}  # by line, as far as looks have seen it
        self._handler: signal.Handlers | object = None

    def __enter__(self) -> Self:
        """Start the timer."""
        self._spent.clear()
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
        self._search = 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)  # type: ignore[arg-type]

    def begin(self, line: int) -> None:
        """Begin to search a line: its time runs from the next look on.

        Args:
            line: Its number in the block.
        """
        self._line = line
        self._searches = self._search = self._searches + 1

    def end(self) -> None:
        """End a search: nothing is interrupted until the next begins."""
        self._search = 0

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        """Interrupt the search if its line's time is up; called by the timer, within `re`, too."""
        now = time.thread_time()
        if self._search and self._search == self._seen:
            spent = self._spent.get(self._line, 0.0) + now - self._seen_at
            self._spent[self._line] = spent
            if spent >= self._seconds:
                self._search = 0
                raise LineTooSlowError
        self._seen, self._seen_at = self._search, now

"""Single keys of a terminal, without waiting for the end of a line."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Bytes that are taken at once; a held key brings many.
MOST = 1024


@contextmanager
def single_keys() -> Iterator[Callable[[float], str]]:
    """Have the terminal give every key at once, and put it back as it was.

    Yields:
        What waits so many seconds for keys, and returns those that came.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield lambda seconds: _wait(descriptor, seconds)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _wait(descriptor: int, seconds: float) -> str:
    ready, _, _ = select.select([descriptor], [], [], max(seconds, 0.0))
    if not ready:
        return ""
    data = os.read(descriptor, MOST)
    return data.decode(errors="replace") if data else "q"  # nobody is at the terminal any more

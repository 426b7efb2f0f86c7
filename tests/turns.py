"""How often others had their turn."""

from collections.abc import Iterator
from contextlib import contextmanager

import gevent


class Turns:
    """Counts turns.

    Attributes:
        count: How many there were.
    """

    def __init__(self) -> None:
        self.count = 0

    def take(self) -> None:
        """Take one turn after the other."""
        while True:
            self.count += 1
            gevent.sleep(0)


@contextmanager
def counting_turns() -> Iterator[Turns]:
    """Have somebody take each turn that there is, and count them."""
    turns = Turns()
    taking = gevent.spawn(turns.take)
    try:
        yield turns
    finally:
        taking.kill()

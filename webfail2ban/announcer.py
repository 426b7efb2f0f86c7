"""Tells of bans that are in force: the store first, then the log, then the plugins.

A flood makes thousands of them a second, and much of what one costs is spent on going there. So
those that come together are told of together.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from webfail2ban.model import Ban

#: Takes bans that are in force now.
Listener = Callable[[Sequence[Ban]], object]


class Announcer:
    """Tells of bans.

    Args:
        listeners: Who hears of them, in this order.
    """

    def __init__(self, *listeners: Listener) -> None:
        self._listeners = listeners
        self._waiting: list[Ban] = []
        self._open = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let the bans of this context wait for its end, whatever ends it."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self.tell()

    def add(self, ban: Ban) -> None:
        """Tell of a ban, now or together with others."""
        self._waiting.append(ban)
        if not self._open:
            self.tell()

    def tell(self) -> None:
        """Tell of the bans that wait, before anything else is said of them."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for listener in self._listeners:
                listener(waiting)

"""The lines of the last bans, where no store has them: bounded, in memory."""

from collections import OrderedDict
from collections.abc import Sequence

from webfail2ban.store import BanKey

#: Bans whose lines are remembered: a megabyte or two.
MOST_BANS = 1000


class RecentLines:
    """The lines that led to the last bans.

    Args:
        limit: Bans that are remembered; the oldest is forgotten first.
    """

    def __init__(self, limit: int = MOST_BANS) -> None:
        self._limit = limit
        self._lines: OrderedDict[BanKey, tuple[str, ...]] = OrderedDict()

    def add(self, key: BanKey, lines: Sequence[str]) -> None:
        """Remember a ban's lines."""
        self._lines[key] = tuple(lines)
        self._lines.move_to_end(key)
        if len(self._lines) > self._limit:
            self._lines.popitem(last=False)

    def find(self, key: BanKey) -> tuple[str, ...]:
        """Return a ban's lines; nothing if they are forgotten."""
        return self._lines.get(key, ())

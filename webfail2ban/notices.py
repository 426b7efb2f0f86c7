"""Warnings that others can cause, so rarely that they can't fill our log."""

import logging
from collections.abc import Callable, Hashable

#: Seconds in which each kind of warning is given once.
PAUSE = 60.0


class Notices:
    """Gives the first warning of each kind at once, then one a minute with the number kept back.

    Args:
        log: Where to.
        now: A clock, in seconds.
    """

    def __init__(self, log: logging.Logger, now: Callable[[], float]) -> None:
        self._log = log
        self._now = now
        self._given: dict[Hashable, float] = {}
        self._kept: dict[Hashable, int] = {}

    def take(self, kind: Hashable) -> int | None:
        """Take a warning: return how many were kept back before it; None if it is kept back, too.

        Args:
            kind: What counts as the same; there must be few of them.
        """
        now = self._now()
        given = self._given.get(kind)
        if given is not None and abs(now - given) < PAUSE:  # abs: the clock may be set back
            self._kept[kind] = self._kept.get(kind, 0) + 1
            return None
        self._given[kind] = now
        return self._kept.pop(kind, 0)

    def warn(self, sentence: str, *values: object) -> None:
        """Warn, or count the warning as kept back.

        Args:
            sentence: A format for `values` that names the kind of warning too.
            *values: Nothing that somebody outside can choose freely.
        """
        kept = self.take(sentence)
        if kept is not None:
            more = f" ({kept} more like it since the last such warning)" if kept else ""
            self._log.warning("%s%s", sentence % values, more)

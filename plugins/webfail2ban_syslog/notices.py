"""Warnings that whoever sends the lines can cause, so rarely that they can't fill our own log."""

import logging
from collections.abc import Callable

log = logging.getLogger("webfail2ban.syslog")

#: Seconds in which each kind of warning is given once.
PAUSE = 60.0


class Notices:
    """Gives the first warning of each kind at once, then one a minute with the number kept back.

    Args:
        now: The clock, in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._given: dict[str, float] = {}
        self._kept: dict[str, int] = {}

    def warn(self, sentence: str, *values: object) -> None:
        """Warn, or count the warning as kept back.

        Args:
            sentence: A format for `values` that names the kind of warning too.
            *values: Nothing that a sender can choose freely.
        """
        now = self._now()
        given = self._given.get(sentence)
        if given is not None and abs(now - given) < PAUSE:  # abs: the clock may be set back
            self._kept[sentence] = self._kept.get(sentence, 0) + 1
            return
        self._given[sentence] = now
        kept = self._kept.pop(sentence, 0)
        more = f" ({kept} more like it since the last such warning)" if kept else ""
        log.warning("%s%s", sentence % values, more)

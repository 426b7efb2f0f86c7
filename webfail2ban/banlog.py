"""One line in the log for each ban and for each end of one, written in groups.

A flood of attackers makes thousands of them a second, and writing each by itself would cost more
than the ban. So they wait for a moment; whatever else is logged meanwhile is written after them.
"""

import logging
import time
from collections.abc import Sequence
from functools import partial
from math import inf

import gevent

from webfail2ban.addresses import show_network
from webfail2ban.config import show_duration
from webfail2ban.logs import Entry, Fields, LineHandler
from webfail2ban.model import Ban

log = logging.getLogger(__name__)

#: Seconds that a line waits for others at most.
PAUSE = 0.05

#: Lines that wait at most: writing them takes a quarter of a millisecond.
MOST = 256


class BanLog:
    """Says who is banned and who is not any more."""

    def __init__(self) -> None:
        self._waiting = 0
        self._handler: LineHandler | None = None  # while lines wait

    def ban(self, bans: Sequence[Ban]) -> None:
        """Say that bans are in force now."""
        if not log.isEnabledFor(logging.INFO):
            return
        entries: list[Entry] = []
        for ban in bans:
            until, reason = ban.until, ban.reason
            lasts = show_duration(round(until - ban.since)) if until < inf else "ever"
            text = f"ban {show_network(ban.network)} [{ban.jail}] for {lasts}: {reason}"
            entries.append((text, partial(_describe, "ban", ban, reason)))
        self._say(entries)

    def unban(self, bans: Sequence[Ban], why: str) -> None:
        """Say that bans have ended.

        Args:
            bans: The bans.
            why: Why: their time is over, or somebody lifted them.
        """
        if log.isEnabledFor(logging.INFO):
            self._say(
                [(f"unban {ban}: {why}", partial(_describe, "unban", ban, why)) for ban in bans]
            )

    def _say(self, entries: Sequence[Entry]) -> None:
        if not self._waiting:
            self._handler = _find_handler()
        if self._handler is None:
            for text, describe in entries:
                log.info("%s", text, extra={"fields": describe()})
            return
        self._handler.hold(time.time(), "INFO", log.name, entries)
        if not self._waiting:
            gevent.spawn_later(PAUSE, self._write, self._handler)
        self._waiting += len(entries)
        if self._waiting >= MOST:
            self._write(self._handler)

    def _write(self, handler: LineHandler) -> None:
        self._waiting = 0
        handler.write_held()


def _describe(event: str, ban: Ban, reason: str) -> Fields:
    """Return what machines read; None stands for ever."""
    return {
        "event": event,
        "network": show_network(ban.network),
        "jail": ban.jail,
        "since": ban.since,
        "until": ban.until if ban.until < inf else None,
        "reason": reason,
    }


def _find_handler() -> LineHandler | None:
    """Return our own handler, if it is the only one: others know no groups."""
    match logging.getLogger().handlers:
        case [LineHandler() as handler]:
            return handler
    return None

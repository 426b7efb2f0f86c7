"""A plugin that fails costs its own answer, never the program's.

Every call of a plugin at run time goes through here when it goes wrong: the failure is counted,
and named in the log, at most once a minute for each plugin and hook, so that a plugin that fails
on every query can't fill the disk.
"""

import logging
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from gevent import Timeout, get_hub

log = logging.getLogger(__name__)

#: Whatever a plugin may raise, to be caught where one is called. A timeout of gevent's and what
#: ``sys.exit`` raises are no `Exception`; either would end a greenlet or the whole program.
FAULTS = (Exception, Timeout, SystemExit)

#: Seconds between two log entries of the same plugin and hook.
QUIET = 60.0


def log_escaped() -> None:
    """Have what escapes from a greenlet logged in one line, as everything else is.

    gevent prints it as it is otherwise, and it may quote what a client wrote.
    """
    get_hub().print_exception = _log_escaped


def _log_escaped(
    _context: object,
    kind: type[BaseException],
    error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    log.error("a greenlet failed", exc_info=(kind, error or kind(), trace))


class Isolation:
    """Counts and names plugins that fail.

    Args:
        now: The clock, in seconds since the epoch.

    Attributes:
        failures: How often each ``(plugin, hook)`` has failed.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._named: dict[tuple[str, str], tuple[float, int]] = {}
        self.failures: Counter[tuple[str, str]] = Counter()

    def failed(self, plugin: str, hook: str, error: BaseException) -> None:
        """Count a failure, and log it unless the same one was logged a moment ago."""
        place = (plugin, hook)
        self.failures[place] += 1
        now = self._now()
        last, told = self._named.get(place, (0.0, 0))
        if told and 0 <= now - last < QUIET:  # the clock may be set back
            return
        count = self.failures[place]
        self._named[place] = (now, count)
        log.error(
            "plugin %s failed in %s: %s: %s%s",
            plugin,
            hook,
            type(error).__name__,
            error,
            f" ({count - told} times since it was last named)" if told else "",
            exc_info=error if not told else None,
        )

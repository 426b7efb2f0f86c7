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

from webfail2ban.hosting.holdups import Holdups
from webfail2ban.notices import Notices

log = logging.getLogger(__name__)

#: Whatever a plugin may raise, to be caught where one is called. A timeout of gevent's and what
#: ``sys.exit`` raises are no `Exception`; either would end a greenlet or the whole program.
FAULTS = (Exception, Timeout, SystemExit)


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
        holdups: Measures those that compute for too long.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._notices = Notices(log, now)
        self.failures: Counter[tuple[str, str]] = Counter()
        self.holdups = Holdups(now)

    def failed(self, plugin: str, hook: str, error: BaseException) -> None:
        """Count a failure, and log it unless the same one was logged a moment ago."""
        place = (plugin, hook)
        self.failures[place] += 1
        kept = self._notices.take(place)
        if kept is None:
            return
        first = self.failures[place] == 1
        log.error(
            "plugin %s failed in %s: %s: %s%s",
            plugin,
            hook,
            type(error).__name__,
            error,
            "" if first else f" ({kept + 1} times since it was last named)",
            exc_info=error if first else None,
        )

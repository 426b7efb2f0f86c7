"""Filters that are too slow: named, counted, and set aside when they are so again and again."""

import logging
from collections import Counter, deque
from collections.abc import Callable

log = logging.getLogger(__name__)

#: So many slow lines within an hour are no accident: somebody writes them for this filter.
STRIKES = 5
STRIKES_WITHIN = 3600.0

#: Characters of a slow line that are shown.
SHOWN = 200


class Offenders:
    """Jails whose filters outrun the time limit of a line.

    Args:
        now: The clock, in seconds since the epoch.

    Attributes:
        slow_lines: How many lines each jail has given up.
        set_aside: The jails that are searched no longer.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._strikes: dict[str, deque[float]] = {}
        self.slow_lines: Counter[str] = Counter()
        self.set_aside: set[str] = set()

    def blame(self, jail: str, filter_name: str, line: str) -> None:
        """Count a line that a jail's filter was too slow for."""
        self.slow_lines[jail] += 1
        log.warning(
            "jails: filter %s of jail %s was too slow for a line, which is lost for it: %.*r",
            filter_name,
            jail,
            SHOWN,
            line[:SHOWN],
        )
        now = self._now()
        strikes = self._strikes.setdefault(jail, deque(maxlen=STRIKES))
        strikes.append(now)
        if len(strikes) == STRIKES and strikes[0] > now - STRIKES_WITHIN:
            self.set_aside.add(jail)
            log.error(
                "jails: jail %s is SET ASIDE until the next start: its filter %s was too slow for "
                "%d lines within an hour, somebody may be writing them for it; the other jails go "
                "on. `webfail2ban test-filter --lint` names the expression",
                jail,
                filter_name,
                STRIKES,
            )

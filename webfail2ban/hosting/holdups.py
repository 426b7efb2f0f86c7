"""Plugins that compute while everybody waits: nobody can interrupt them, so they are measured.

One thing runs at a time in the engine. A hook that waits for something lets the others run; one
that computes, or waits in a way that gevent doesn't know, holds up all verdicts. It is told from
the former by the event loop, which has gone round meanwhile or hasn't.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from gevent import get_hub

from webfail2ban.notices import Notices

log = logging.getLogger(__name__)

#: Seconds that a hook may hold up everybody before it is named. HAProxy waits 10 to 50 ms for a
#: verdict, and a busy machine takes some of them for other processes.
LONGEST = 0.01

#: Seconds for which a hold-up counts among what is wrong.
RECENT = 600.0

#: What `Holdups.begin` returns: a time, and how often the event loop has gone round.
Moment = tuple[float, int]


@dataclass(slots=True)
class Holdup:
    """How one hook of a plugin has held up everybody, lately.

    Attributes:
        last: When it last did, in seconds since the epoch.
        longest: For how many seconds at most since it began to.
        count: How often since then.
    """

    last: float
    longest: float = 0.0
    count: int = 0


class Holdups:
    """Measures the plugins' hooks, and names those that hold up everybody.

    Args:
        now: The clock, in seconds since the epoch.
        timer: Measures durations, in seconds.

    Attributes:
        counts: How often each ``(plugin, hook)`` has.
    """

    def __init__(self, now: Callable[[], float], timer: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._timer = timer
        self._notices = Notices(log, now)
        self._lately: dict[tuple[str, str], Holdup] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def begin(self) -> Moment:
        """Begin to measure a call."""
        loop: Any = get_hub().loop
        return self._timer(), loop.iteration

    def end(self, began: Moment, plugin: str, hook: str) -> bool:
        """End the measurement; return whether the call has held up everybody for too long."""
        seconds = self._timer() - began[0]
        if seconds < LONGEST:
            return False
        loop: Any = get_hub().loop
        if loop.iteration != began[1]:  # it waited, and others had their turn
            return False
        self._note((plugin, hook), seconds)
        return True

    def find_problems(self) -> Iterator[str]:
        """Yield a sentence for each hook that held up everybody lately."""
        now = self._now()
        for (plugin, hook), holdup in self._lately.items():
            if abs(now - holdup.last) < RECENT:
                times = f", {holdup.count} times" if holdup.count > 1 else ""
                yield (
                    f"{plugin}: {hook} held up all verdicts for up to "
                    f"{1000 * holdup.longest:.0f} ms{times}: it computes, or waits without gevent"
                )

    def _note(self, place: tuple[str, str], seconds: float) -> None:
        now = self._now()
        self.counts[place] += 1
        holdup = self._lately.get(place)
        if holdup is None or abs(now - holdup.last) >= RECENT:
            holdup = self._lately[place] = Holdup(now)
        holdup.last = now
        holdup.longest = max(holdup.longest, seconds)
        holdup.count += 1
        kept = self._notices.take(place)
        if kept is not None:
            more = f" ({kept + 1} times since it was last named)" if kept else ""
            plugin, hook = place
            log.warning(
                "plugin %s held up all verdicts for %.0f ms in %s%s",
                plugin,
                1000 * seconds,
                hook,
                more,
            )

"""Greenlets for plugins: each carries its plugin's name, none can end the process."""

from collections.abc import Callable

import gevent
from gevent.pool import Group

from webfail2ban.hosting.isolation import FAULTS, Isolation
from webfail2ban.turns import give_way

#: Seconds before a greenlet that failed is run again: doubled each time up to the longest pause,
#: and from the beginning once it has run that long.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


class PluginHost:
    """What both processes offer to one plugin.

    Args:
        plugin: The plugin's name.
        now: The clock, in seconds since the epoch.
        isolation: Takes the failures.
        greenlets: Holds what the plugin starts, until the process ends it.
    """

    def __init__(
        self, plugin: str, now: Callable[[], float], isolation: Isolation, greenlets: Group
    ) -> None:
        self.plugin = plugin
        self._now = now
        self._isolation = isolation
        self._greenlets = greenlets

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        return self._now()

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        """Run a function beside everything else; again after a pause if it raises."""
        self._greenlets.spawn(self._run, function, args)

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        """Call a function again and again, `seconds` after it last returned or raised.

        Raises:
            ValueError: without a pause nothing else would ever run.
        """
        if seconds <= 0:
            raise ValueError(f"every {seconds} seconds is no pause")
        self._greenlets.spawn(self._repeat, seconds, function)

    def give_way(self) -> None:
        """Let everybody who is ready have his turn."""
        give_way()

    def _run(self, function: Callable[..., object], args: tuple[object, ...]) -> None:
        pause = FIRST_PAUSE
        while True:
            began = self._now()
            if self._attempt(function, args):
                return
            if self._now() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            gevent.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _repeat(self, seconds: float, function: Callable[[], object]) -> None:
        while True:
            gevent.sleep(seconds)
            self._attempt(function, ())

    def _attempt(self, function: Callable[..., object], args: tuple[object, ...]) -> bool:
        try:
            function(*args)
        except FAULTS as error:
            name = getattr(function, "__name__", type(function).__name__)
            self._isolation.failed(self.plugin, name, error)
            return False
        return True

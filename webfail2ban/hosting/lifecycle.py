"""The plugins' life in one process: made ready and started in their order, stopped in reverse."""

import logging
import time
from collections.abc import Callable

import gevent
from gevent import Timeout

from webfail2ban.errors import PluginError, WebFail2BanError
from webfail2ban.hosting.isolation import FAULTS, Isolation
from webfail2ban.hosting.loader import Caller, Plugins

log = logging.getLogger(__name__)

#: Seconds that a plugin may take to start until somebody is told what the program waits for.
SLOW_START = 10.0


class Lifecycle:
    """Starts the plugins in one process, and stops those that have been started.

    Args:
        plugins: The loaded plugins, configured.
        isolation: Takes the failures of the stop.
        process: ``engine`` or ``sensor``, as the hooks' names have it.
    """

    def __init__(self, plugins: Plugins, isolation: Isolation, process: str) -> None:
        self._plugins = plugins
        self._isolation = isolation
        self._process = process
        self._started: set[str] = set()

    def prepare(self, make_host: Callable[[str], object]) -> None:
        """Let each plugin get ready.

        Args:
            make_host: Gives a plugin, by its name, what it may ask of the process.

        Raises:
            PluginError: one can't.
        """
        for name, prepare in self._plugins.implementers(f"prepare_{self._process}"):
            self._attempt(name, prepare, make_host)

    def start(self, make_host: Callable[[str], object]) -> None:
        """Start each plugin's part in this process.

        Args:
            make_host: Gives a plugin, by its name, what it may ask of the process.

        Raises:
            PluginError: one can't start; those before it wait to be stopped.
        """
        starters = dict(self._plugins.implementers(f"start_{self._process}"))
        for plugin in self._plugins:
            start = starters.get(plugin.name)
            if start is not None:
                self._attempt(plugin.name, start, make_host)
            self._started.add(plugin.name)

    def _attempt(self, name: str, hook: Caller, make_host: Callable[[str], object]) -> None:
        waiting = gevent.spawn_later(SLOW_START, _say_slow, name)
        try:
            hook(**{self._process: make_host(name)})
        except FAULTS as error:
            raise PluginError(f"plugin {name}: {_explain(error)}") from error
        finally:
            waiting.kill(block=False)

    def stop(self, grace: float | None = None) -> None:
        """Stop what was started, the last first; one that fails doesn't keep the others.

        Args:
            grace: Seconds that all of them together may wait for something; None for no limit.
        """
        hook = f"stop_{self._process}"
        deadline = None if grace is None else time.monotonic() + grace
        for name, stop in reversed(self._plugins.implementers(hook)):
            if name not in self._started:
                continue
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            try:
                with Timeout(left, TimeoutError("it didn't stop in time")):
                    stop()
            except FAULTS as error:
                self._isolation.failed(name, hook, error)
        self._started.clear()


def _say_slow(plugin: str) -> None:
    log.warning("plugin %s hasn't started after %g s; everything waits for it", plugin, SLOW_START)


def _explain(error: BaseException) -> str:
    """Return an error's sentence; Python's own errors say little without their name."""
    explained = isinstance(error, WebFail2BanError) or type(error).__module__ != "builtins"
    text = str(error)
    return text if explained and text else f"{type(error).__name__}: {error}"

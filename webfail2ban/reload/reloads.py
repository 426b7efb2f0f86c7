"""Reloads, one after the other.

Whoever wants one while another runs gets the next, and shares it with all who want it by then: a
configuration is read after it was asked for, and a storm of signals costs two reloads.
"""

import logging
from collections.abc import Callable

import gevent
from gevent import Greenlet
from gevent.event import AsyncResult, Event

from webfail2ban.reload.result import ReloadResult

log = logging.getLogger(__name__)


class Reloads:
    """Runs reloads.

    Args:
        reload: Does one.
    """

    def __init__(self, reload: Callable[[], ReloadResult]) -> None:
        self._reload = reload
        self._wanted = Event()
        self._next: AsyncResult[ReloadResult] = AsyncResult()
        self._running: AsyncResult[ReloadResult] | None = None
        self._greenlet: Greenlet | None = None
        self._stopped = False

    def start(self) -> None:
        """Begin, with the reload that was wanted before if there is one."""
        self._greenlet = gevent.spawn(self._run)

    def stop(self) -> None:
        """End; whoever waits is told."""
        self._stopped = True
        if self._greenlet is not None:
            self._greenlet.kill()
        for result in (self._running, self._next):
            if result is not None and not result.ready():
                result.set(ReloadResult.failed("the program ends"))

    def request(self) -> None:
        """Want a reload, without waiting for it."""
        self._wanted.set()

    def reload(self) -> ReloadResult:
        """Want a reload, and return what came of it."""
        result = self._next
        if not self._stopped:
            self._wanted.set()
        told: ReloadResult = result.get()
        return told

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            self._running, self._next = self._next, AsyncResult()
            self._running.set(self._attempt())

    def _attempt(self) -> ReloadResult:
        try:
            return self._reload()
        except Exception as error:
            log.exception("the reload failed: a fault of ours")
            return ReloadResult.failed(f"a fault of ours: {type(error).__name__}: {error}")

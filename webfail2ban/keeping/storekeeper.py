"""Does with a store what may take its time: in a thread, again and again while it fails.

The operator is told once when the store begins to fail, and once when it works again. A store that
is damaged is set aside, never deleted, and a new one begun.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

import gevent
from gevent import Timeout
from gevent.threadpool import ThreadPool

from webfail2ban.errors import StoreDamagedError, StoreError, StoreUnavailableError
from webfail2ban.store import Changes, Store

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds before the store is tried again after a failure: doubled each time.
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

#: Seconds that a start waits for somebody who locks the store. Then it goes on without: clients are
#: better judged by what is known than by nobody.
START_PATIENCE = 10.0


class Storekeeper:
    """The one who goes to the store.

    Args:
        store: The store; nobody else uses it.

    Attributes:
        store: The store.
        writes: How many groups were written.
        failures: How often something failed.
        last_duration: Seconds that the last group took.
        trouble: What is wrong with the store, one sentence; empty if nothing is.
        pause: Seconds to wait before the next attempt; 0 if the last one worked.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pool: ThreadPool | None = None
        self._open = False
        self._damaged: list[str] = []
        self._without_lines: list[str] = []
        self._trouble_since = 0.0
        self.writes = 0
        self.failures = 0
        self.last_duration = 0.0
        self.trouble = ""
        self.pause = 0.0

    @property
    def started(self) -> bool:
        """Whether the store was ever asked for anything."""
        return self._pool is not None

    @property
    def hindered(self) -> bool:
        """Whether the store can be read and not be written, so that somebody should try."""
        return self._open and bool(self.store.obstacle)

    def open(self, patience: float) -> bool:
        """Open the store for the first time; begin anew if it is damaged.

        Args:
            patience: Seconds to wait for somebody who locks it.

        Returns:
            Whether it can be read; if not, a later `call` tries again.

        Raises:
            StoreError: it is no store for us, now or later.
        """
        deadline = time.monotonic() + patience
        while True:
            try:
                self._open_now()
            except StoreUnavailableError as error:
                self._say_trouble(error)
                if time.monotonic() > deadline:
                    return False
                gevent.sleep(min(FIRST_PAUSE, patience))
            else:
                self._say_how()
                return True

    def _open_now(self) -> None:
        try:
            self._do(self.store.open)
            self._open = True
        except StoreDamagedError as error:
            self.begin_anew(error)

    def call(self, function: Callable[..., T], *args: Any, opened: bool = True) -> T:
        """Call a method of the store; other greenlets have their turn.

        Args:
            function: The method.
            *args: Its arguments.
            opened: Whether it wants the store to be open.

        Raises:
            StoreError: as the method does; the failure was counted and told.
        """
        try:
            if opened and not self._open:
                self._do(self.store.open)
                self._open = True
            result = self._do(function, *args)
        except StoreError as error:
            self.failures += 1
            if isinstance(error, StoreDamagedError):
                raise  # it is told when it is set aside
            self.pause = min(max(2 * self.pause, FIRST_PAUSE), LONGEST_PAUSE)
            self._say_trouble(error)
            raise
        self._say_how()
        return result

    def save(self, changes: Changes) -> None:
        """Write a group.

        Raises:
            StoreError: it isn't written.
        """
        began = time.monotonic()
        self.call(self.store.save, changes)
        self.last_duration = time.monotonic() - began
        self.writes += 1

    def begin_anew(self, error: StoreDamagedError, *, salvage: bool = True) -> None:
        """Set a damaged store aside and open a new one.

        Args:
            error: What is wrong with it.
            salvage: Whether anything in it is worth to be taken over, with the methods below.

        Raises:
            StoreError: that isn't possible now; a later `call` tries to open it again.
        """
        self._open = False
        aside = self.call(self.store.set_aside, opened=False)
        log.error("%s; it is set aside as %s, and a new one is begun", error, aside)
        if salvage:
            self._damaged.append(aside)
        self.call(self.store.open, opened=False)
        self._open = True

    def salvage(self) -> None:
        """Take over what can be read of damaged stores, before anything else is written.

        Raises:
            StoreError: it can't be written now.
        """
        while self._damaged:
            place = self._damaged[0]
            rows = self.call(partial(self.store.salvage, place, lines=False))
            log.warning("%d bans, values and positions were saved from %s", rows, place)
            self._without_lines.append(self._damaged.pop(0))

    def salvage_lines(self) -> None:
        """Take over the lines of their bans, when all that isn't saved is written again.

        Raises:
            StoreError: it can't be written now.
        """
        while self._without_lines:
            self.call(partial(self.store.salvage, self._without_lines[0], lines=True))
            del self._without_lines[0]

    def close(self, grace: float | None) -> None:
        """Close the store.

        Args:
            grace: Seconds that this may take; None for no limit.
        """
        with Timeout(grace, False):
            self._do(self.store.close)
            self._open = False
            if self._pool is not None:
                self._pool.kill()
                self._pool = None

    def _do(self, function: Callable[..., T], *args: Any) -> T:
        if self._pool is None:
            self._pool = ThreadPool(1)
        result, error = self._pool.apply(_attempt, (function, args))
        if error is not None:
            raise error
        return cast("T", result)

    def _say_trouble(self, error: StoreError) -> None:
        if not self.trouble:
            self._trouble_since = time.monotonic()
            log.error("%s; verdicts go on from memory, what changes waits to be written", error)
        self.trouble = str(error)

    def _say_how(self) -> None:
        """Say that the store works, or that it can only be read."""
        if self.store.obstacle:
            self._say_trouble(StoreUnavailableError(str(self.store), self.store.obstacle))
            return
        self.pause = 0.0
        if self.trouble:
            self.trouble = ""
            seconds = time.monotonic() - self._trouble_since
            log.warning("the store works again after %.1f s", seconds)


def _attempt(
    function: Callable[..., T], args: tuple[Any, ...]
) -> tuple[T | None, StoreError | None]:
    """Call a function; gevent would log what is raised in a thread, although somebody takes it."""
    try:
        return function(*args), None
    except StoreError as error:
        return None, error

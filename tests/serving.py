"""A server beside the test: in a thread with a hub of its own, so that tests may block."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

import gevent
from gevent.event import Event

from tests.waiting import PATIENCE, wait_until
from webfail2ban.spoa.server import Server
from webfail2ban.spop import Notify, Scope, SetVar, encode_actions
from webfail2ban.testing import SpopClient

T = TypeVar("T")

LOOPBACK = "127.0.0.1"


def do_nothing() -> None:
    """Refresh nothing: what the tests remember never ends."""


class Answers:
    """An agent that answers each NOTIFY with the name of its first message.

    Args:
        before: Is called with each NOTIFY before it is answered; may wait or raise.

    Attributes:
        asked: The names, in the order in which they were asked.
        remembered: Answers by payload, for `recall`.
        counted: The frames that left.
    """

    def __init__(self, before: Callable[[str], object] = str) -> None:
        self._before = before
        self.asked: list[str] = []
        self.remembered: dict[bytes, bytes] = {}
        self.recall: Callable[[bytes], bytes | None] = self.remembered.get
        self.refresh: Callable[[], None] = do_nothing
        self.counted = b""

    def count(self, answers: bytes, seconds: float) -> None:
        assert seconds >= 0
        self.counted += answers

    def answer(self, notify: Notify) -> bytes:
        name = notify.messages[0].name if notify.messages else ""
        self.asked.append(name)
        self._before(name)
        return encode_actions([SetVar(Scope.TRANSACTION, "name", name)])


class Serving:
    """A server in a thread, while the context lasts.

    Args:
        agent: Answers.
        address: Where to listen.
        max_clients: As the server's.
        read_timeout: As the server's; long unless a test is about it.
    """

    def __init__(
        self,
        agent: Any,
        address: str = LOOPBACK,
        *,
        port: int = 0,
        max_clients: int = 100,
        read_timeout: float = 10 * PATIENCE,
    ) -> None:
        self.agent = agent
        self.server = Server(agent, address, port, max_clients, read_timeout)
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.result(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.run_callback_threadsafe(self._ended.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    @property
    def place(self) -> tuple[str, int] | str:
        """Where a client connects to."""
        host = self.server.address.rpartition(":")[0]
        return (host.strip("[]"), self.port) if host else self.server.address

    @property
    def port(self) -> int:
        return int(self.server.address.rpartition(":")[2])

    def client(self, *, hello: bool = True) -> SpopClient:
        return SpopClient(self.place, hello=hello)

    def call(self, function: Callable[[], T]) -> "Future[T]":
        """Run a function in a greenlet of the server's thread."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - the test sees it
                future.set_exception(error)

        self._loop.run_callback_threadsafe(gevent.spawn, run)
        return future

    def stop(self, grace: float) -> "Future[None]":
        return self.call(lambda: self.server.stop(grace))

    def wait_for_clients(self, count: int) -> None:
        wait_until(lambda: self.server.clients == count, f"{count} clients")

    def _run(self) -> None:
        hub = gevent.get_hub()
        self._loop, self._ended = hub.loop, Event()
        try:
            self.server.start()
        except BaseException as error:  # noqa: BLE001 - the test sees it
            self._started.set_exception(error)
        else:
            self._started.set_result(None)
            while not self._ended.wait(1.0):  # the timer keeps the hub waiting
                pass
            self.server.stop(0.0)
        hub.destroy()

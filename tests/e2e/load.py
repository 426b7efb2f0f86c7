"""Clients that ask without a pause."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from tests.e2e.clients import Answer, http_client
from tests.e2e.waiting import wait_until

#: Requests of each client that show that things go on.
A_WHILE = 50

#: Requests on one connection; then a client opens another, so that both ways are tried.
KEPT_ALIVE = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """One request and its answer.

    Attributes:
        client: Who asked.
        sent: When, in seconds of the monotonic clock.
        received: When the answer was there.
        answer: The answer.
    """

    client: str
    sent: float
    received: float
    answer: Answer


class Asked(Protocol):
    """Whom clients ask: a `Probe`, or another site.

    Attributes:
        port: Where clients with a PROXY header connect.
    """

    port: int


class Load:
    """Clients, a thread each, that ask while the context lasts.

    Args:
        site: Whom they ask.
        clients: Their addresses.

    Attributes:
        seen: Their requests in the order of the answers.
    """

    def __init__(self, site: Asked, clients: Sequence[str]) -> None:
        self._port = site.port
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(client,)) for client in clients]
        self._failures: list[str] = []
        self.seen: list[Seen] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if error is None:
            assert self._failures == []

    def go_on(self) -> None:
        """Wait until a while's requests have been answered."""
        goal = len(self.seen) + A_WHILE * len(self._threads)
        wait_until(lambda: len(self.seen) >= goal or self._failures, "requests are answered")
        assert self._failures == []

    def _ask(self, client: str) -> None:
        try:
            while not self._ended.is_set():
                self._ask_on_one_connection(client)
        except (OSError, http.client.HTTPException) as error:
            self._failures.append(f"{client}: {error!r}")

    def _ask_on_one_connection(self, client: str) -> None:
        with http_client(self._port, client) as http:
            for _ in range(KEPT_ALIVE):
                sent = time.monotonic()
                answer = http.get()
                self.seen.append(Seen(client, sent, time.monotonic(), answer))
                if answer.headers.get("connection") == "close" or self._ended.is_set():
                    return

"""One client of the SPOA server: drives a `spop.Connection` over its wire."""

import logging
import time
from collections.abc import Callable
from time import perf_counter
from typing import Any, Protocol

from webfail2ban.listening.wire import LAST_READS, Wire
from webfail2ban.spop import Connection, Event, HelloReceived, Notify, ProtocolFailed, Status

log = logging.getLogger(__name__)


class Answerer(Protocol):
    """What a connection asks; see `webfail2ban.spoa.agent.Agent`."""

    recall: Callable[[bytes], bytes | None]
    refresh: Callable[[], None]  # called before each use of recall

    def count(self, answers: bytes, seconds: float, /) -> None:
        """Take note of the frames that leave, and of the seconds that they took."""

    def answer(self, notify: Notify) -> bytes:
        """Return the encoded actions for a NOTIFY; must not raise."""


class Client(Wire):
    """One connection.

    Args:
        sock: The connected socket; the client takes its descriptor over.
        agent: Answers the NOTIFY frames.
        welcome: Whether it is served, or told that there are too many.
    """

    def __init__(self, sock: Any, agent: Answerer, *, welcome: bool) -> None:
        super().__init__(sock)
        self._agent = agent
        self._welcome = welcome
        self._connection = Connection(recall=agent.recall)
        self._replies = 0
        self._replies_seen = -1
        self._seen_at = time.monotonic()

    def silent_for(self, now: float) -> float:
        """Return for how many seconds the client has asked nothing, as seen at each call.

        While it waits for an answer, it isn't silent; while it doesn't take our answers, it is.

        Args:
            now: Seconds of the monotonic clock.
        """
        waits_for_us = self._connection.outstanding and not self._stuck
        if self._replies != self._replies_seen or waits_for_us:
            self._replies_seen, self._seen_at = self._replies, now
        return now - self._seen_at

    def time_out(self) -> None:
        """End a connection that was silent for too long."""
        if self._stuck:  # it doesn't read our answers, so it won't read a goodbye either
            self._cut_off(Status.TIMEOUT)
            return
        idle = self._replies > 0 and not self._connection.mid_frame
        self.end(Status.NORMAL if idle else Status.TIMEOUT)

    def _answer_all(self) -> bool:
        """Answer until the connection ends; return whether the peer may still be listening."""
        connection, agent, reads = self._connection, self._agent, 0
        while not connection.close_expected:
            data = self._receive()
            reads += self._ending is not None
            if data is None or reads > LAST_READS:
                self._status = status = Status(self._ending or Status.NORMAL)
                connection.disconnect(status)
                break
            began = perf_counter()
            agent.refresh()
            events = connection.receive_data(data) if data else connection.receive_eof()
            if events:
                self._handle(events)
            replies = connection.data_to_send()
            if replies:
                self._replies += 1
                agent.count(replies, perf_counter() - began)
                self._send(replies)
            if not data:
                return False
        self._send(connection.data_to_send())
        return True

    def _handle(self, events: list[Event]) -> None:
        """Handle what wasn't answered from memory; a plugin may wait for something here."""
        self._watcher.stop()
        for event in events:
            if isinstance(event, Notify):
                self._answer(event)
            elif isinstance(event, ProtocolFailed):
                self._status, self.detail = Status(event.status), event.detail
            elif isinstance(event, HelloReceived) and not self._welcome and not event.healthcheck:
                self._status = Status.RESOURCES
                self._connection.disconnect(Status.RESOURCES)
        self._watcher.start(self._greenlet.switch)

    def _answer(self, notify: Notify) -> None:
        """Answer a question. If the agent can't, the goodbye settles all that HAProxy waits for."""
        try:
            self._connection.acknowledge(notify, self._agent.answer(notify))
        except Exception:
            log.exception("a question can't be answered, its connection is ended")
            self._status = Status.UNKNOWN
            self._connection.disconnect(Status.UNKNOWN)

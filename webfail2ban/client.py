"""One client of the SPOA server: moves bytes between a socket and a `spop.Connection`.

The greenlet of a connection is parked in the hub and woken by a watcher that stays started as
long as the connection lives, so a question costs one wait for all sockets, one read and one write.
Starting a watcher anew for each wait, as gevent's own sockets do, halves the rate. The price: the
watcher must be stopped around everything else that the greenlet may wait for.
"""

import contextlib
import logging
import socket as stdlib_socket
import time
from collections.abc import Callable
from time import perf_counter
from typing import Any, Protocol

from gevent import Timeout, get_hub, getcurrent, monkey

from webfail2ban.spop import Connection, Event, HelloReceived, Notify, ProtocolFailed, Status

log = logging.getLogger(__name__)

#: Bytes taken by one read: 20 NOTIFYs, HAProxy's own bound for one connection, with long
#: arguments.
CHUNK = 65536

#: Reads after which a connection that is to end is not listened to any longer.
LAST_READS = 16

#: Seconds for a client to take our last words and close; whoever doesn't is cut off.
FAREWELL = 1.0

#: Bytes of unread input that are thrown away before closing: closing with unread input makes the
#: kernel send RST, and the client may lose our last words.
DRAINED = 1 << 20

READABLE, WRITABLE = 1, 2


class Answerer(Protocol):
    """What a connection asks; see `webfail2ban.agent.Agent`."""

    recall: Callable[[bytes], bytes | None]
    refresh: Callable[[], None]  # called before each use of recall

    def count(self, answers: bytes, seconds: float, /) -> None:
        """Take note of the frames that leave, and of the seconds that they took."""

    def answer(self, notify: Notify) -> bytes:
        """Return the encoded actions for a NOTIFY; must not raise."""


class Client:
    """One connection.

    Args:
        sock: The connected socket; the client takes its descriptor over.
        agent: Answers the NOTIFY frames.
        welcome: Whether it is served, or told that there are too many.

    Attributes:
        detail: What the peer did wrong, if anything.
    """

    def __init__(self, sock: Any, agent: Answerer, *, welcome: bool) -> None:
        # gevent's sockets wait inside each call; this one never waits.
        plain_socket = monkey.get_original("socket", "socket")
        self._sock: stdlib_socket.socket = plain_socket(fileno=sock.detach())
        self._sock.setblocking(False)
        self._agent = agent
        self._welcome = welcome
        self._connection = Connection(recall=agent.recall)
        self._hub = get_hub()
        self._greenlet = getcurrent()
        self._watcher = self._hub.loop.io(self._sock.fileno(), READABLE)
        self._parked = False
        self._stuck = False
        self._ending: Status | None = None
        self._status = Status.NORMAL
        self._replies = 0
        self._replies_seen = -1
        self._seen_at = time.monotonic()
        self.detail = ""

    def serve(self) -> Status:
        """Answer until one side ends; return the status that the connection ended with."""
        try:
            # Resets and closed pipes are what HAProxy's health checks and stops look like.
            with contextlib.suppress(OSError):
                if self._sock.family != stdlib_socket.AF_UNIX:
                    self._sock.setsockopt(stdlib_socket.IPPROTO_TCP, stdlib_socket.TCP_NODELAY, 1)
                self._watcher.start(self._greenlet.switch)
                if self._answer_all():
                    self._say_goodbye()
        finally:
            self._watcher.stop()
            self._watcher.close()
            self._sock.close()
        return self._status

    def end(self, status: Status) -> None:
        """Answer what has arrived, say goodbye with that status, close."""
        if self._ending is None:
            self._ending = status
            self._hub.loop.run_callback(self._unpark)

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
            self._hub.loop.run_callback(self._cut)
            return
        idle = self._replies > 0 and not self._connection.mid_frame
        self.end(Status.NORMAL if idle else Status.TIMEOUT)

    def _unpark(self) -> None:
        if self._parked:
            self._greenlet.switch()

    def _cut(self) -> None:
        if self._stuck:
            self._status, self.detail = Status.TIMEOUT, "it doesn't read its answers"
            self._greenlet.throw(ConnectionAbortedError())

    def _answer_all(self) -> bool:
        """Answer until the connection ends; return whether the peer may still be listening."""
        connection, agent, reads = self._connection, self._agent, 0
        while not connection.close_expected:
            data = self._receive()
            reads += self._ending is not None
            if data is None or reads > LAST_READS:
                self._status = self._ending or Status.NORMAL
                connection.disconnect(self._status)
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

    def _receive(self) -> bytes | None:
        """Wait for input; None when the connection is to end and all that came is read."""
        while True:
            if self._ending is None:
                self._parked = True
                self._hub.switch()
                self._parked = False
            try:
                return self._sock.recv(CHUNK)
            except BlockingIOError:
                if self._ending is not None:
                    return None

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

    def _send(self, data: bytes) -> None:
        """Write everything; HAProxy reads at once, so waiting is rare.

        Raises:
            OSError: the peer is gone.
        """
        while data:
            try:
                sent = self._sock.send(data)
                if sent == len(data):
                    return
                data = data[sent:]
            except BlockingIOError:
                self._stuck = True
                try:
                    self._wait(WRITABLE)
                finally:
                    self._stuck = False

    def _say_goodbye(self) -> None:
        """Let the peer read our last words before the socket closes."""
        self._sock.shutdown(stdlib_socket.SHUT_WR)
        drained = 0
        with Timeout(FAREWELL, False):
            while drained < DRAINED:
                self._wait(READABLE)
                data = self._sock.recv(CHUNK)
                if not data:
                    return
                drained += len(data)

    def _wait(self, events: int) -> None:
        """Wait once for the socket, with the persistent watcher stopped."""
        self._watcher.stop()
        watcher = self._hub.loop.io(self._sock.fileno(), events)
        try:
            self._hub.wait(watcher)
        finally:
            watcher.close()
            self._watcher.start(self._greenlet.switch)

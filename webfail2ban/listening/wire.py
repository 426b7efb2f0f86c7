"""One connection's socket, in the fastest shape of a greenlet that was found.

The greenlet of a connection is parked in the hub and woken by a watcher that stays started as
long as the connection lives, so a question costs one wait for all sockets, one read and one write.
Starting a watcher anew for each wait, as gevent's own sockets do, halves the rate. The price: the
watcher must be stopped around everything else that the greenlet may wait for.
"""

import contextlib
import socket as stdlib_socket
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from gevent import Timeout, get_hub, getcurrent, monkey

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


class Wire(ABC):
    """Moves bytes between a socket and whoever answers.

    Args:
        sock: The connected socket; its descriptor is taken over.

    Attributes:
        detail: What the peer did wrong, if anything.
    """

    def __init__(self, sock: Any) -> None:
        # gevent's sockets wait inside each call; this one never waits.
        plain_socket = monkey.get_original("socket", "socket")
        self._sock: stdlib_socket.socket = plain_socket(fileno=sock.detach())
        self._sock.setblocking(False)
        self._hub = get_hub()
        self._greenlet = getcurrent()
        self._watcher = self._hub.loop.io(self._sock.fileno(), READABLE)
        self._parked = False
        self._stuck = False
        self._ending: int | None = None
        self._status = 0
        self.detail = ""

    def serve(self) -> int:
        """Answer until one side ends; return the status that the connection ended with."""
        try:
            # Resets and closed pipes are what proxies' health checks and stops look like.
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

    def end(self, status: int = 0) -> None:
        """Answer what has arrived, say goodbye with that status, close."""
        if self._ending is None:
            self._ending = status
            self._hub.loop.run_callback(self._unpark)

    @abstractmethod
    def silent_for(self, now: float) -> float:
        """Return for how many seconds the client has asked nothing, as seen at each call.

        Args:
            now: Seconds of the monotonic clock.
        """

    @abstractmethod
    def time_out(self) -> None:
        """End a connection that was silent for too long."""

    @abstractmethod
    def _answer_all(self) -> bool:
        """Answer until the connection ends; return whether the peer may still be listening."""

    def _unpark(self) -> None:
        if self._parked:
            self._greenlet.switch()

    def _cut_off(self, status: int) -> None:
        """End a connection whose peer doesn't take what we send: no goodbye reaches it either."""
        self._hub.loop.run_callback(self._cut, status)

    def _cut(self, status: int) -> None:
        if self._stuck:
            self._status, self.detail = status, "it doesn't read its answers"
            self._greenlet.throw(ConnectionAbortedError())

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

    @contextlib.contextmanager
    def _elsewhere(self) -> Iterator[None]:
        """Let the greenlet wait for something else than its socket."""
        self._watcher.stop()
        try:
            yield
        finally:
            self._watcher.start(self._greenlet.switch)

    def _send(self, data: bytes) -> None:
        """Write everything; proxies read at once, so waiting is rare.

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
        with self._elsewhere():
            watcher = self._hub.loop.io(self._sock.fileno(), events)
            try:
                self._hub.wait(watcher)
            finally:
                watcher.close()

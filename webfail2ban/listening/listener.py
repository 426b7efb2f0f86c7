"""Listening: a gevent StreamServer with a bounded crowd, and one greenlet for each connection.

It knows no protocol: whoever listens makes the `Wire` that serves a connection.
"""

import contextlib
import logging
import os
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
from gevent import Greenlet, socket
from gevent.pool import Group
from gevent.server import StreamServer

from webfail2ban.listening.unixsocket import bind_unix
from webfail2ban.listening.wire import Wire

log = logging.getLogger(__name__)

#: Proxies open a burst of connections when they start and at each reload.
BACKLOG = 1024

#: Connections above the limit that are told so; the rest of a flood is closed without a word.
REFUSED_AT_ONCE = 64

#: Seconds for greenlets that were killed to end; a plugin may hold on to one.
KILLED = 0.5

#: The unix socket belongs to its owner and group; the proxy is a member of the group.
SOCKET_MODE = 0o660


class Listener(ABC):
    """Listens for proxies.

    Args:
        name: Names the listener in errors: its section of the configuration.
        address: An IP address or host name, or the path of a unix socket.
        port: The TCP port; 0 takes a free one.
        max_clients: Connections served at the same time; more are refused.
        read_timeout: Seconds after which a connection that brings nothing whole is ended.

    Attributes:
        accepted: How many connections there were, those that were refused left out.
        errors: How often a connection ended with each status code, 0 left out.
    """

    def __init__(
        self, name: str, address: str, port: int, max_clients: int, read_timeout: float
    ) -> None:
        self._name = name
        self._address = address
        self._port = port
        self._max_clients = max_clients
        self._read_timeout = read_timeout
        self._socket: socket.socket | None = None
        self._listener: StreamServer | None = None
        self._served: set[Wire] = set()
        self._refused: set[Wire] = set()
        self._greenlets = Group()
        self._sweeper: Greenlet | None = None
        self._stopping = False
        self.accepted = 0
        self.errors: Counter[int] = Counter()

    @property
    def clients(self) -> int:
        """How many connections are served."""
        return len(self._served)

    @property
    def address(self) -> str:
        """Where the server listens: ``host:port`` or a path."""
        if self._is_unix:
            return self._address
        assert self._socket is not None  # noqa: S101 - asked for after bind only
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def bind(self, owner: tuple[int, int] | None = None) -> None:
        """Take the address; until the start nobody can connect.

        Args:
            owner: The user and the group that a unix socket is given to, as numbers.

        Raises:
            OSError: the address is taken, not ours, or not allowed; it names the address.
        """
        with self._named_errors():
            if not self._is_unix:
                self._socket = _bind_tcp(self._address, self._port)
                return
            self._socket = bind_unix(Path(self._address), SOCKET_MODE)
            if owner is not None:
                os.chown(self._address, *owner)

    def start(self) -> None:
        """Listen, on the address that was bound or is bound now.

        Raises:
            OSError: the address is taken, not ours, or not allowed; it names the address.
        """
        if self._socket is None:
            self.bind()
        bound: Any = self._socket
        with self._named_errors():
            bound.listen(BACKLOG)
        self._listener = StreamServer(bound, self._handle, spawn=self._greenlets.spawn)
        self._listener.start()
        self._sweeper = gevent.spawn(self._sweep)

    def limit(self, max_clients: int, read_timeout: float) -> None:
        """Change the limits, which the constructor describes; nobody who is served is cut off."""
        self._max_clients = max_clients
        self._read_timeout = read_timeout

    def stop(self, grace: float) -> None:
        """Stop accepting, answer what is owed, say goodbye, close.

        Args:
            grace: Seconds that this may take; then connections are cut.
        """
        self._stopping = True
        if self._listener is not None:
            self._listener.close()
        if self._socket is not None:
            self._socket.close()
            self._remove_unix()
        if self._sweeper is not None:
            self._sweeper.kill()
        for client in (*self._served, *self._refused):
            client.end()
        self._greenlets.join(grace)
        self._greenlets.kill(timeout=KILLED)

    @property
    def _is_unix(self) -> bool:
        return self._address.startswith("/")

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Have errors name the address."""
        where = self._address if self._is_unix else f"{self._address} port {self._port}"
        try:
            yield
        except OSError as error:
            raise OSError(
                error.errno, f"{self._name}: can't listen on {where}: {error.strerror}"
            ) from error

    def _remove_unix(self) -> None:
        """Remove the unix socket's file, if we may: its directory may still be root's.

        One that stays is replaced at the next start.
        """
        if self._is_unix:
            with contextlib.suppress(OSError):
                Path(self._address).unlink()

    def _admits(self, _peer: object) -> bool:
        """Whether somebody may be served at all."""
        return True

    def _patience(self, _client: Wire) -> float:
        """Return for how many seconds a client may be silent."""
        return self._read_timeout

    @abstractmethod
    def _make_client(self, sock: socket.socket, peer: object, *, welcome: bool) -> Wire:
        """Return what serves one connection, or tells its peer why it isn't served."""

    def _handle(self, sock: socket.socket, peer: object) -> None:
        """Serve one connection up to its end."""
        room = self._admits(peer) and len(self._served) < self._max_clients
        if not room and len(self._refused) >= REFUSED_AT_ONCE:
            return
        clients = self._served if room else self._refused
        client = self._make_client(sock, peer, welcome=room)
        clients.add(client)
        self.accepted += room
        if self._stopping:  # it was accepted just before
            client.end()
        try:
            status = client.serve()
        finally:
            clients.discard(client)
        if status:
            self.errors[status] += 1
            log.debug("connection ended with status %d: %s", status, client.detail)

    def _sweep(self) -> None:
        """End connections that bring nothing whole in time.

        One greenlet looks at all of them now and then: a timer for each read would cost more than
        the answer.
        """
        while True:
            gevent.sleep(min(self._read_timeout / 4, 1.0))
            self._end_silent(time.monotonic())

    def _end_silent(self, now: float) -> None:
        for client in (*self._served, *self._refused):
            if client.silent_for(now) >= self._patience(client):
                client.time_out()


def _bind_tcp(address: str, port: int) -> socket.socket:
    """Take an address; all of them, IPv4 and IPv6, if it is ``::``."""
    family, _, _, _, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with contextlib.ExitStack() as opened:
        bound = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind(place)
        opened.pop_all()
    return bound

"""The SPOA server: a gevent StreamServer that drives one `spop.Connection` per client.

It knows no plugin and no verdict: an `Answerer` is passed in. One greenlet serves one connection;
a read often holds many frames, and all their answers leave in one write.
"""

import logging
import os
import socket as stdlib_socket
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import gevent
from gevent import Greenlet, socket
from gevent.pool import Group
from gevent.server import StreamServer

from webfail2ban.client import Client
from webfail2ban.spop import Notify, Status

log = logging.getLogger(__name__)

#: HAProxy opens a burst of connections when it starts and at each reload.
BACKLOG = 1024

#: Connections above the limit that are told so; the rest of a flood is closed without a word.
REFUSED_AT_ONCE = 64

#: The unix socket belongs to its owner and group; HAProxy is a member of the group.
SOCKET_MODE = 0o660


class Answerer(Protocol):
    """What the server asks; see `webfail2ban.agent.Agent`."""

    recall: Callable[[bytes], bytes | None]
    refresh: Callable[[], None]  # called before each use of recall

    def answer(self, notify: Notify) -> bytes:
        """Return the encoded actions for a NOTIFY."""


class Server:
    """Listens for HAProxy.

    Args:
        agent: Answers the NOTIFY frames.
        address: An IP address or host name, or the path of a unix socket.
        port: The TCP port; 0 takes a free one.
        max_clients: Connections served at the same time; more get AGENT-DISCONNECT 13.
        read_timeout: Seconds after which a connection that brings no whole frame is ended.

    Attributes:
        errors: How often a connection ended with each status code, 0 left out.
    """

    def __init__(
        self, agent: Answerer, address: str, port: int, max_clients: int, read_timeout: float
    ) -> None:
        self._agent = agent
        self._address = address
        self._port = port
        self._max_clients = max_clients
        self._read_timeout = read_timeout
        self._listener: StreamServer | None = None
        self._served: set[Client] = set()
        self._refused: set[Client] = set()
        self._greenlets = Group()
        self._sweeper: Greenlet | None = None
        self.errors: Counter[int] = Counter()

    @property
    def clients(self) -> int:
        """How many connections are served."""
        return len(self._served)

    @property
    def address(self) -> str:
        """Where the server listens: ``host:port`` or a path."""
        if self._address.startswith("/"):
            return self._address
        assert self._listener is not None  # noqa: S101 - asked for after start only
        host, port = self._listener.address[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken, not ours, or not allowed; it names the address.
        """
        listener = self._listen()
        self._listener = StreamServer(listener, self._handle, spawn=self._greenlets.spawn)
        self._listener.start()
        self._sweeper = gevent.spawn(self._sweep)

    def stop(self, grace: float) -> None:
        """Stop accepting, answer what is owed, say goodbye, close.

        Args:
            grace: Seconds that this may take; then connections are cut.
        """
        if self._listener is not None:
            self._listener.close()
            if self._address.startswith("/"):
                Path(self._address).unlink(missing_ok=True)
        if self._sweeper is not None:
            self._sweeper.kill()
        for client in (*self._served, *self._refused):
            client.end(Status.NORMAL)
        self._greenlets.join(grace)
        self._greenlets.kill()

    def _listen(self) -> socket.socket:
        where = self._address
        try:
            if where.startswith("/"):
                return _listen_unix(where)
            family, _, _, _, place = socket.getaddrinfo(
                where, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            where = f"{where} port {self._port}"
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind(place)
            listener.listen(BACKLOG)
        except OSError as error:
            raise OSError(
                error.errno, f"spoa: can't listen on {where}: {error.strerror}"
            ) from error
        return listener

    def _handle(self, sock: socket.socket, _address: object) -> None:
        """Serve one connection up to its end."""
        room = len(self._served) < self._max_clients
        if not room and len(self._refused) >= REFUSED_AT_ONCE:
            return
        clients = self._served if room else self._refused
        client = Client(sock, self._agent, welcome=room)
        clients.add(client)
        try:
            status = client.serve()
        finally:
            clients.discard(client)
        if status:
            self.errors[status] += 1
            log.debug("connection ended with status %d: %s", status, client.detail)

    def _sweep(self) -> None:
        """End connections that bring no whole frame within the read timeout.

        One greenlet looks at all of them now and then: a timer for each read would cost more than
        the answer.
        """
        pause = min(self._read_timeout / 4, 1.0)
        while True:
            gevent.sleep(pause)
            now = time.monotonic()
            for client in (*self._served, *self._refused):
                if client.silent_for(now) >= self._read_timeout:
                    client.time_out()


def _listen_unix(path: str) -> socket.socket:
    """Listen on a unix socket, in place of one that a dead process left behind."""
    if _is_stale(path):
        Path(path).unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~SOCKET_MODE)
    try:
        listener.bind(path)
    finally:
        os.umask(before)
    listener.listen(BACKLOG)
    return listener


def _is_stale(path: str) -> bool:
    """Whether there is a socket at the path that nobody listens on."""
    if not Path(path).is_socket():
        return False
    with stdlib_socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return True
    return False

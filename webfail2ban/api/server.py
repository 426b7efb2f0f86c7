"""Carries the API: a unix socket, a TCP port if need be, each with its own bounded crowd."""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from gevent import socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from webfail2ban.addresses import Network
from webfail2ban.api.connection import Connection
from webfail2ban.api.peers import Peer, identify
from webfail2ban.config import ApiSettings
from webfail2ban.config.api import is_loopback
from webfail2ban.listening.unixsocket import bind_unix, give, prepare_folder
from webfail2ban.notices import Notices

log = logging.getLogger(__name__)

#: Connections that wait to be accepted.
BACKLOG = 64

#: Connections at the same time, of each of both listeners: operators are few.
CROWD = 64

#: What the environment of every request says; nobody needs to know our versions.
ENVIRON = {"SERVER_NAME": "localhost", "SERVER_PORT": "0", "SERVER_SOFTWARE": "webfail2ban"}


class Listener(WSGIServer):  # type: ignore[misc] # gevent has no types
    """Accepts connections of those who may.

    Args:
        bound: The socket.
        application: Answers.
        may_connect: Whether somebody may.
        timeout: Seconds that a client may be silent.
    """

    def __init__(
        self,
        bound: socket.socket,
        application: Flask,
        may_connect: Callable[[Peer], bool],
        timeout: float,
    ) -> None:
        super().__init__(
            bound, application, spawn=Pool(CROWD), log=None, error_log=log, environ=dict(ENVIRON)
        )
        self._notices = Notices(log, time.monotonic)
        self._may_connect = may_connect
        self._timeout = timeout

    def handle(self, sock: socket.socket, address: object) -> None:
        """Serve one connection up to its end."""
        peer = identify(sock, address)
        if not self._may_connect(peer):
            self._notices.warn("%s may not connect: no network of api.allow has it", peer)
            return
        Connection(sock, address, self, peer, self._timeout).handle()


class ApiServer:
    """Listens for operators' programs.

    Args:
        settings: The section ``api``.
        application: Answers.
    """

    def __init__(self, settings: ApiSettings, application: Flask) -> None:
        self._settings = settings
        self._application = application
        self._unix: socket.socket | None = None
        self._tcp: socket.socket | None = None
        self._listeners: list[Listener] = []

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens: a path, ``host:port``, both or nothing."""
        addresses = [] if self._unix is None else [str(self._settings.socket)]
        if self._tcp is not None:
            host, port = self._tcp.getsockname()[:2]
            addresses.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        return tuple(addresses)

    def bind(self, owner: tuple[int, int] | None = None) -> None:
        """Take the addresses; until the start nobody can connect.

        Args:
            owner: The user and the group, as numbers, that we become: the unix socket and a folder
                that is made for it are theirs where the settings say nothing else.

        Raises:
            OSError: an address is taken, not ours, or not safe; it names the address.
        """
        path = self._settings.socket
        if path is not None:
            with _named_errors(str(path)):
                self._unix = self._bind_unix(path, owner)
        if self._settings.address is not None:
            with _named_errors(f"{self._settings.address} port {self._settings.port}"):
                self._tcp = _bind_tcp(self._settings.address, self._settings.port)

    def start(self) -> None:
        """Listen, on the addresses that were bound or are bound now.

        Raises:
            OSError: an address is taken, not ours, or not safe; it names the address.
        """
        if self._unix is None and self._tcp is None:
            self.bind()
        for bound in (self._unix, self._tcp):
            if bound is not None:
                bound.listen(BACKLOG)
                listener = Listener(
                    bound, self._application, self._may_connect, self._settings.timeout
                )
                listener.start()
                self._listeners.append(listener)

    def stop(self, grace: float) -> None:
        """Stop accepting, let requests under way end, close.

        Args:
            grace: Seconds that this may take; then connections are cut.
        """
        for listener in self._listeners:
            listener.close()
        for listener in self._listeners:
            listener.stop(grace)
        for bound in (self._unix, self._tcp):
            if bound is not None:
                bound.close()
        if self._unix is not None:
            # The folder may still be root's; a socket that stays is replaced at the next start.
            with contextlib.suppress(OSError):
                Path(str(self._settings.socket)).unlink()
        self._listeners.clear()
        self._unix = self._tcp = None

    def _bind_unix(self, path: Path, owner: tuple[int, int] | None) -> socket.socket:
        settings = self._settings
        if prepare_folder(path.parent) and owner is not None:
            os.chown(path.parent, *owner)
        bound = bind_unix(path, settings.mode)
        if owner is not None:
            os.chown(path, *owner)
        give(path, settings.owner, settings.group)
        return bound

    def _may_connect(self, peer: Peer) -> bool:
        """Whether somebody may connect: over the unix socket whoever may open it."""
        if peer.address is None:
            return True
        allow = self._settings.allow
        if not allow:
            return is_loopback(str(self._settings.address))
        return any(_is_in(peer.address, network) for network in allow)


def _is_in(address: Any, network: Network) -> bool:
    return bool(address.version == network.version and address in network)


def _bind_tcp(address: str, port: int) -> socket.socket:
    family, _, _, _, place = socket.getaddrinfo(
        address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with contextlib.ExitStack() as opened:
        bound = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(place)
        opened.pop_all()
    return bound


@contextlib.contextmanager
def _named_errors(where: str) -> Iterator[None]:
    """Have errors name the address."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, f"api: can't listen on {where}: {error.strerror}") from error

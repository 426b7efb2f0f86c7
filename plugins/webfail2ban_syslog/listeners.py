"""Opens the sockets that messages arrive at. What fails is told in a sentence with the address."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gevent import socket

from webfail2ban_syslog.settings import Endpoint

#: Bytes that the kernel is asked to keep for us while lines are searched, some thousand datagrams.
#: Without privileges it gives no more than ``net.core.rmem_max``.
RECEIVE_BUFFER = 4 * 1024 * 1024

#: Linux' number for the same beyond that limit, with CAP_NET_ADMIN; missing in Python's `socket`.
SO_RCVBUFFORCE = 33

#: Connections that may wait to be accepted.
BACKLOG = 128

#: Whoever may log may write, as to /dev/log.
SOCKET_MODE = 0o666

#: What to say of the usual mistakes.
REASONS = {
    errno.EADDRINUSE: "another program has it already",
    errno.EACCES: "that needs root; for a port below 1024 CAP_NET_BIND_SERVICE is enough",
    errno.EADDRNOTAVAIL: "this host has no such address",
    errno.EAFNOSUPPORT: "this host has no such kind of addresses",
}


class ListenError(OSError):
    """A socket that can't be opened; its sentence says where and why."""


def open_udp(endpoint: Endpoint) -> socket.socket:
    """Return a bound UDP socket with a large buffer.

    Raises:
        ListenError: it can't be bound.
    """
    listener = _bind(endpoint, socket.SOCK_DGRAM, f"udp {endpoint}")
    _enlarge_buffer(listener)
    return listener


def open_tcp(endpoint: Endpoint) -> socket.socket:
    """Return a listening TCP socket.

    Raises:
        ListenError: it can't be bound.
    """
    listener = _bind(endpoint, socket.SOCK_STREAM, f"tcp {endpoint}")
    listener.listen(BACKLOG)
    return listener


def open_unix(path: Path) -> socket.socket:
    """Return a unix datagram socket, at the place of a dead one if there is one.

    Raises:
        ListenError: it can't be bound, or something else is there.
    """
    with _explained(f"unix {path}"):
        _remove_dead(path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with _closed_on_error(listener):
            listener.bind(os.fspath(path))
            path.chmod(SOCKET_MODE)
            _enlarge_buffer(listener)
    return listener


def _bind(endpoint: Endpoint, kind: int, name: str) -> socket.socket:
    family = socket.AF_INET6 if endpoint.address.version == 6 else socket.AF_INET  # noqa: PLR2004
    with _explained(name):
        listener = socket.socket(family, kind)
        with _closed_on_error(listener):
            if kind == socket.SOCK_STREAM:
                # Connections of the one before us may still linger (tcp(7)). Over UDP the same
                # option would let another program take our datagrams.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # [::] is for IPv4 too, however the host is set up.
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind((str(endpoint.address), endpoint.port))
    return listener


def _enlarge_buffer(listener: socket.socket) -> None:
    try:
        listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
    except OSError:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)


def _remove_dead(path: Path) -> None:
    """Remove a socket that nobody reads: one of us was killed.

    Raises:
        OSError: somebody reads it, or it is no socket.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError("there is something else of that name")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


@contextmanager
def _closed_on_error(listener: socket.socket) -> Iterator[None]:
    try:
        yield
    except OSError:
        listener.close()
        raise


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say what couldn't be opened, and why."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise ListenError(f"can't receive syslog on {name}: {reason}") from error

"""Connections for httpcore that wait as gevent does: nothing of Python itself is patched.

There are no timeouts here: whoever sends a request limits the whole of it.
"""

import select
import ssl
from collections.abc import Iterable
from typing import Any

import gevent.socket
import httpcore
from httpcore import SOCKET_OPTION


class Stream(httpcore.NetworkStream):
    """A connection.

    Args:
        sock: One of gevent's sockets, connected, with or without TLS.
    """

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's
        """Return what arrives next; nothing at the end."""
        try:
            data: bytes = self._sock.recv(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(explain(error)) from error
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's
        """Send all."""
        try:
            self._sock.sendall(buffer)
        except OSError as error:
            raise httpcore.WriteError(explain(error)) from error

    def close(self) -> None:
        """End the connection."""
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's
    ) -> "Stream":
        """Speak TLS from now on, with whoever has a certificate of that name."""
        try:
            return Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise httpcore.ConnectError(explain(error)) from error
            raise

    def get_extra_info(self, info: str) -> Any:
        """Answer whether there is something to read, or the end: an idle connection has neither."""
        if info != "is_readable":
            return None
        number = self._sock.fileno()
        if number < 0:
            return True
        look = select.poll()
        look.register(number, select.POLLIN)
        return bool(look.poll(0))


class Backend(httpcore.NetworkBackend):
    """Makes connections."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's
        local_address: str | None = None,  # noqa: ARG002 - httpcore's
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 - httpcore's
    ) -> Stream:
        """Connect to the first of a host's addresses that answers."""
        try:
            return Stream(gevent.socket.create_connection((host, port)))
        except OSError as error:
            raise httpcore.ConnectError(explain(error)) from error


def explain(error: OSError) -> str:
    """Say what went wrong, in words that quote nothing of the other side's."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate can't be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'the connection was closed'}"
    return error.strerror or type(error).__name__

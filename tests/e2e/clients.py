"""Clients of HAProxy: they come from any address, because they send a PROXY header."""

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.e2e.ports import LOOPBACK
from tests.e2e.proxyprotocol import header_v1
from tests.e2e.waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP's status.
        headers: The headers by their names in small letters.
        body: The rest.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """A client with one kept-alive connection, which is never opened anew by itself.

    Args:
        connection: The connection; the client takes it over.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._http = http.client.HTTPConnection("test")
        self._http.auto_open = 0
        self._http.sock = connection

    def get(self, path: str = "/", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and return the answer.

        Raises:
            http.client.HTTPException: the connection ended instead.
            OSError: it was reset.
        """
        self._http.request("GET", path, headers=dict(headers or {}))
        response = self._http.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())

    def close(self) -> None:
        self._http.close()


def connect(port: int, client: str | None = None) -> socket.socket:
    """Connect to a port of loopback, in the name of a client if one is given."""
    connection = socket.create_connection((LOOPBACK, port), PATIENCE)
    # Otherwise a request waits for the header's acknowledgement, which the kernel puts off.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if client is not None:
        connection.sendall(header_v1(client))
    return connection


@contextmanager
def http_client(port: int, client: str | None = None) -> Iterator[HttpClient]:
    """Keep a connection while the context lasts."""
    http = HttpClient(connect(port, client))
    try:
        yield http
    finally:
        http.close()


def get(
    port: int, client: str | None = None, path: str = "/", headers: Mapping[str, str] | None = None
) -> Answer:
    """Send one request on a connection of its own."""
    with http_client(port, client) as http:
        return http.get(path, headers)


def greeting(port: int, client: str) -> bytes:
    """Return what a server says first; nothing if the connection is closed or reset before."""
    with connect(port, client) as connection:
        try:
            return connection.recv(1024)
        except ConnectionResetError:
            return b""

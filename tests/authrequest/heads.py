"""Requests and responses for the tests of the HTTP endpoint."""

from dataclasses import dataclass


def request(*lines: str, first: str = "GET / HTTP/1.1", host: str | None = "test") -> bytes:
    """Return the head of a request."""
    hosts = [] if host is None else [f"Host: {host}"]
    return "\r\n".join([first, *hosts, *lines, "", ""]).encode("latin-1")


def about(client: str, *lines: str) -> bytes:
    """Return a request about a client."""
    return request(f"X-Forwarded-For: {client}", *lines)


@dataclass(frozen=True, slots=True)
class Response:
    """A response without a body.

    Attributes:
        status: Its status.
        headers: Names in small letters, and values.
    """

    status: int
    headers: dict[str, str]


def responses(data: bytes) -> list[Response]:
    """Read whole responses, none of which has a body."""
    *heads, rest = data.decode("ascii").split("\r\n\r\n")
    assert not rest, f"behind the last response: {rest!r}"
    return [_response(head) for head in heads]


def _response(head: str) -> Response:
    first, *lines = head.split("\r\n")
    version, status, _ = first.split(" ", 2)
    assert version == "HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers["Content-Length"] == "0"
    return Response(int(status), {name.lower(): value for name, value in headers.items()})

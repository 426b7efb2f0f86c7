"""HTTP/1.1 without I/O: bytes in, requests out (RFC 9112).

llhttp, through httptools, splits the bytes; here stands what it leaves to its users: limits, and
what a server has to demand. A proxy's mistake has a status of 400 and above, never one of 500 and
above, wherever a client of the proxy might cause it with what he sends: proxies that let everybody
in while we are in trouble must not be told that we are. That is why an unknown method is a 400
rather than the 501 of RFC 9110, 9.1.
"""

from http import HTTPStatus

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from webfail2ban.authrequest.request import Request
from webfail2ban.errors import RequestError

#: Bytes of a body that is thrown away; after more the connection ends. Proxies send none unless
#: they are told to.
MAX_BODY = 1 << 20

#: What separates a header's name from its value, and ends its line.
OVERHEAD = len(b": \r\n")

HOST, EXPECT, CONNECTION = b"host", b"expect", b"connection"

#: The method of HTTP/2's first words (RFC 9113, 3.4).
PREFACE = b"PRI"


class Connection:
    """The server's side of one connection.

    Args:
        max_header: Bytes that the head of a request may have.

    Attributes:
        fault: What the peer did wrong; the connection ends then.
    """

    def __init__(self, max_header: int) -> None:
        self._reader = _Reader(max_header)
        self._closing = False
        self.fault: RequestError | None = None

    @property
    def close_expected(self) -> bool:
        """Whether the connection ends when all is answered."""
        return self._closing or self.fault is not None

    @property
    def mid_request(self) -> bool:
        """Whether a request has begun and not ended."""
        return self._reader.in_head or self._reader.in_body

    @property
    def owes_answer(self) -> bool:
        """Whether a request has begun that nobody could answer so far: its head isn't complete.

        With a fault behind the head there is nothing to be said any more: the answer has gone.
        """
        return self._reader.in_head

    @property
    def unsettled(self) -> bool:
        """Whether what comes next means something else than on a new connection."""
        return self.mid_request or self.close_expected

    def close(self) -> None:
        """Take nothing more: what was answered last said so (RFC 9112, 9.6)."""
        self._closing = True

    def receive_data(self, data: bytes) -> list[Request]:
        """Take bytes; return the requests whose heads they complete.

        They are answered before `fault` is, if there is one then.
        """
        if self.close_expected:
            return []
        try:
            self._reader.feed(data)
        except RequestError as fault:
            self.fault = fault
        requests, self._reader.requests = self._reader.requests, []
        for number, request in enumerate(requests):
            if request.last:  # what comes after it is nobody's request (RFC 9112, 9.6)
                self.fault = None
                self.close()
                return requests[: number + 1]
        return requests


class _Reader:
    """What httptools calls while it parses."""

    def __init__(self, max_header: int) -> None:
        self._max_header = max_header
        self._parser = HttpRequestParser(self)
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._read = 0  # bytes of this read
        self._later = 0  # bytes of the reads behind that in which the request began
        self.in_head = False
        self.in_body = False
        self.requests: list[Request] = []

    def feed(self, data: bytes) -> None:
        """Parse.

        Raises:
            RequestError: it is no HTTP, or too much of it.
        """
        self._read = len(data)
        if self.in_body:
            self._later += len(data)
        while data:
            try:
                self._parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                # We go on in HTTP/1.1, which a server may (RFC 9110, 7.8); this parser can't.
                self._parser = HttpRequestParser(self)
                data = data[upgrade.args[0] :]
                continue
            except HttpParserCallbackError as error:
                if isinstance(error.__context__, RequestError):
                    raise error.__context__ from None
                raise
            except HttpParserError as error:
                raise self._explain(error) from None
            break
        if self.in_head and self._later > self._max_header:
            raise self._too_long()
        if self.in_body and self._later > self._max_header + MAX_BODY:
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a body is of no use here")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._target, self._headers, self._later = b"", [], 0
        self.in_head = self.in_body = True

    def on_url(self, part: bytes) -> None:
        """Here is the request target, or a part of it."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Here is a header; behind a body it is a trailer, which tells nothing."""
        if self.in_head:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """That was the head: it can be answered.

        Raises:
            RequestError: it isn't good.
        """
        parser, headers = self._parser, self._headers
        method, names = parser.get_method(), [name for name, _ in headers]
        # HTTP/1.0 keeps no connection by itself, and what it would need for it we don't say.
        keeps = parser.should_keep_alive()
        last = not keeps or (CONNECTION in names and parser.get_http_version() != "1.1")
        if EXPECT in names:  # whether the body comes nobody knows (RFC 9110, 10.1.1)
            last = True
        hosts = names.count(HOST)
        if hosts != 1 and (hosts or parser.get_http_version() == "1.1"):
            raise RequestError(HTTPStatus.BAD_REQUEST, f"there are {hosts} Host headers")
        if method == b"CONNECT":
            raise RequestError(HTTPStatus.METHOD_NOT_ALLOWED, "this is no proxy")
        if self._read + self._later > self._max_header and self._size() > self._max_header:
            raise self._too_long()
        self.requests.append(Request(method, self._target, tuple(headers), last))
        self.in_head = False

    def on_message_complete(self) -> None:
        """The request ends."""
        self.in_body = False

    def _size(self) -> int:
        """Return how many bytes the head has, its first line's other parts left out."""
        lines = (len(name) + len(value) + OVERHEAD for name, value in self._headers)
        return len(self._target) + sum(lines)

    def _too_long(self) -> RequestError:
        if len(self._target) > self._max_header:
            return RequestError(HTTPStatus.REQUEST_URI_TOO_LONG, "the target is too long")
        return RequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head is too long")

    def _explain(self, error: HttpParserError) -> RequestError:
        if self.in_head and self._parser.get_method() == PREFACE:
            return RequestError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "this is HTTP/1.1 alone")
        return RequestError(HTTPStatus.BAD_REQUEST, str(error))

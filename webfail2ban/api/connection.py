"""One connection of the API: gevent's handler, with limits, and nothing of it on standard error.

gevent bounds a line of the request but not its headers, waits for ever, and reads on and on what a
client sends beyond a refused body; it prints tracebacks of what clients do wrong.
"""

import logging
import time
from http import HTTPStatus
from typing import Any

from gevent import Timeout
from gevent.pywsgi import Input, WSGIHandler

from webfail2ban.api.peers import ENVIRON_KEY, Peer
from webfail2ban.api.refusal import RefusalError

log = logging.getLogger(__name__)

#: Bytes of all headers of a request together; browsers' are a tenth of it.
LONGEST_HEADERS = 32 * 1024

#: Bytes of an unread body, and seconds, that are spent on it after the answer, so that the client
#: reads the answer: who closes while data waits resets the connection (RFC 9112, 9.6).
REST = 1024 * 1024
REST_TIME = 2.0

#: Bytes a second that a body must bring, once the timeout is over.
SLOWEST = 4096

#: What gevent answers by itself.
STATUSES = {"400": HTTPStatus.BAD_REQUEST, "414": HTTPStatus.REQUEST_URI_TOO_LONG}


class HeadersTooLongError(ValueError):
    """A client sends more headers than anybody needs."""


class HeaderLines:
    """The lines of a request's headers, up to a limit of all together.

    Args:
        file: What the lines are read from.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = LONGEST_HEADERS

    def readline(self, limit: int) -> bytes:
        """Return the next line.

        Raises:
            HeadersTooLongError: it goes beyond the limit.
        """
        line: bytes = self._file.readline(min(limit, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise HeadersTooLongError
        return line


class Body(Input):  # type: ignore[misc] # gevent has no types
    """A request's body: its sender may not take for ever, and its end is not always read.

    Args:
        given: As gevent made it.
        timeout: Seconds that the client may take, and one more for each `SLOWEST` bytes.
    """

    def __init__(self, given: Input, timeout: float) -> None:
        super().__init__(given.rfile, given.content_length, given.socket, given.chunked_input)
        self._deadline = time.monotonic() + timeout

    @property
    def unread(self) -> bool:
        """Whether there is more."""
        if self.chunked_input:
            return bool(self.chunk_length)
        return bool(self.position < (self.content_length or 0))

    def read(self, length: int | None = None) -> bytes:
        """Return some of it; nothing at its end.

        Raises:
            RefusalError: the client is too slow.
            OSError: it isn't whole.
        """
        left = max(self._deadline - time.monotonic(), 0.001)
        with Timeout(left, RefusalError(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly")):
            data: bytes = super().read(length)
        self._deadline += len(data) / SLOWEST
        return data

    def _discard(self) -> None:
        """Read a bit of the rest, so that the client comes to read the answer."""
        if self.socket is not None:  # it waits for "100 Continue", and has sent nothing
            return
        self._deadline = min(self._deadline, time.monotonic() + REST_TIME)
        left = REST
        try:
            while self.unread and left > 0 and (data := self.read(16384)):
                left -= len(data)
        except (OSError, RefusalError):
            log.debug("a client's body was left where it is")


class Connection(WSGIHandler):  # type: ignore[misc] # gevent has no types
    """Serves the requests of one connection.

    Args:
        sock: The connection.
        address: What accepting it said.
        server: The server that did.
        peer: Who is at the other end.
        timeout: Seconds that a client may be silent, or take for a request's head.
    """

    wsgi_input: Any

    #: What sending to a client that is gone, or doesn't read, raises.
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, "timed out")

    def __init__(self, sock: Any, address: object, server: Any, peer: Peer, timeout: float) -> None:
        sock.settimeout(timeout)
        super().__init__(sock, address, server)
        self._peer = peer
        self._timeout = timeout

    def read_requestline(self) -> str:
        """Return the first line of a request; nothing after the last."""
        try:
            with Timeout(self._timeout, TimeoutError()):
                line: str = super().read_requestline()
        except TimeoutError:
            return ""
        return line

    def read_request(self, raw_requestline: str) -> bool:
        """Read a request's head.

        Raises:
            ValueError: it isn't one, is too long, or takes too long.
        """
        with Timeout(self._timeout, ValueError("its head came too slowly")):
            return bool(super().read_request(raw_requestline))

    def MessageClass(self, *_: object) -> Any:  # noqa: N802 - gevent's name
        """Read the headers."""
        return super().MessageClass(HeaderLines(self.rfile), 0)

    def get_environ(self) -> dict[str, Any]:
        """Return the WSGI environment, with the peer in it."""
        environ: dict[str, Any] = super().get_environ()
        self.wsgi_input = environ["wsgi.input"] = Body(self.wsgi_input, self._timeout)
        environ["wsgi.input_terminated"] = True
        environ[ENVIRON_KEY] = self._peer
        return environ

    def finalize_headers(self) -> None:
        """Say that the connection ends here if the body wasn't read."""
        super().finalize_headers()
        if self.wsgi_input.unread:
            self.response_headers.append((b"Connection", b"close"))
            self.close_connection = True

    def handle_one_request(self) -> Any:
        """Serve one request; errors that gevent answers are of our form."""
        result = super().handle_one_request()
        if isinstance(result, tuple) and result[0] in STATUSES:
            return result[0], _answer(STATUSES[result[0]], "this is no HTTP request")
        return result

    def log_request(self) -> None:
        """Log a request, for whoever looks for a mistake."""
        log.debug("%s: %s", self._peer, self.format_request())

    def _handle_client_error(self, error: Exception) -> tuple[str, bytes]:
        """Refuse what is no request."""
        log.debug("%s: no request: %r", self._peer, error)
        if isinstance(error, HeadersTooLongError):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            return str(status.value), _answer(status, "its headers are too long")
        return "400 ", _answer(HTTPStatus.BAD_REQUEST, "this is no HTTP request")


def _answer(status: HTTPStatus, detail: str) -> bytes:
    """Write a whole answer."""
    body = RefusalError(status, detail).problem.model_dump_json().encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

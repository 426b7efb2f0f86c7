"""A connection to an engine's API, and in words why there is none.

The standard library's client: httpx takes four times as long to import as all that a short command
does, and what is asked here needs nothing of what it does more.
"""

import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from webfail2ban.commands.steering.place import Place
from webfail2ban.errors import EngineUnreachableError

#: What errors mean, and what to do about them; the first that fits.
SENTENCES: dict[type[Exception], str] = {
    FileNotFoundError: "there is no such socket; is the engine running? Start it with "
    "`webfail2ban run`, or name its socket with --api",
    ConnectionRefusedError: "nobody listens there; is the engine running? Start it with "
    "`webfail2ban run`, or name its socket with --api",
    TimeoutError: "the engine doesn't answer in time; it is overloaded or stands still",
    ConnectionError: "the engine ended the connection; is it stopping?",
    HTTPException: "the engine ended the connection, or what listens there is no webfail2ban",
}

#: What a body may be.
Body = bytes | Iterable[bytes]


class UnixConnection(HTTPConnection):
    """HTTP over a unix socket.

    Args:
        path: The socket.
        timeout: Seconds that a send or a receive may take.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket.

        Raises:
            OSError: nobody listens there, or we may not.
        """
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@contextmanager
def exchange(  # noqa: PLR0913 - a request has that many parts
    place: Place,
    timeout: float,
    method: str,
    target: str,
    *,
    body: Body | None,
    headers: Mapping[str, str],
) -> Iterator[HTTPResponse]:
    """Send one request on a connection of its own, and give the answer, unread.

    Args:
        place: Where.
        timeout: Seconds of silence after which to give up.
        method: The HTTP method.
        target: The path and the query.
        body: Bytes, or pieces that are sent as they come; None for no body.
        headers: Beside those that every request has.

    Raises:
        EngineUnreachableError: there is no answer, or it breaks off while it is read.
    """
    if place.token is not None:
        headers = {**headers, "Authorization": f"Bearer {place.token.get_secret_value()}"}
    with closing(_open(place, timeout)) as connection:
        try:
            connection.connect()
            # It may refuse before all was sent, and says why.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, target, body, {**headers, "Connection": "close"})
            with connection.getresponse() as answer:
                yield answer
        except (OSError, HTTPException) as error:
            raise explain(place, error) from None


def _open(place: Place, timeout: float) -> HTTPConnection:
    if place.socket is not None:
        return UnixConnection(place.socket, timeout)
    url = urlsplit(place.url)
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, url.port, timeout=timeout, context=context)
    return HTTPConnection(host, url.port, timeout=timeout)


def explain(place: Place, error: OSError | HTTPException) -> EngineUnreachableError:
    """Say in words why there is no answer, and what to do about it."""
    return EngineUnreachableError(str(place), _reason(place, error))


def _reason(place: Place, error: OSError | HTTPException) -> str:
    if isinstance(error, PermissionError):
        return _forbidden(place)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate can't be trusted: {error.verify_message}"
    for kind, sentence in SENTENCES.items():
        if isinstance(error, kind):
            return sentence
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _forbidden(place: Place) -> str:
    """Name the group whose members may use the socket."""
    try:
        group = Path(place.socket or "").group()
    except (OSError, KeyError):
        group = place.group
    if group and group != "root":
        return f"permission denied; be a member of the group {group}, or root"
    return "permission denied; be root, or give operators a group with api.group"


def refused_entry(place: Place, status: int) -> EngineUnreachableError:
    """Say that the engine doesn't let us in."""
    if status == HTTPStatus.UNAUTHORIZED:
        what = "wrong" if place.token is not None else "missing"
        reason = f"the token is {what}; name its file with --token-file, or set FAIL2BAN_API_TOKEN"
    else:
        reason = "the engine doesn't let us ask"
    return EngineUnreachableError(str(place), reason)

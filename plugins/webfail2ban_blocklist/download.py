"""Downloads a list, and trusts the server with nothing.

Runs in a process of its own, so Python's own HTTP client does, which waits. Proxies are those of
the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as for other programs that download.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

#: More redirects than this lead in a circle.
REDIRECTS = 5

REDIRECTING = {301, 302, 303, 307, 308}

#: Bytes that are read at once, at most.
PIECE = 64 * 1024

#: The longest time that a server may make us wait: a day.
LONGEST_RETRY = 86_400.0

#: Longer ones are no names for a state of a list.
LONGEST_ETAG = 1000


class DownloadError(Exception):
    """A list that can't be downloaded now.

    Attributes:
        words: What is wrong, for people.
        retry_after: In how many seconds the server wants to be asked again; None if it didn't say.
    """

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to download.

    Attributes:
        url: Where it is.
        headers: What to send besides, to this server only.
        ca_file: Whom to trust instead of the system's authorities; empty for those.
        timeout: Seconds of silence after which the server has failed.
        max_size: Bytes that the answer may have.
        etag: The server's name for the state that we have; empty for none.
        modified: When that was changed, in the server's words.
    """

    url: str
    headers: Mapping[str, str]
    ca_file: str
    timeout: float
    max_size: int
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What the server said of a list that has been downloaded."""

    etag: str
    modified: str


def download(
    wanted: Wanted, target: BinaryIO, say: Callable[[int, int | None], object]
) -> Downloaded | None:
    """Download a list; None if it hasn't changed.

    Args:
        wanted: What.
        target: Takes it.
        say: Hears how many bytes have come, and of how many if that is known.

    Raises:
        DownloadError: it isn't to be had.
        OSError: it can't be written.
    """
    try:
        response = _open(wanted)
        if response is None:
            return None
        with response:
            _copy(response, wanted.max_size, target, say)
            tag = response.headers.get("ETag", "")
            return Downloaded(
                tag if len(tag) <= LONGEST_ETAG else "",
                response.headers.get("Last-Modified", "")[:100],
            )
    except TimeoutError:
        raise DownloadError(f"the server said nothing for {wanted.timeout:g} s") from None
    except URLError as error:
        raise DownloadError(f"the server can't be reached: {_explain(error.reason)}") from None
    except HTTPException as error:
        words = str(error) or type(error).__name__
        raise DownloadError(f"the answer is no HTTP, or was cut off: {words:.200}") from None
    except (ConnectionError, ssl.SSLError) as error:
        raise DownloadError(f"the connection broke: {_explain(error)}") from None


def _open(wanted: Wanted) -> HTTPResponse | None:
    """Ask, and follow redirects up to a list; None if it hasn't changed."""
    opener = _make_opener(wanted.ca_file)
    url = wanted.url
    for _ in range(REDIRECTS + 1):
        try:
            response = opener.open(_make_request(url, wanted), timeout=wanted.timeout)
        except HTTPError as error:
            with error:  # closes the connection; its body is never read
                if error.code in REDIRECTING and "Location" in error.headers:
                    url = _follow(url, error.headers["Location"])
                    continue
                if error.code == HTTPStatus.NOT_MODIFIED and (wanted.etag or wanted.modified):
                    return None
                raise DownloadError(_name(error.code), _retry_after(error.headers)) from None
        assert isinstance(response, HTTPResponse)  # noqa: S101 - it speaks nothing else
        if response.status != HTTPStatus.OK:
            response.close()
            raise DownloadError(_name(response.status))
        return response
    raise DownloadError(f"the server redirects more than {REDIRECTS} times")


def _make_opener(ca_file: str) -> OpenerDirector:
    """Return what opens http and https, and nothing else that urllib can: no redirects either."""
    opener = OpenerDirector()
    context = ssl.create_default_context(cafile=ca_file or None)
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(context=context),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _make_request(url: str, wanted: Wanted) -> Request:
    headers = {"User-Agent": "webfail2ban", "Accept": "*/*", "Accept-Encoding": "gzip"}
    if _origin(url) == _origin(wanted.url):
        headers |= wanted.headers  # a key is for the server that asked for it
    if wanted.etag:
        headers["If-None-Match"] = wanted.etag
    if wanted.modified:
        headers["If-Modified-Since"] = wanted.modified
    return Request(url, headers=headers)  # noqa: S310 - the opener knows no other schemes


def _follow(url: str, target: str) -> str:
    """Return where a redirect leads.

    Raises:
        DownloadError: to where we don't go.
    """
    try:
        target = urljoin(url, target)
        scheme = urlsplit(target).scheme
    except ValueError:
        raise DownloadError("the server redirects to what is no URL") from None
    if scheme not in {"http", "https"}:
        raise DownloadError(f"the server redirects to {scheme[:20]}:, which isn't followed")
    if scheme == "http" and urlsplit(url).scheme == "https":
        raise DownloadError("the server redirects from https to http, which isn't followed")
    return target


def _copy(
    response: HTTPResponse,
    limit: int,
    target: BinaryIO,
    say: Callable[[int, int | None], object],
) -> None:
    """Take the body, up to the end of the connection: its length may be a lie."""
    length = response.length
    response.length = None  # or more than that would never be seen
    if length is not None and length > limit:
        raise DownloadError(f"the list has {length} bytes, more than {limit}")
    size = 0
    while True:
        try:
            piece = response.read1(PIECE)
        except TimeoutError:
            if size == length:
                break  # all is there; the server only didn't close
            raise
        if not piece:
            break
        size += len(piece)
        if size > limit:
            raise DownloadError(f"the list has more than {limit} bytes")
        if length is not None and size > length:
            raise DownloadError(f"the server sent more than the {length} bytes that it promised")
        target.write(piece)
        say(size, length)
    if length is not None and size < length:
        raise DownloadError(f"the list was cut off after {size} of {length} bytes")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _name(code: int) -> str:
    """Name a status in our words, not in the server's."""
    phrase = next((status.phrase for status in HTTPStatus if status == code), "")
    return f"HTTP {code} {phrase}".rstrip()


def _retry_after(headers: Message) -> float | None:
    """Read a Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST_RETRY)
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY)


def _explain(error: object) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)

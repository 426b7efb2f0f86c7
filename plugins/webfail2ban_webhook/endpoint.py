"""One URL that takes requests.

The HTTP is httpcore's, the part of httpx that speaks it: its connections may be anybody's, so
gevent's do without patching Python or keeping threads, and a request can be given up at any
moment. It reads headers within a limit, follows no redirects and heeds no environment variables.
"""

import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import gevent.ssl
import httpcore
from gevent import Timeout, get_hub
from pydantic import SecretStr

from webfail2ban import show_duration
from webfail2ban_webhook.addresses import parse_http_url, show_url
from webfail2ban_webhook.credentials import read_secret
from webfail2ban_webhook.delivery import DeliveryError, RefusedError
from webfail2ban_webhook.settings import WebhookSettings
from webfail2ban_webhook.streams import Backend

#: Bytes of an answer that are read, so that the connection can be used again: nobody looks at
#: them, and a longer one ends it.
LONGEST_ANSWER = 65_536

#: Seconds that an idle connection is kept: many servers close it themselves after a minute.
IDLE = 50.0

#: Statuses that speak of this one message: it would be refused again (RFC 9110, 15.5).
REFUSALS = frozenset((400, 409, 413, 415, 422))

#: Where an answer tells another place to go to (RFC 9110, 15.4).
REDIRECTS = range(300, 400)

FINE = range(200, 300)

#: Characters of an explanation that are shown.
SHOWN = 200

#: What may go wrong on the way, apart from mistakes of ours.
FAULTS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.ConnectionNotAvailable,
    UnicodeError,  # a host's name that can't be looked up
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What requests need, read from files.

    Attributes:
        pool: Makes and keeps the connection.
        url: Where to.
        headers: What stands in all requests.
    """

    pool: httpcore.ConnectionPool
    url: str
    headers: tuple[tuple[str, str], ...]


class Endpoint:
    """Where requests are sent.

    Args:
        settings: The webhook's.

    Attributes:
        where: Where it is, for people.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._prepared: Prepared | None = None
        url = settings.url
        self.where = show_url(url.get_secret_value()) if url is not None else "its URL"

    def send(self, body: bytes) -> None:
        """Send a request, and wait for the answer.

        Args:
            body: JSON.

        Raises:
            DeliveryError: it wasn't taken, for now.
            RefusedError: it never will be.
        """
        limit = self._settings.timeout
        try:
            with Timeout(limit, DeliveryError(f"no answer within {show_duration(limit)}")):
                self._request(body)
        except RefusedError:
            raise
        except BaseException:
            self.close()
            raise

    def _request(self, body: bytes) -> None:
        if self._prepared is None:
            # Files may be slow, and many certificates take milliseconds.
            self._prepared = get_hub().threadpool.apply(prepare, (self._settings,))
            self.where = show_url(self._prepared.url)
        prepared = self._prepared
        method = self._settings.method
        try:
            request = prepared.pool.stream(
                method, prepared.url, headers=list(prepared.headers), content=body
            )
            with request as response:
                judge(response)
                drain(response)
        except FAULTS as error:
            raise DeliveryError(f"{error}"[:SHOWN] or type(error).__name__) from error

    def close(self) -> None:
        """End the connection; the next request begins with what is in the files then."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            prepared.pool.close()


def judge(response: httpcore.Response) -> None:
    """Tell from the status whether a request was taken.

    Raises:
        DeliveryError: it wasn't, for now.
        RefusedError: it never will be.
    """
    status = response.status
    if status in FINE:
        return
    if status in REFUSALS:
        raise RefusedError(f"HTTP {status}")
    if status in REDIRECTS:
        raise DeliveryError(
            f"HTTP {status}: it wants the message to go elsewhere, which isn't followed; "
            "set the URL that it should have"
        )
    raise DeliveryError(f"HTTP {status}", read_retry_after(response))


def read_retry_after(response: httpcore.Response) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3); a date in it is ignored."""
    for name, value in response.headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) < len("1000000"):
            return float(value)
    return None


def drain(response: httpcore.Response) -> None:
    """Read an answer's rest, unless it is long."""
    size = 0
    for part in response.iter_stream():
        size += len(part)
        if size > LONGEST_ANSWER:
            return


def prepare(settings: WebhookSettings) -> Prepared:
    """Read what a webhook's settings name, in a thread.

    Raises:
        DeliveryError: something can't be read.
    """
    try:
        url = _reveal(settings.url) or read_secret(settings.url_file)  # type: ignore[arg-type]
        parse_http_url(url)
        headers = {"Content-Type": "application/json", "User-Agent": "webfail2ban"}
        headers |= {name: value.get_secret_value() for name, value in settings.headers.items()}
        headers |= {name: read_secret(path) for name, path in settings.header_files.items()}
        if settings.token is not None or settings.token_file is not None:
            token = _reveal(settings.token) or read_secret(settings.token_file)  # type: ignore[arg-type]
            headers["Authorization"] = f"Bearer {token}"
        return Prepared(make_pool(settings), url, tuple(headers.items()))
    except OSError as error:
        file = error.filename or settings.ca_file
        raise DeliveryError(f"{file} can't be read: {error.strerror or error}") from error
    except ValueError as error:
        raise DeliveryError(f"a file with a secret {error}") from error


def make_pool(settings: WebhookSettings) -> httpcore.ConnectionPool:
    """Return what makes connections, and trusts whom the settings say.

    Raises:
        OSError: the file with the certificates can't be read, or has none.
    """
    context = find_context(settings.ca_file)
    options: dict[str, Any] = {
        "ssl_context": context,
        "keepalive_expiry": IDLE,
        "network_backend": Backend(),
    }
    proxy = _reveal(settings.proxy)
    if proxy is None:
        return httpcore.ConnectionPool(**options)
    scheme, _, rest = proxy.partition("://")
    user, at, host = rest.rpartition("@")
    name, _, password = user.partition(":")
    if scheme == "https":
        options["proxy_ssl_context"] = context
    credentials = (name, password) if at else None
    return httpcore.HTTPProxy(f"{scheme}://{host}", proxy_auth=credentials, **options)


def find_context(file: Path | None) -> ssl.SSLContext:
    """Return a context that trusts a file's authorities as they are now, or the system's.

    Raises:
        OSError: the file can't be read, or has none.
    """
    return make_context(file, file.stat().st_mtime_ns if file is not None else 0)


@lru_cache(maxsize=64)  # the system's authorities take some 30 ms, and each failure begins anew
def make_context(file: Path | None, _changed: int) -> ssl.SSLContext:
    """Return a context that verifies certificates and names.

    Raises:
        OSError: the file can't be read, or has no certificates.
    """
    # gevent's own: create_default_context's handshakes would keep everybody waiting.
    context: ssl.SSLContext = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if file is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(file)
    return context


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None

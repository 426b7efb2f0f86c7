"""Who may ask: over TCP whoever shows the token, over the unix socket whoever may open it."""

import hmac
import logging
import time
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path

from pydantic import SecretStr
from werkzeug.wrappers import Request

from webfail2ban.api.peers import Peer
from webfail2ban.api.refusal import RefusalError
from webfail2ban.config import ApiSettings
from webfail2ban.config.api import check_token
from webfail2ban.notices import Notices

log = logging.getLogger(__name__)

#: RFC 6750, 2.1.
SCHEME = "bearer "

#: Bytes of a token's file that are read.
LONGEST_FILE = 4096


def read_token(settings: ApiSettings) -> SecretStr | None:
    """Return the token: from the environment or the file; None if none is wanted.

    Raises:
        OSError: the file can't be read, or holds no good token; it names the file.
    """
    path = settings.token_file
    if path is None:
        return settings.token
    try:
        return check_token(SecretStr(_read_start(path)))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise OSError(f"api.token_file: {path}: {reason}") from None


def _read_start(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LONGEST_FILE).decode("utf-8").strip()


class Guard:
    """Lets requests in, or doesn't.

    Args:
        token: What a client has to show over TCP; None if it needn't.
    """

    def __init__(self, token: SecretStr | None) -> None:
        self._token = token.get_secret_value().encode() if token is not None else None
        self._notices = Notices(log, time.monotonic)

    def check(self, request: Request, peer: Peer) -> None:
        """Let a request in.

        Raises:
            RefusalError: it may not.
        """
        if peer.address is None:
            return
        if self._token is None:
            _refuse_browsers(request)
            return
        # Nobody knows how many characters were right from how long it takes.
        shown = _shown(request.headers.get("Authorization", ""))
        if not hmac.compare_digest(shown, self._token):
            self._notices.warn("%s shows no valid token", peer)
            raise RefusalError(
                HTTPStatus.UNAUTHORIZED,
                "needs the token: Authorization: Bearer ...",
                headers=[("WWW-Authenticate", 'Bearer realm="webfail2ban"')],
            )


def _shown(header: str) -> bytes:
    """Return the token that a header shows; empty if it shows none."""
    if header[: len(SCHEME)].lower() != SCHEME:
        return b""
    return header[len(SCHEME) :].strip().encode("utf-8", "replace")


def _refuse_browsers(request: Request) -> None:
    """Refuse what a web page may have a browser on this machine ask.

    A page of anybody's can send requests to a loopback address (their ``Origin`` tells), and make
    its own name mean that address (their ``Host`` tells).

    Raises:
        RefusalError: it is such a request.
    """
    if "Origin" in request.headers or not _is_local(request.headers.get("Host", "")):
        raise RefusalError(
            HTTPStatus.FORBIDDEN, "web pages may not ask here; with a token other hosts may"
        )


def _is_local(host: str) -> bool:
    """Whether a Host header has no name that somebody else gives a meaning to."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name in {"", "localhost"}:
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True

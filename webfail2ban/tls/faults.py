"""What goes wrong between us and somebody's TLS: in words, and not too many of them."""

import logging
from collections.abc import Callable
from ssl import SSLCertVerificationError, SSLError

log = logging.getLogger(__name__)

#: Seconds between two log entries about the same peer: anybody can fail, as often as he likes.
QUIET = 60.0

#: Peers that are named in that time.
NAMED = 10

#: OpenSSL's names of what happens, in words. Those with ALERT are what the peer says of us.
EXPLANATIONS = {
    "WRONG_VERSION_NUMBER": "it doesn't speak TLS",
    "HTTP_REQUEST": "it doesn't speak TLS but HTTP",
    "HTTPS_PROXY_REQUEST": "it doesn't speak TLS but HTTP",
    "UNSUPPORTED_PROTOCOL": "it knows no version of TLS that is allowed",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it shows no certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "it doesn't know our certificate's authority",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it finds our certificate expired",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it refuses our certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it refuses our certificate",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it wants another version of TLS",
}


def explain(error: SSLError) -> str:
    """Say what is wrong, in words that quote nothing of the peer's."""
    if isinstance(error, SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    reason = error.reason or "unknown error"
    return EXPLANATIONS.get(reason, reason.replace("_", " ").lower())


class Faults:
    """Counts the handshakes that fail, and names the peers now and then.

    Args:
        now: A clock that is never set, in seconds.

    Attributes:
        count: How many handshakes failed.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._since = now()
        self._named: set[str] = set()
        self.count = 0

    def add(self, host: str, reason: str) -> None:
        """Count one, and log it: at most one of each peer a minute as a piece of information.

        Args:
            host: The peer's address, without its port.
            reason: What went wrong.
        """
        self.count += 1
        now = self._now()
        if now - self._since >= QUIET:
            self._since = now
            self._named.clear()
        level = logging.DEBUG
        if host not in self._named and len(self._named) < NAMED:
            self._named.add(host)
            level = logging.INFO
        log.log(level, "TLS with %s failed: %s", host, reason)

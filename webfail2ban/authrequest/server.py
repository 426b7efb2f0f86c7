"""The HTTP endpoint: listens for proxies, and answers those that are trusted."""

import logging
import time
from collections import Counter
from http import HTTPStatus

from gevent import socket

from webfail2ban.addresses import Address, parse_address
from webfail2ban.addressset import AddressSet
from webfail2ban.authrequest.agent import AuthAgent
from webfail2ban.authrequest.client import AuthClient
from webfail2ban.config import HttpSettings
from webfail2ban.errors import RequestError
from webfail2ban.listening.listener import Listener
from webfail2ban.listening.wire import Wire
from webfail2ban.notices import Notices

log = logging.getLogger(__name__)

#: No 403, which would be a verdict: the proxy must not take it for one on its client.
STRANGER = RequestError(HTTPStatus.BAD_REQUEST, "you are not in http.trusted")

CROWD = RequestError(HTTPStatus.SERVICE_UNAVAILABLE, "there are too many connections")


class AuthServer(Listener):
    """Listens for nginx, Envoy, Traefik and Caddy.

    Args:
        agent: Answers the questions.
        settings: The section ``http``; it has an address.
    """

    def __init__(self, agent: AuthAgent, settings: HttpSettings) -> None:
        super().__init__(
            "http",
            str(settings.address),
            settings.port,
            settings.max_clients,
            settings.read_timeout,
        )
        self.agent = agent
        self._notices = Notices(log, time.monotonic)
        self._settings = settings
        self._trusted = AddressSet(settings.trusted)

    def change(self, settings: HttpSettings) -> None:
        """Take other settings; whoever isn't trusted any more is cut off behind his answers."""
        self.limit(settings.max_clients, settings.read_timeout)
        self._settings = settings
        self._trusted = AddressSet(settings.trusted)
        for client in tuple(self._served):
            if isinstance(client, AuthClient) and not self._trusts(client.peer):
                client.end()

    def count_errors(self) -> Counter[int]:
        """Count the responses that were no verdicts, by status."""
        return self.errors + self.agent.refusals

    def _admits(self, peer: object) -> bool:
        host = _read_peer(peer)
        if self._trusts(host):
            return True
        self._notices.warn("http: %s asks, but http.trusted doesn't have it", host)
        return False

    def _patience(self, client: Wire) -> float:
        if isinstance(client, AuthClient) and client.idle:
            return self._settings.idle_timeout
        return self._read_timeout

    def _make_client(self, sock: socket.socket, peer: object, *, welcome: bool) -> AuthClient:
        host, refusal = _read_peer(peer), None
        if not welcome:
            refusal = CROWD if self._trusts(host) else STRANGER
        return AuthClient(sock, self.agent, self._settings.max_header, host, refusal)

    def _trusts(self, peer: Address | None) -> bool:
        """Whether somebody may ask: over the unix socket whoever may open it."""
        return peer is None or peer in self._trusted


def _read_peer(peer: object) -> Address | None:
    return parse_address(str(peer[0])) if isinstance(peer, tuple) else None

"""A server that speaks TLS, beside the test."""

import ssl
from typing import Any

from tests.serving import LOOPBACK, Serving
from tests.tls.clients import TlsSpopClient
from tests.waiting import PATIENCE
from webfail2ban.config.engine import SpoaSettings, TlsSettings
from webfail2ban.tls.server import TlsServer


class TlsServing(Serving):
    """A server in a thread, while the context lasts.

    Args:
        agent: Answers.
        tls: The section ``spoa.tls``.
        **limits: More of the section ``spoa``; the read timeout is long unless a test is about it.
    """

    server: TlsServer

    def __init__(self, agent: Any, tls: TlsSettings, **limits: Any) -> None:
        super().__init__(agent)
        limits = {"address": LOOPBACK, "port": 0, "read_timeout": 10 * PATIENCE, **limits}
        spoa = SpoaSettings(**limits)
        self.server = TlsServer(agent, spoa, tls)

    def tls_client(self, context: ssl.SSLContext, **options: Any) -> TlsSpopClient:
        """Connect and do the handshake; see `TlsSpopClient` for the options."""
        return TlsSpopClient(self.place, context, **options)

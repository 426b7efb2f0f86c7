"""The SPOA server, over TLS."""

import time
from typing import Any

import gevent
from gevent import Greenlet
from gevent.lock import Semaphore

from webfail2ban.config.engine import SpoaSettings, TlsSettings
from webfail2ban.spoa.client import Answerer
from webfail2ban.spoa.server import Server
from webfail2ban.tls.client import Door, TlsClient
from webfail2ban.tls.credentials import Credentials
from webfail2ban.tls.faults import Faults

#: Seconds between two looks at the files.
LOOK = 2.0


class TlsServer(Server):
    """Listens for HAProxy, and lets nobody in who doesn't speak TLS.

    Args:
        agent: Answers the NOTIFY frames.
        spoa: Where to listen, and the limits; who is in the handshake counts as a client.
        tls: The certificate and what is demanded of clients.

    Attributes:
        faults: Counts the handshakes that failed.

    Raises:
        CertificateError: TLS can't be spoken with these settings.
    """

    def __init__(self, agent: Answerer, spoa: SpoaSettings, tls: TlsSettings) -> None:
        super().__init__(agent, spoa.address, spoa.port, spoa.max_clients, spoa.read_timeout)
        self._credentials = Credentials(tls)
        self._looker: Greenlet | None = None
        self._turn = Semaphore(1)
        self.faults = Faults(time.monotonic)

    def start(self) -> None:
        """Listen, and look after the files.

        Raises:
            OSError: as `Server.start`.
        """
        super().start()
        self._credentials.warn()
        self._looker = gevent.spawn(self._look)

    def stop(self, grace: float) -> None:
        """Stop as `Server.stop` does.

        Args:
            grace: Seconds that this may take; then connections are cut.
        """
        if self._looker is not None:
            self._looker.kill()
        super().stop(grace)

    def _make_client(self, sock: Any, peer: object, *, welcome: bool) -> TlsClient:
        door = Door(self._credentials.context, self._turn, self.faults)
        host = str(peer[0]) if isinstance(peer, tuple) else "a process of this machine"
        return TlsClient(sock, self._agent, door, host, welcome=welcome)

    def _look(self) -> None:
        while True:
            gevent.sleep(LOOK)
            self._credentials.look()

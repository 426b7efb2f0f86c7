"""The SPOA server: drives one `spop.Connection` per client.

It knows no plugin and no verdict: an `Answerer` is passed in. A read often holds many frames, and
all their answers leave in one write.
"""

from gevent import socket

from webfail2ban.listening.listener import Listener
from webfail2ban.spoa.client import Answerer, Client


class Server(Listener):
    """Listens for HAProxy.

    Args:
        agent: Answers the NOTIFY frames.
        address: An IP address or host name, or the path of a unix socket.
        port: The TCP port; 0 takes a free one.
        max_clients: Connections served at the same time; more get AGENT-DISCONNECT 13.
        read_timeout: Seconds after which a connection that brings no whole frame is ended.
    """

    def __init__(
        self, agent: Answerer, address: str, port: int, max_clients: int, read_timeout: float
    ) -> None:
        super().__init__("spoa", address, port, max_clients, read_timeout)
        self._agent = agent

    def _make_client(self, sock: socket.socket, _peer: object, *, welcome: bool) -> Client:
        return Client(sock, self._agent, welcome=welcome)

"""A client that speaks SPOP."""

import socket
from types import TracebackType
from typing import Self

from webfail2ban.addresses import parse_address
from webfail2ban.model import Value
from webfail2ban.spop import (
    Ack,
    AgentHello,
    Message,
    Reply,
    ReplyReader,
    SetVar,
    serialize_haproxy_hello,
    serialize_notify,
)

#: Seconds that a client waits for an answer: any answer takes less than a thousandth of it.
PATIENCE = 10.0


class SpopClient:
    """HAProxy's side of a connection, over a blocking socket.

    Args:
        address: A host and port, or the path of a unix socket.
        hello: Whether to introduce oneself at once.
    """

    def __init__(self, address: tuple[str, int] | str, *, hello: bool = True) -> None:
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_UNSPEC
        if isinstance(address, str):
            self.sock = socket.socket(family, socket.SOCK_STREAM)
            self.sock.settimeout(PATIENCE)
            self.sock.connect(address)
        else:
            self.sock = socket.create_connection(address, timeout=PATIENCE)
        self._reader = ReplyReader()
        self._replies: list[Reply] = []
        self._stream_id = 0
        if hello:
            try:
                self.hello()
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Self:
        """Use the client in a with statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the socket."""
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def hello(self, *, healthcheck: bool = False) -> AgentHello:
        """Introduce oneself and return the agent's answer."""
        self.send(serialize_haproxy_hello(healthcheck=healthcheck))
        reply = self.receive()
        if not isinstance(reply, AgentHello):
            raise ConnectionError(f"the agent refuses: {reply}")
        return reply

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def receive(self) -> Reply | None:
        """Return the next reply; None when the agent has closed."""
        while not self._replies:
            data = self.sock.recv(65536)
            if not data:
                return None
            self._replies.extend(self._reader.receive_data(data))
        return self._replies.pop(0)

    def notify(self, *messages: Message) -> Ack:
        """Ask, and return the answer."""
        self._stream_id += 1
        self.send(serialize_notify(self._stream_id, 1, messages))
        reply = self.receive()
        if not isinstance(reply, Ack):
            raise ConnectionError(f"no answer but {reply}")
        return reply

    def check(self, address: str, message: str = "check-ip") -> dict[str, Value]:
        """Ask about a client as HAProxy does; return the variables by name, unset ones left out."""
        ack = self.notify(Message(message, (("ip", parse_address(address)),)))
        return {action.name: action.value for action in ack.actions if isinstance(action, SetVar)}

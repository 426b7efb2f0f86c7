"""For tests, ours and plugin authors': a clock to turn, a client that speaks SPOP.

Nothing here is imported by the running program.
"""

import socket
from collections.abc import Callable, Iterable
from math import inf
from types import TracebackType
from typing import Self

from webfail2ban.addresses import Address, Network, client_network, parse_address
from webfail2ban.bans import BanTable
from webfail2ban.model import Ban, Json, LogLine, Value
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

#: Noon on a day in 2026, UTC; the first time that a test's clock shows.
NOON = 1_795_176_000.0


class Clock:
    """A clock that only moves when it is told to.

    Args:
        start: The time it shows first, in seconds since the epoch.
    """

    def __init__(self, start: float = NOON) -> None:
        self.time = start

    def __call__(self) -> float:
        """Return the time."""
        return self.time

    def turn(self, seconds: float) -> None:
        """Move on."""
        self.time += seconds


class FakeHost:
    """What a plugin sees of either process: a clock to turn, and no greenlets.

    Args:
        clock: The clock.

    Attributes:
        spawned: What `spawn` and `every` were given, for the test to call.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.spawned: list[Callable[[], object]] = []

    def now(self) -> float:
        """Return the clock's time."""
        return self.clock()

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        """Keep a function."""
        self.spawned.append(lambda: function(*args))

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        """Keep a function."""
        if seconds <= 0:
            raise ValueError(f"every {seconds} seconds is no pause")
        self.spawned.append(function)

    def give_way(self) -> None:
        """Go on: nobody else is there."""


class FakeEngine(FakeHost):
    """What a plugin sees of the engine: a real ban table.

    Attributes:
        bans: The ban table.
        forgotten: The networks that `forget` was told; None for all.
        store: What is kept, with the time until when: give it to another engine for a restart.
        known_traits: What plugins say of where clients belong; empty until the test fills it.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.bans = BanTable(self.clock)
        self.forgotten: list[Network | None] = []
        self.store: dict[str, tuple[str, float]] = {}
        self.known_traits: dict[Address, Iterable[str]] = {}

    def client_network(self, address: Address) -> Network:
        """Return the address, or its /64."""
        return client_network(address)

    def find_ban(self, address: Address) -> Ban | None:
        """Return the ban in force."""
        return self.bans.find(address)

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force."""
        return self.bans.add(ban) is not None

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """End bans."""
        return self.bans.remove(network, jail)

    def bans_before(self, network: Network, jail: str | None = None) -> int:
        """Count the bans before."""
        return self.bans.bans_before(network, jail)

    def traits(self, address: Address) -> frozenset[str]:
        """Return what the test says of a client, in small letters."""
        return frozenset(trait.casefold() for trait in self.known_traits.get(address, ()))

    def forget(self, network: Network | None = None) -> None:
        """Remember that something changed."""
        self.forgotten.append(network)

    def keep(self, key: str, value: str | None, until: float = inf) -> None:
        """Keep something."""
        if value is None:
            self.store.pop(key, None)
        else:
            self.store[key] = (value, until)

    def kept(self) -> Iterable[tuple[str, str]]:
        """Go through what is kept."""
        return [(key, value) for key, (value, until) in self.store.items() if until > self.clock()]


class FakeSensor(FakeHost):
    """What a plugin sees of the sensor: it keeps what is emitted.

    Attributes:
        lines: What was emitted.
        positions: Where the sources stand.
        sockets: What is kept for the next sensor, each with its note.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.lines: list[LogLine] = []
        self.positions: dict[str, object] = {}
        self.sockets: dict[str, tuple[socket.socket, Json]] = {}

    def emit(self, lines: Iterable[LogLine]) -> None:
        """Keep lines."""
        self.lines.extend(lines)

    def position(self, source: str) -> object:
        """Return where a source stands."""
        return self.positions.get(source)

    def keep_position(self, source: str, position: object) -> None:
        """Keep where a source stands."""
        self.positions[source] = position

    def kept_sockets(self) -> dict[str, Json]:
        """Return the notes of the sockets that were kept."""
        return {name: note for name, (_, note) in self.sockets.items()}

    def kept_socket(self, name: str) -> socket.socket | None:
        """Return a socket that was kept, another one each time."""
        return self.sockets[name][0].dup() if name in self.sockets else None

    def keep_socket(self, name: str, sock: socket.socket | None, note: Json = None) -> None:
        """Keep a socket: a duplicate, as the engine does."""
        kept = self.sockets.pop(name, None)
        if kept is not None:
            kept[0].close()
        if sock is not None:
            self.sockets[name] = (sock.dup(), note)


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

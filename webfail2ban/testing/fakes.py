"""What a plugin sees of the two processes, without either."""

import socket
from collections.abc import Callable, Iterable
from math import inf

from webfail2ban.addresses import Address, Network, client_network
from webfail2ban.bans import BanTable
from webfail2ban.model import Ban, Failure, Json, LogLine
from webfail2ban.testing.clock import Clock


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
        failures: What `count_failures` was given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.bans = BanTable(self.clock)
        self.forgotten: list[Network | None] = []
        self.store: dict[str, tuple[str, float]] = {}
        self.known_traits: dict[Address, Iterable[str]] = {}
        self.failures: list[Failure] = []

    def client_network(self, address: Address) -> Network:
        """Return the address, or its /64."""
        return client_network(address)

    def find_ban(self, address: Address) -> Ban | None:
        """Return the ban in force."""
        return self.bans.find(address)

    def find_jail(self, address: Address) -> str | None:
        """Return the jail of the ban in force."""
        return self.bans.find_jail(address)

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

    def count_failures(self, failures: Iterable[Failure]) -> None:
        """Keep failures."""
        self.failures.extend(failures)

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

"""What a plugin may ask of the process that it lives in.

The engine and the sensor hand each plugin an object of its own, so whatever a plugin starts or
breaks carries the plugin's name.
"""

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, Protocol

from webfail2ban.addresses import Address, Network
from webfail2ban.model import Ban, Failure, Json, LogLine


class Host(Protocol):
    """What both processes offer."""

    def now(self) -> float:
        """Return the time, in seconds since the epoch. Never ask another clock."""

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        """Run a function beside everything else, in a greenlet.

        One that raises is logged with the plugin's name and run again after a pause that grows
        up to a minute; one that returns has finished.
        """

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        """Call a function again and again, `seconds` after it last returned or raised.

        Raises:
            ValueError: `seconds` is no pause.
        """

    def give_way(self) -> None:
        """Let everybody who is ready have his turn; long work says this every millisecond or so.

        Verdicts wait for whatever runs. ``gevent.sleep(0)`` is not enough: gevent then looks for
        questions that have arrived only about every fiftieth time.
        """


class Engine(Host, Protocol):
    """The main process: verdicts, jails, bans."""

    def client_network(self, address: Address) -> Network:
        """Return what counts as one client: the address, or its IPv6 prefix as configured."""

    def find_ban(self, address: Address) -> Ban | None:
        """Return the ban in force for an address, of several the one that ends last."""

    def find_jail(self, address: Address) -> str | None:
        """Return the jail of the ban that `find_ban` finds, for a fourth of its cost.

        Whoever is banned fails on until HAProxy asks: a flood is mostly of such.
        """

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force from the next verdict on.

        A longer ban of the same network and jail prolongs the one that is there. One that would
        hit a proxy of the operator's (``trusted_proxies``) is refused.

        Returns:
            Whether anything changed.
        """

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """End the bans of exactly this network, in one jail or in all; return them."""

    def bans_before(self, network: Network, jail: str | None = None) -> int:
        """Return how often exactly this network was banned: by one jail, or by any.

        A ban in force counts, one that somebody lifted doesn't; what ended longer ago than
        ``store.purge_age`` is forgotten.
        """

    def traits(self, address: Address) -> frozenset[str]:
        """Return what all plugins say of where a client belongs (the hook `traits`).

        In small letters, as whoever names them in a setting may write them in any: ``country:de``,
        ``as64500``.
        """

    def count_failures(self, failures: Sequence[Failure]) -> None:
        """Hand failures to whoever counts them, as those are that the sensor finds.

        Say it in a greenlet, with no more than a hundred at a time and a turn for the others
        between two (`give_way`): verdicts wait for it.
        """

    def forget(self, network: Network | None = None) -> None:
        """Drop the remembered verdicts of a network, or all.

        A plugin says this the moment its opinion of that network changes.
        """

    def keep(self, key: str, value: str | None, until: float = inf) -> None:
        """Keep something beyond the end of the process, even a sudden one.

        What is kept while failures are counted is written together with the positions of the log
        lines that told them: after a crash either both are there or neither.

        Args:
            key: The plugin's own name for it.
            value: Any text; None forgets it. It replaces the one that was there.
            until: When it may be forgotten: seconds since the epoch.
        """

    def kept(self) -> Iterable[tuple[str, str]]:
        """Go through what this plugin kept before the start, once: keys and values."""


class Sensor(Host, Protocol):
    """The child process: log sources and detectors."""

    def emit(self, lines: Sequence[LogLine]) -> None:
        """Hand over log lines, in their order.

        Returns when they are searched, without letting anybody else run: a position that is kept
        right after it stands and falls with what was found. A source that has much to read gives
        the others their turn between two blocks (``gevent.sleep(0)``).
        """

    def position(self, source: str) -> Any:
        """Return where a source stood, as it was last kept; None if it is new.

        The engine keeps positions: a sensor that died goes on from there.
        """

    def keep_position(self, source: str, position: Any) -> None:
        """Keep where a source stands: everything before it has been emitted.

        Say it right behind the `emit` of the last lines before it, without waiting in between:
        each block and the position behind it are kept together, or neither.

        Args:
            source: The source's name.
            position: Any JSON value; None forgets the source.
        """

    def kept_sockets(self) -> Mapping[str, Json]:
        """Return the names of what this plugin kept in an earlier sensor, each with its note.

        What `start_sensor` doesn't take with `kept_socket` is closed behind it.
        """

    def kept_socket(self, name: str) -> socket.socket | None:
        """Take the socket that an earlier sensor kept under a name; None if there is none.

        What arrived in between waits in it. It isn't blocking. It stays kept, for the next one.
        """

    def keep_socket(self, name: str, sock: socket.socket | None, note: Json = None) -> None:
        """Keep a socket open for the next sensor, so that nothing is lost between the two.

        Args:
            name: What it is, with everything that would make it another one: the address, ...
            sock: The socket, which stays the plugin's; None closes what was kept. A unix socket's
                path is removed with it.
            note: Anything that the next sensor should know of it; it replaces the last one.
        """

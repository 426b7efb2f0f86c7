"""The whitelist: clients that pass whatever the other plugins say.

Addresses and networks stand in the configuration or in files, one a line. The list files that
HAProxy reads with ``-f`` load unchanged. A file is read again when it changes. Names whose
addresses change are asked for again and again (`hosts`).
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from webfail2ban import (
    Engine,
    Network,
    NetworkMap,
    Opinion,
    Query,
    SettingsProblem,
    Status,
    hookimpl,
    show_network,
)
from webfail2ban_whitelist.checks import find_problems
from webfail2ban_whitelist.hosts import Hosts
from webfail2ban_whitelist.listfile import ListFile
from webfail2ban_whitelist.resolver import Resolver
from webfail2ban_whitelist.settings import WhitelistSettings

log = logging.getLogger(__name__)

__all__ = ["Whitelist", "WhitelistSettings"]

#: Seconds between two looks at the files. A look costs one system call for each.
LOOK_INTERVAL = 1.0

#: Entries that are put in force before verdicts get their turn: less than half a millisecond.
SLICE = 100


class Whitelist:
    """Allows the clients on its lists.

    Args:
        make_resolver: Makes what asks for names.

    Attributes:
        hosts: Those that are known by their names.
    """

    Settings = WhitelistSettings

    def __init__(self, make_resolver: Callable[[], Resolver] = Resolver) -> None:
        self._make_resolver = make_resolver
        self._networks: NetworkMap[str] = NetworkMap()
        self._fixed: tuple[Network, ...] = ()
        self._files: tuple[ListFile, ...] = ()
        self.hosts = Hosts(WhitelistSettings())

    @hookimpl
    def check_settings(self, settings: WhitelistSettings) -> Iterator[SettingsProblem]:
        """Look whether the files can be read."""
        return find_problems(settings)

    @hookimpl
    def configure(self, settings: WhitelistSettings) -> None:
        """Keep the settings. The files are for the engine, which reads them when it starts."""
        self.hosts = Hosts(settings, self._make_resolver)
        self._fixed = settings.networks
        self._files = tuple(ListFile(path) for path in settings.files)
        self._networks = self._build(lambda: None)

    @hookimpl
    def take_over(self, predecessor: Any) -> None:
        """Go on with what names stood for."""
        if isinstance(predecessor, Whitelist):
            self.hosts.take_over(predecessor.hosts)

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Read the files, and look after them and the names from now on."""

        def look() -> None:
            if self.reread(engine.give_way):
                log.info("whitelist: %d addresses and networks in force", len(self._networks))
                engine.forget()

        self.reread(engine.give_way)
        log.info("whitelist: %d addresses and networks in force", len(self._networks))
        if self._files:
            engine.every(LOOK_INTERVAL, look)
        self.hosts.start(engine)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Allow a client that is on a list."""
        if query.address is None:
            return None
        for reason in self._networks.covering(query.address):
            return Opinion.allow(reason)
        if self.hosts.networks is not None:
            for reason in self.hosts.networks.covering(query.address):
                return Opinion.allow(reason)
        return None

    @hookimpl
    def status(self) -> Status:
        """Tell of names that can't be resolved."""
        return Status(
            problems=tuple(self.hosts.find_problems()),
            metrics=self.hosts.metrics(),
            details={"hosts": self.hosts.describe()},
        )

    @hookimpl
    def stop_engine(self) -> None:
        """Ask for no more names."""
        self.hosts.stop()

    def reread(self, pause: Callable[[], object]) -> bool:
        """Read the files that have changed; return whether any had.

        Args:
            pause: Called between slices of work: a long list takes seconds.
        """
        changed = [file.reread(pause) for file in self._files]
        if any(changed):
            self._networks = self._build(pause)
        return any(changed)

    def _build(self, pause: Callable[[], object]) -> NetworkMap[str]:
        """Return who passes, and why."""
        networks: NetworkMap[str] = NetworkMap()
        for network in self._fixed:
            networks[network] = f"whitelist: {show_network(network)}"
        for file in self._files:
            for number, network in enumerate(file.networks, 1):
                networks[network] = f"whitelist: {show_network(network)} in {file.path.name}"
                if number % SLICE == 0:
                    pause()
        return networks

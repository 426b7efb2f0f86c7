"""The whitelist: clients that pass whatever the other plugins say.

Addresses and networks stand in the configuration or in files, one a line. The list files that
HAProxy reads with ``-f`` load unchanged. A file is read again when it changes. Names whose
addresses change are asked for again and again (`hosts`).
"""

import logging
from collections.abc import Callable
from typing import Any

from webfail2ban import Engine, Network, NetworkMap, Opinion, Query, Status, hookimpl, show_network
from webfail2ban_whitelist.hosts import Hosts
from webfail2ban_whitelist.listfile import ListFile
from webfail2ban_whitelist.resolver import Resolver
from webfail2ban_whitelist.settings import WhitelistSettings

log = logging.getLogger(__name__)

__all__ = ["Whitelist", "WhitelistSettings"]

#: Seconds between two looks at the files. A look costs one system call for each.
LOOK_INTERVAL = 1.0


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
    def configure(self, settings: WhitelistSettings) -> None:
        """Read the files for the first time."""
        self.hosts = Hosts(settings, self._make_resolver)
        self._fixed = settings.networks
        self._files = tuple(ListFile(path) for path in settings.files)
        for file in self._files:
            file.reread()
        self._build()

    @hookimpl
    def take_over(self, predecessor: Any) -> None:
        """Go on with what names stood for."""
        if isinstance(predecessor, Whitelist):
            self.hosts.take_over(predecessor.hosts)

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Look after the files and the names from now on."""

        def look() -> None:
            if self.reread():
                engine.forget()

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

    def reread(self) -> bool:
        """Read the files that have changed; return whether any had."""
        changed = [file.reread() for file in self._files]
        if any(changed):
            self._build()
        return any(changed)

    def _build(self) -> None:
        networks: NetworkMap[str] = NetworkMap()
        for network in self._fixed:
            networks[network] = f"whitelist: {show_network(network)}"
        for file in self._files:
            for network in file.networks:
                networks[network] = f"whitelist: {show_network(network)} in {file.path.name}"
        self._networks = networks
        log.info("whitelist: %d addresses and networks in force", len(networks))

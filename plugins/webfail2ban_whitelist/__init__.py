"""The whitelist: clients that pass whatever the other plugins say.

Addresses and networks stand in the configuration or in files, one a line. The list files that
HAProxy reads with ``-f`` load unchanged. A file is read again when it changes.
"""

import logging

from webfail2ban import Engine, Network, NetworkMap, Opinion, Query, hookimpl, show_network
from webfail2ban_whitelist.listfile import ListFile
from webfail2ban_whitelist.settings import WhitelistSettings

log = logging.getLogger(__name__)

__all__ = ["Whitelist", "WhitelistSettings"]

#: Seconds between two looks at the files. A look costs one system call for each.
LOOK_INTERVAL = 1.0


class Whitelist:
    """Allows the clients on its lists."""

    Settings = WhitelistSettings

    def __init__(self) -> None:
        self._networks: NetworkMap[str] = NetworkMap()
        self._fixed: tuple[Network, ...] = ()
        self._files: tuple[ListFile, ...] = ()

    @hookimpl
    def configure(self, settings: WhitelistSettings) -> None:
        """Read the files for the first time."""
        self._fixed = settings.networks
        self._files = tuple(ListFile(path) for path in settings.files)
        for file in self._files:
            file.reread()
        self._build()

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Look after the files from now on."""

        def look() -> None:
            if self.reread():
                engine.forget()

        if self._files:
            engine.every(LOOK_INTERVAL, look)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Allow a client that is on a list."""
        if query.address is None:
            return None
        for reason in self._networks.covering(query.address):
            return Opinion.allow(reason)
        return None

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

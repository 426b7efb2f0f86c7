"""Names whose addresses change: asked for again and again, never while a verdict waits."""

import logging
from collections.abc import Callable, Iterable, Iterator

from webfail2ban import Engine, Json, Metric, Network, NetworkMap, show_network
from webfail2ban_whitelist.host import Host, read, show
from webfail2ban_whitelist.resolver import Resolver
from webfail2ban_whitelist.settings import WhitelistSettings

log = logging.getLogger(__name__)

#: Seconds between two looks at what is due.
LOOK_INTERVAL = 2.0

#: Seconds that a name may fail before an operator is told; one that lets nobody in yet is probably
#: misspelt, and told earlier.
PATIENCE = 900.0
FIRST_PATIENCE = 60.0

#: Seconds after which what is known is kept anew though nothing has changed: how old it is counts.
KEEP_AGAIN = 3600.0


class Hosts:
    """The names of a whitelist.

    Args:
        settings: The whitelist's.
        make_resolver: Makes what asks for them; nobody is asked before the start.

    Attributes:
        networks: Who passes because of them: why, by network; None while nobody does.
    """

    def __init__(
        self, settings: WhitelistSettings, make_resolver: Callable[[], Resolver] = Resolver
    ) -> None:
        self._settings = settings
        self._hosts = {name: Host(name) for name in settings.hosts}
        self._make_resolver = make_resolver
        self._resolver: Resolver | None = None
        self._engine: Engine | None = None
        self._kept: dict[str, float] = {}
        self._taken_over = False
        self._reasons: dict[Network, str] = {}
        self.networks: NetworkMap[str] | None = None

    def __iter__(self) -> Iterator[Host]:
        """Go through what is known."""
        return iter(self._hosts.values())

    def take_over(self, predecessor: "Hosts") -> None:
        """Go on with what another one knows of the same names."""
        self._taken_over = True
        for old in predecessor:
            if old.name in self._hosts:
                self._hosts[old.name] = new = Host(old.name, old.known)
                new.failing, new.trouble, new.refused = old.failing, old.trouble, old.refused

    def start(self, engine: Engine) -> None:
        """Let in whom names stood for last, and ask from now on."""
        self._engine = engine
        if not self._hosts:
            return
        self._resolver = self._make_resolver()
        if not self._taken_over:
            self._restore(engine.kept())
        self._apply()
        self.look()
        engine.every(LOOK_INTERVAL, self.look)

    def stop(self) -> None:
        """Ask no more."""
        if self._resolver is not None:
            self._resolver.close()

    def look(self) -> None:
        """Ask for the names that are due, and give up what is too old."""
        engine = self._running()
        now = engine.now()
        expired = [host for host in self if host.expire(now, self._settings.hosts_keep)]
        for host in expired:
            log.warning("whitelist: %s: its last addresses were told too long ago", host.name)
        if expired:
            self._apply()
        for host in self:
            if host.due <= now and not host.asking:
                host.asking = True
                engine.spawn(self._ask, host)

    def find_problems(self) -> Iterator[str]:
        """Say what is wrong for longer than a moment."""
        now = self._running().now()
        for host in self:
            patience = PATIENCE if host.known else FIRST_PATIENCE
            if host.failing is None or now - host.failing >= patience:
                said = host.describe(now, self._settings.hosts_keep)
                if said:
                    yield said

    def metrics(self) -> tuple[Metric, ...]:
        """Return when each name was told last."""
        if not self._hosts:
            return ()
        return (
            Metric(
                "whitelist_host_told_seconds",
                "When the addresses of a name were told last, in seconds since the epoch.",
                [({"host": host.name}, host.told) for host in self],
            ),
        )

    def describe(self) -> list[Json]:
        """Return what is known, for operators."""
        return [
            {
                "name": host.name,
                "addresses": [*sorted(map(str, host.addresses))],
                "told": host.told or None,
                "trouble": host.trouble,
            }
            for host in self
        ]

    def _ask(self, host: Host) -> None:
        engine, resolver = self._running(), self._resolver
        assert resolver is not None  # noqa: S101 - who asks has started
        try:
            answer = resolver.resolve(host.name)
        finally:
            host.asking = False
        before, trouble, now = host.addresses, host.trouble, engine.now()
        host.take(answer, now, self._settings.hosts_refresh, private=self._settings.hosts_private)
        if host.trouble and not trouble:
            log.warning("whitelist: %s", host.describe(now, self._settings.hosts_keep))
        elif trouble and not host.trouble:
            log.info("whitelist: %s can be resolved again", host.name)
        if host.addresses != before:
            log.info("whitelist: %s is %s now", host.name, show(host.addresses))
            self._apply()
        if host.addresses != before or host.told >= self._kept.get(host.name, 0.0) + KEEP_AGAIN:
            self._keep(host)

    def _keep(self, host: Host) -> None:
        self._kept[host.name] = host.told
        text = host.write() if host.known else None
        self._running().keep(host.name, text, host.told + self._settings.hosts_keep)

    def _restore(self, kept: Iterable[tuple[str, str]]) -> None:
        for name, text in kept:
            if name in self._hosts:
                try:
                    self._hosts[name].known = dict(read(text))
                except (ValueError, TypeError):
                    log.warning("whitelist: what was kept of %s can't be read", name)

    def _apply(self) -> None:
        """Let in whom the names stand for now; forget the answers to whom that is new."""
        engine = self._running()
        reasons: dict[Network, str] = {}
        networks: NetworkMap[str] = NetworkMap()
        for host in self:
            for address in host.addresses:
                network = engine.client_network(address)
                reasons[network] = f"whitelist: {host.name} is {show_network(network)}"
        for network, reason in reasons.items():
            networks[network] = reason
        changed = {network for network, _ in reasons.items() ^ self._reasons.items()}
        self.networks, self._reasons = networks if reasons else None, reasons
        for network in changed:
            engine.forget(network)

    def _running(self) -> Engine:
        assert self._engine is not None  # noqa: S101 - start comes first
        return self._engine

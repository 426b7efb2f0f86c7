"""The engine: the chain, the bans and the remembered answers, kept in step.

Whatever changes about an address goes through here, so that no remembered answer outlives it.
"""

import logging
from collections.abc import Callable, Sequence
from math import inf

from gevent.event import Event
from gevent.pool import Group

from webfail2ban.addresses import Address, Network, client_network
from webfail2ban.bans import BanTable
from webfail2ban.chain import Chain
from webfail2ban.config import EngineSettings, show_duration
from webfail2ban.hosts import PluginHost
from webfail2ban.isolation import FAULTS, Isolation
from webfail2ban.lifecycle import Lifecycle
from webfail2ban.loader import Plugins
from webfail2ban.memory import Memory
from webfail2ban.model import Ban, Failure, Query, Verdict

log = logging.getLogger(__name__)

#: The longest sleep until the next look for ended bans: a clock that is set must not delay one.
LONGEST_NAP = 60.0

#: Seconds for plugins' greenlets to end once they are killed: one may hold on to itself.
KILLED = 0.5


class Engine:
    """Verdicts and bans.

    Args:
        settings: The engine's sections of the configuration.
        plugins: The loaded plugins, configured.
        now: The clock, in seconds since the epoch.

    Attributes:
        bans: The ban table.
        memory: The remembered answers.
        isolation: Counts the plugins' failures.
        greenlets: What the plugins started.
    """

    def __init__(
        self, settings: EngineSettings, plugins: Plugins, now: Callable[[], float]
    ) -> None:
        self._ipv6_prefix = settings.verdict.ipv6_prefix
        self.now = now
        self.greenlets = Group()
        self._ends_changed = Event()
        self.isolation = Isolation(now)
        self.bans = BanTable(now)
        self.memory = Memory(now, settings.verdict.remember)
        self._chain = Chain(
            plugins,
            self.isolation,
            threshold=settings.verdict.score_threshold,
            timeout=settings.verdict.timeout,
        )
        self._counters = plugins.implementers("count_failures")
        self._lifecycle = Lifecycle(plugins, self.isolation, "engine")

    def start(self) -> None:
        """Start the plugins' part in the engine.

        Raises:
            PluginError: one can't start.
        """
        self._lifecycle.start(lambda plugin: EngineHost(plugin, self))
        self.greenlets.spawn(self._expire_forever)

    def stop(self, grace: float | None = None) -> None:
        """Stop the plugins, the last first.

        Args:
            grace: Seconds that their stops may wait for something; None for no limit.
        """
        self.greenlets.kill(timeout=KILLED)
        self._lifecycle.stop(grace)

    def judge(self, query: Query) -> Verdict:
        """Give the verdict on a query."""
        return self._chain.judge(query)

    def count_failures(self, failures: Sequence[Failure]) -> None:
        """Hand failures to whoever counts them."""
        for name, count in self._counters:
            try:
                count(failures=failures)
            except FAULTS as error:
                self.isolation.failed(name, "count_failures", error)

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force from the next verdict on; return whether anything changed."""
        if not self.bans.add(ban):
            return False
        self.memory.forget(ban.network)
        if ban.until <= self.bans.next_end:
            self._ends_changed.set()
        log.info(
            "ban %s for %s: %s",
            ban,
            show_duration(round(ban.until - ban.since)) if ban.until < inf else "ever",
            ban.reason,
        )
        return True

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """End the bans of a network, in one jail or in all; return them."""
        ended = self.bans.remove(network, jail)
        self._forget_ended(ended)
        return ended

    def client_network(self, address: Address) -> Network:
        """Return what counts as one client: an address, or an IPv6 prefix."""
        return client_network(address, self._ipv6_prefix)

    def expire(self) -> None:
        """End the bans whose time is over."""
        self._forget_ended(self.bans.expire())

    def _forget_ended(self, ended: Sequence[Ban]) -> None:
        for ban in ended:
            self.memory.forget(ban.network)
            log.info("unban %s", ban)

    def _expire_forever(self) -> None:
        while True:
            self.expire()
            self._ends_changed.clear()
            nap = min(max(self.bans.next_end - self.now(), 0.0), LONGEST_NAP)
            self._ends_changed.wait(nap)


class EngineHost(PluginHost):
    """What the engine offers to one plugin."""

    def __init__(self, plugin: str, engine: Engine) -> None:
        super().__init__(plugin, engine.now, engine.isolation, engine.greenlets)
        self._engine = engine

    def client_network(self, address: Address) -> Network:
        """Return what counts as one client."""
        return self._engine.client_network(address)

    def find_ban(self, address: Address) -> Ban | None:
        """Return the ban in force for an address, of several the one that ends last."""
        return self._engine.bans.find(address)

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force from the next verdict on; return whether anything changed."""
        return self._engine.ban(ban)

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """End the bans of exactly this network, in one jail or in all; return them."""
        return self._engine.unban(network, jail)

    def forget(self, network: Network | None = None) -> None:
        """Drop the remembered verdicts of a network, or all."""
        self._engine.memory.forget(network)

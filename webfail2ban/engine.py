"""The engine: the chain, the bans and the remembered answers, kept in step.

Whatever changes about an address goes through here, so that no remembered answer outlives it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import inf

from gevent.event import Event
from gevent.pool import Group

from webfail2ban.addresses import Address, Network, client_network
from webfail2ban.announcer import Announcer
from webfail2ban.banlog import BanLog
from webfail2ban.bans import BanTable
from webfail2ban.config import EngineSettings
from webfail2ban.generation import KILLED, Generation
from webfail2ban.hosting.hosts import PluginHost
from webfail2ban.hosting.isolation import Isolation
from webfail2ban.hosting.loader import Plugins
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Ban, Failure, Query, Stance, Verdict
from webfail2ban.proxies import TrustedProxies
from webfail2ban.turns import give_way
from webfail2ban.verdicts.memory import Memory
from webfail2ban.verdicts.scoring import Scoring

#: The longest sleep until the next look for ended bans: a clock that is set must not delay one.
LONGEST_NAP = 60.0

#: Bans that end before verdicts get their turn: about half a millisecond.
SLICE = 50


class Engine:
    """Verdicts and bans.

    Args:
        settings: The engine's sections of the configuration.
        plugins: The loaded plugins, configured.
        now: The clock, in seconds since the epoch.
        keeper: Keeps what must last; without one nothing outlives the process.

    Attributes:
        bans: The ban table.
        keeper: Keeps what must last.
        memory: The remembered answers.
        isolation: Counts the plugins' failures.
        proxies: The operator's own proxies, whom nobody bans.
        heard: Counts the plugins' opinions, by plugin and stance.
        greenlets: What works beside the verdicts; the plugins' own belong to their generation.
    """

    def __init__(
        self,
        settings: EngineSettings,
        plugins: Plugins,
        now: Callable[[], float],
        keeper: Keeper | None = None,
    ) -> None:
        self._ipv6_prefix = settings.verdict.ipv6_prefix
        self.now = now
        self.greenlets = Group()
        self._ends_changed = Event()
        self._next_look = 0.0  # for ended bans
        self.isolation = Isolation(now)
        self.heard: Counter[tuple[str, Stance]] = Counter()
        self.proxies = TrustedProxies(settings.trusted_proxies, now)
        self._log = BanLog()
        self.bans = BanTable(now, purge_age=settings.store.purge_age)
        self.keeper = keeper or Keeper(now=now)
        self.memory = Memory(now, settings.verdict.remember)
        self._generation = Generation(settings, plugins, self.isolation, self.heard)
        self._announcer = Announcer(self.keeper.keep_bans, self._log.ban, self._tell_bans)

    @property
    def plugins(self) -> Plugins:
        """The plugins that are asked now."""
        return self._generation.plugins

    @property
    def scoring(self) -> Scoring:
        """How opinions add up now."""
        return self._generation.chain.scoring

    def start(self) -> None:
        """Put the bans of before in force, and start the plugins' part in the engine.

        Raises:
            StoreError: what was kept can't be used.
            PluginError: a plugin can't start.
        """
        self.keeper.start(self.bans, self._take_note_of_bans)
        self._start(self._generation)
        self.greenlets.spawn(self._expire_forever)
        if self.proxies:
            self.greenlets.spawn(self._lift_from_proxies)

    def _take_note_of_bans(self) -> None:
        """Go on with bans that have come into force beside everything."""
        self.memory.forget()
        self._ends_changed.set()

    def _start(self, generation: Generation) -> None:
        generation.start(lambda plugin: self.make_host(plugin, generation.greenlets))

    def make_host(self, plugin: str, greenlets: Group) -> "EngineHost":
        """Return what the engine offers to one plugin.

        Args:
            plugin: Its name.
            greenlets: Takes what it starts.
        """
        return EngineHost(plugin, self, greenlets)

    def replace(
        self, settings: EngineSettings, plugins: Plugins, grace: float | None = None
    ) -> None:
        """Let new plugins take over from those that run; bans stay, remembered answers don't.

        The old ones are asked until all new ones have started, and only then stopped: there is no
        verdict without plugins, and where a new one can't start, nothing has happened.

        Args:
            settings: The new settings.
            plugins: The new plugins, configured.
            grace: Seconds that the stops of the old ones may wait for something.

        Raises:
            PluginError: one can't start; the old ones go on.
        """
        old, new = self._generation, Generation(settings, plugins, self.isolation, self.heard)
        new.take_over(old)
        try:
            self._start(new)
        except BaseException:
            new.stop(grace)
            raise
        self._generation = new
        self._ipv6_prefix = settings.verdict.ipv6_prefix
        self.memory.resize(settings.verdict.remember)
        if self.proxies.replace(settings.trusted_proxies):
            self.greenlets.spawn(self._lift_from_proxies)
        old.stop(grace)

    def stop(self, grace: float | None = None) -> None:
        """Stop the plugins, the last first, and write what they kept last.

        Args:
            grace: Seconds that each of both may wait for something; None for no limit.
        """
        self.greenlets.kill(timeout=KILLED)
        self._generation.stop(grace)
        self.keeper.stop(grace)

    def judge(self, query: Query) -> Verdict:
        """Give the verdict on a query."""
        return self._generation.chain.judge(query)

    def observe(self, query: Query) -> bool:
        """Return whether a plugin takes note of a message, which asks nothing then."""
        return self._generation.observe(query)

    def count_failures(self, failures: Sequence[Failure]) -> None:
        """Hand failures to whoever counts them.

        Args:
            failures: Few enough that verdicts can wait for all the bans that come of them.
        """
        with self._announcer.together():
            self._generation.tell("count_failures", "failures", (failures,))

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force from the next verdict on; return whether anything changed.

        One that would hit a trusted proxy is refused.
        """
        if self.proxies.refuse(ban):
            return False
        added = self.bans.add(ban)
        if added is None:
            return False
        self.memory.forget(added.network)
        if added.until < self._next_look:
            self._ends_changed.set()
        self._announcer.add(added)
        return True

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """End the bans of a network, in one jail or in all, and forget those of before.

        Returns:
            The bans that were in force.
        """
        self._announcer.tell()
        past = self.bans.past(network)
        ended = self.bans.remove(network, jail)
        for ban in (*past, *ended):
            if jail is None or ban.jail == jail:
                self.keeper.lift_ban(ban.network, ban.jail)
        self._forget_ended(ended, "it was lifted")
        return ended

    def traits(self, address: Address) -> frozenset[str]:
        """Return what the plugins say of where a client belongs, in small letters."""
        return self._generation.traits(address)

    def client_network(self, address: Address) -> Network:
        """Return what counts as one client: an address, or an IPv6 prefix."""
        return client_network(address, self._ipv6_prefix)

    def expire(self) -> None:
        """End some of the bans whose time is over."""
        self._announcer.tell()
        self._forget_ended(self.bans.expire(SLICE), "its time is over")

    def _forget_ended(self, ended: Sequence[Ban], why: str) -> None:
        for ban in ended:
            self.memory.forget(ban.network)
        if ended:
            self._log.unban(ended, why)
            self._generation.tell("unban", "ban", ended)

    def _tell_bans(self, bans: Sequence[Ban]) -> None:
        self._generation.tell("ban", "ban", bans)

    def _lift_from_proxies(self) -> None:
        """Lift the bans that were made of proxies before anybody named them."""
        cursor: int | None = 0
        while cursor is not None and self.proxies:
            bans, cursor = self.bans.page(cursor, SLICE)
            for ban in bans:
                if self.proxies.find(ban.network):
                    self.unban(ban.network, ban.jail)
            give_way()

    def _expire_forever(self) -> None:
        while True:
            self.expire()
            self._ends_changed.clear()
            now = self.now()
            nap = min(max(self.bans.next_end - now, 0.0), LONGEST_NAP)
            self._next_look = now + nap
            if nap:
                self._ends_changed.wait(nap)
            else:
                give_way()


class EngineHost(PluginHost):
    """What the engine offers to one plugin."""

    def __init__(self, plugin: str, engine: Engine, greenlets: Group) -> None:
        super().__init__(plugin, engine.now, engine.isolation, greenlets)
        self._engine = engine

    def client_network(self, address: Address) -> Network:
        """Return what counts as one client."""
        return self._engine.client_network(address)

    def find_ban(self, address: Address) -> Ban | None:
        """Return the ban in force for an address, of several the one that ends last."""
        return self._engine.bans.find(address)

    def find_jail(self, address: Address) -> str | None:
        """Return the jail of the ban that `find_ban` finds."""
        return self._engine.bans.find_jail(address)

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force from the next verdict on; return whether anything changed."""
        return self._engine.ban(ban)

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """End the bans of exactly this network, in one jail or in all; return them."""
        return self._engine.unban(network, jail)

    def bans_before(self, network: Network, jail: str | None = None) -> int:
        """Return how often exactly this network was banned: by one jail, or by any."""
        return self._engine.bans.bans_before(network, jail)

    def traits(self, address: Address) -> frozenset[str]:
        """Return what all plugins say of where a client belongs, in small letters."""
        return self._engine.traits(address)

    def count_failures(self, failures: Sequence[Failure]) -> None:
        """Hand failures to whoever counts them."""
        self._engine.count_failures(failures)

    def forget(self, network: Network | None = None) -> None:
        """Drop the remembered verdicts of a network, or all."""
        self._engine.memory.forget(network)

    def keep(self, key: str, value: str | None, until: float = inf) -> None:
        """Keep something beyond the end of the process; None forgets it."""
        self._engine.keeper.keep_value(self.plugin, key, value, until)

    def kept(self) -> Iterable[tuple[str, str]]:
        """Go through what this plugin kept before the start."""
        return self._engine.keeper.kept(self.plugin)

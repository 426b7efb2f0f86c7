"""The engine's half of a jail: counts failures, and bans."""

import logging
from collections.abc import Callable
from math import inf

from webfail2ban import Ban, Engine, Failure, Network, NetworkMap, show_duration
from webfail2ban_jails.counting import Counter, Reached
from webfail2ban_jails.settings import JailSettings

log = logging.getLogger(__name__)


class Jail:
    """A jail's limits at work.

    Args:
        name: The jail's name.
        settings: Its settings.
        engine: Puts bans in force.
        own_addresses: This machine's addresses.

    Attributes:
        failures: How many failures were counted.
        ignored: How many were not, because of ignoreip and ignoreself.
        bans: How many bans came of them.
    """

    def __init__(
        self,
        name: str,
        settings: JailSettings,
        engine: Engine,
        own_addresses: Callable[[], NetworkMap[bool]],
    ) -> None:
        self._name = name
        self._settings = settings
        self._engine = engine
        self._own_addresses = own_addresses
        self._ignored: NetworkMap[bool] = NetworkMap()
        for network in settings.ignoreip:
            self._ignored[network] = True
        maxmatches = settings.maxretry if settings.maxmatches is None else settings.maxmatches
        self._counter = Counter(settings.maxretry, settings.findtime, maxmatches, settings.counting)
        self.failures = 0
        self.ignored = 0
        self.bans = 0

    def count(self, failure: Failure) -> None:
        """Count a failure; ban the client if it is one too many."""
        if self._ignores(failure):
            self.ignored += 1
            return
        ban = self._engine.find_ban(failure.address)
        if ban is not None and ban.jail == self._name:
            return  # it fails until HAProxy asks the next time
        self.failures += 1
        client = self._engine.client_network(failure.address)
        reached = self._counter.add(client, failure, self._engine.now())
        if reached is not None:
            self._ban(client, failure, reached)

    def _ignores(self, failure: Failure) -> bool:
        if any(self._ignored.covering(failure.address)):
            return True
        return self._settings.ignoreself and any(self._own_addresses().covering(failure.address))

    def _ban(self, client: Network, failure: Failure, reached: Reached) -> None:
        since = min(failure.time, self._engine.now())
        until = since + self._settings.bantime if self._settings.bantime < inf else inf
        took = show_duration(round(since - reached.since))
        plural = "" if reached.failures == 1 else "s"
        reason = f"{reached.failures} failure{plural} in {took}"
        if self._engine.ban(Ban(client, self._name, since, until, reason, lines=reached.lines)):
            self.bans += 1

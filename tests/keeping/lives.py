"""Lives of keepers: what one kept, the next one finds."""

from ipaddress import ip_network
from math import inf
from pathlib import Path

import gevent

from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.errors import StoreUnavailableError
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Ban
from webfail2ban.store import Changes, SqliteStore
from webfail2ban.testing import Clock

NETWORK = ip_network("192.0.2.1")

#: Longer than any test: groups are written when the test says so.
NEVER = 3600.0


class Failing(SqliteStore):
    """A store whose writes fail as long as there is a reason.

    Attributes:
        reason: Why it fails.
        calls: How often it was asked to write.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, patience=0.05)
        self.reason = ""
        self.calls = 0

    def save(self, changes: Changes) -> None:
        self.calls += 1
        if self.reason:
            raise StoreUnavailableError(str(self), self.reason)
        super().save(changes)


class Life:
    """Keepers of one store, one after the other, each with a ban table."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.store = Failing(path)
        self.keeper = Keeper(self.store, clock, flush=NEVER)
        self.bans = BanTable(clock)

    def begin(self, flush: float = NEVER) -> None:
        """Begin, or begin again after a sudden end."""
        gevent.killall(self.keeper._greenlets)
        self.store.close()
        self.store = Failing(self.path)
        self.keeper = Keeper(self.store, self.clock, flush=flush)
        self.bans = BanTable(self.clock)
        self.keeper.start(self.bans)

    def ban(self, network: Network = NETWORK, lines: tuple[str, ...] = ()) -> None:
        """Ban as the engine does."""
        added = self.bans.add(Ban(network, "sshd", self.clock(), inf, "why", 0, lines))
        assert added
        self.keeper.keep_bans([added])

    def banned(self) -> set[Network]:
        return {ban.network for ban in self.bans}

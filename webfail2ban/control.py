"""Everything that an operator can do with a running engine, whoever asks: the one door to it.

Nothing here holds the process for more than about a millisecond: what goes through many bans does
so in slices, and lets verdicts pass between two of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from webfail2ban.addresses import Address, Network
from webfail2ban.engine import Engine
from webfail2ban.errors import ActionError
from webfail2ban.hosting.isolation import FAULTS
from webfail2ban.model import Ban, Json, Opinion, Verdict
from webfail2ban.reload.result import ReloadResult
from webfail2ban.spoa.queries import make_query
from webfail2ban.statuses import ClientCount
from webfail2ban.turns import give_way
from webfail2ban.verdicts.scoring import Scoring

#: Records of the ban table that are looked at in one go: some 0.3 ms.
SLICE = 50

#: Bans that are made or lifted in one go: each costs some 50 microseconds, most of them its line
#: in the log.
CHANGES = 8

#: The message that `check` asks about, as HAProxy's configurations call it.
MESSAGE = "check-ip"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bans are meant; every condition must hold.

    Attributes:
        jail: Of this jail.
        covering: That hold all of this network.
        inside: Of this network and those inside it.
        text: With this text in the reason, in any case.
    """

    jail: str | None = None
    covering: Network | None = None
    inside: Network | None = None
    text: str = ""

    def __contains__(self, ban: Ban) -> bool:
        """Whether a ban is meant."""
        if self.jail is not None and ban.jail != self.jail:
            return False
        if self.covering is not None and not _holds(ban.network, self.covering):
            return False
        if self.inside is not None and not _holds(self.inside, ban.network):
            return False
        return self.text.casefold() in ban.reason.casefold()


@dataclass(frozen=True, slots=True)
class Page:
    """Some bans.

    Attributes:
        bans: In the order of the table.
        cursor: Where to go on; None if that was all.
    """

    bans: tuple[Ban, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """A ban that an operator wants.

    Attributes:
        network: Whom to ban.
        duration: Seconds; infinity for ever.
        jail: In which jail.
        reason: Why.
    """

    network: Network
    duration: float
    jail: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """The verdict on an address, and everything behind it.

    Attributes:
        address: The address, folded.
        network: What counts as one client with it.
        verdict: What HAProxy would be told.
        opinions: Each plugin that gives opinions, in the order of the chain; None if it has none.
        bans: The bans in force that hold the address, with their lines.
        past: The last ban of this client by each jail that has none in force now.
        counts: What the plugins have counted of it.
        scoring: How the opinions add up.
    """

    address: Address
    network: Network
    verdict: Verdict
    opinions: tuple[tuple[str, Opinion | None], ...]
    bans: tuple[Ban, ...]
    past: tuple[Ban, ...]
    counts: tuple[ClientCount, ...]
    scoring: Scoring


@dataclass(slots=True)
class Imported:
    """What became of bans that somebody brings.

    Attributes:
        made: How many are in force because of it.
        skipped: How many changed nothing.
    """

    made: int = 0
    skipped: int = 0


class UnknownActionError(ActionError):
    """An action that nobody knows."""


class Control:
    """What an operator can do about bans, and ask about clients.

    Args:
        engine: The engine.
        reload: Loads the configuration anew.
    """

    def __init__(self, engine: Engine, reload: Callable[[], ReloadResult]) -> None:
        self._engine = engine
        self._reload = reload

    @property
    def size(self) -> int:
        """How many bans are in force."""
        return len(self._engine.bans)

    def find_proxies(self, network: Network) -> Network | None:
        """Return the trusted proxies for whom a network can't be banned; None if it can."""
        return self._engine.proxies.find(network)

    def list_bans(self, wanted: Wanted, cursor: int = 0, limit: int = SLICE) -> Page:
        """Return bans, a page at a time.

        A ban that is in force all the while is on exactly one page.

        Args:
            wanted: Which.
            cursor: 0 at first, then what the last page says.
            limit: How many at most.
        """
        few = self._find_few(wanted)
        if few is not None:
            found = [ban for ban in few if ban in wanted]
            end = cursor + limit
            return Page(tuple(found[cursor:end]), end if end < len(found) else None)
        bans: list[Ban] = []
        following: int | None = cursor
        while following is not None and len(bans) < limit:
            found, following = self._look(wanted, following, limit - len(bans))
            bans += found
            give_way()
        return Page(tuple(bans), following)

    def walk(self, jail: str | None = None) -> Iterator[Sequence[Ban]]:
        """Go through all bans, or those of one jail, in slices that are never empty."""
        wanted = Wanted(jail)
        cursor: int | None = 0
        while cursor is not None:
            found, cursor = self._engine.bans.page(cursor, SLICE)
            bans = [ban for ban in found if ban in wanted]
            if bans:
                yield bans
            give_way()

    def get_bans(self, network: Network) -> tuple[Ban, ...]:
        """Return the bans of exactly this network, with their lines."""
        return tuple(map(self._with_lines, self._engine.bans.get(network)))

    def ban(self, orders: Iterable[Order]) -> list[tuple[Ban, bool]]:
        """Make bans.

        Returns:
            For each order the ban that is in force now, and whether that is because of it. A ban
            of the same network and jail that lasts as long or longer stays as it is.
        """
        results: list[tuple[Ban, bool]] = []
        for number, order in enumerate(orders, 1):
            now = self._engine.now()
            ban = Ban(order.network, order.jail, now, now + order.duration, order.reason)
            changed = self._engine.ban(ban)
            results.append((self._in_force(ban), changed))
            _let_others(number)
        return results

    def bring(self, bans: Iterable[Ban]) -> Imported:
        """Make bans as they were elsewhere: with their beginnings, ends and lines."""
        result = Imported()
        for number, ban in enumerate(bans, 1):
            if self._engine.ban(ban):
                result.made += 1
            else:
                result.skipped += 1
            _let_others(number)
        return result

    def unban(self, network: Network, jail: str | None = None) -> tuple[Ban, ...]:
        """Lift the bans of exactly this network, in one jail or in all; return them."""
        return self._engine.unban(network, jail)

    def unban_all(self, jail: str | None = None) -> int:
        """Lift all bans, or all of a jail; return how many they were."""
        count = 0
        for bans in self.walk(jail):
            for ban in bans:
                count += len(self._engine.unban(ban.network, ban.jail))
                _let_others(count)
        return count

    def check(self, address: Address) -> Examination:
        """Give the verdict on an address, as HAProxy would get it, and everything behind it."""
        network = self._engine.client_network(address)
        verdict = self._engine.judge(make_query(MESSAGE, (("ip", address),)))
        said = dict(verdict.opinions)
        names = [name for name, _ in self._engine.plugins.implementers("opinion")]
        bans = tuple(map(self._with_lines, self._engine.bans.covering(address)))
        past = sorted(self._engine.bans.past(network), key=lambda ban: ban.until, reverse=True)
        return Examination(
            address,
            network,
            verdict,
            tuple((name, said.get(name)) for name in names),
            bans,
            tuple(past),
            tuple(self._count(address)),
            self._engine.scoring,
        )

    def reload(self) -> ReloadResult:
        """Load the configuration anew, and return what came of it; this takes seconds."""
        return self._reload()

    def act(self, plugin: str, action: str, arguments: Mapping[str, Json]) -> Json:
        """Have a plugin do something of its own, and return what came of it.

        Raises:
            UnknownActionError: there is no such plugin, or it knows no such action.
            ActionError: the plugin can't do it, and says why.
            RuntimeError: the plugin failed.
        """
        act = dict(self._engine.plugins.implementers("act")).get(plugin)
        if act is None:
            raise UnknownActionError(f"no plugin {plugin} is loaded that does anything when asked")
        try:
            result: Json = act(action=action, arguments=arguments)
        except ActionError:
            raise
        except FAULTS as error:
            self._engine.isolation.failed(plugin, "act", error)
            raise RuntimeError(f"{plugin} failed in {action}") from error
        if result is None:
            raise UnknownActionError(f"{plugin} knows no action {action}")
        return result

    def _count(self, address: Address) -> Iterator[ClientCount]:
        """Ask every plugin what it has counted of a client."""
        for name, examine in self._engine.plugins.implementers("examine"):
            try:
                counts = tuple(examine(address=address) or ())
            except FAULTS as error:
                self._engine.isolation.failed(name, "examine", error)
            else:
                yield from counts

    def _find_few(self, wanted: Wanted) -> tuple[Ban, ...] | None:
        """Find bans without going through the table; None if it takes that."""
        if wanted.covering is not None:
            return self._engine.bans.covering(wanted.covering.network_address)
        if wanted.inside is not None and wanted.inside.num_addresses == 1:
            return self._engine.bans.get(wanted.inside)
        return None

    def _look(self, wanted: Wanted, cursor: int, limit: int) -> tuple[list[Ban], int | None]:
        """Look at a slice of the table, or at as much of it as holds `limit` bans."""
        records = SLICE
        while True:
            found, following = self._engine.bans.page(cursor, records)
            bans = [ban for ban in found if ban in wanted]
            if len(bans) <= limit:
                return bans, following
            records //= 2

    def _in_force(self, ban: Ban) -> Ban:
        """Return the ban of that network and jail as the table has it."""
        found = (known for known in self._engine.bans.get(ban.network) if known.jail == ban.jail)
        return next(found, ban)

    def _with_lines(self, ban: Ban) -> Ban:
        lines = self._engine.keeper.find_lines(ban.network, ban.jail)
        return replace(ban, lines=tuple(lines))


def _holds(outer: Network, inner: Network) -> bool:
    """Whether a network is in another, or is the same."""
    if outer.version != inner.version or outer.prefixlen > inner.prefixlen:
        return False
    rest = outer.max_prefixlen - outer.prefixlen
    return int(outer.network_address) >> rest == int(inner.network_address) >> rest


def _let_others(number: int) -> None:
    """Let verdicts pass after every few changes."""
    if number % CHANGES == 0:
        give_way()

"""The engine's half of a jail: counts failures, and bans."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache

from webfail2ban import (
    Address,
    AddressSet,
    Ban,
    ClientCount,
    Engine,
    Failure,
    Network,
    client_network,
    make_ban,
    show_duration,
    show_network,
)
from webfail2ban_jails.clientlimits import ClientLimits
from webfail2ban_jails.counting import Counted, Counter, Event, Limits, Reached
from webfail2ban_jails.entries import SEVERAL, last_of, write
from webfail2ban_jails.reading import Reading
from webfail2ban_jails.settings import BY_ADDRESS, BY_NETWORK, JailSettings
from webfail2ban_jails.subjects import Prefixes, Subject, is_single, name_of, network_of

#: Stands between a jail's name, what it counts and a subject, in the key that a count is kept by.
#: Whoever chooses a user name may write it too, but only at the end.
SEPARATOR = "\t"

#: The field that holds who wanted to get in.
USER = "user"

#: Failures whose addresses are remembered, to tell whether most come from one.
LATEST = 200


def _limits(settings: JailSettings, *, users: bool) -> Limits:
    matches = settings.maxmatches
    return Limits(
        settings.maxretry,
        settings.longest_findtime,
        max(settings.maxretry_by.values()) if matches is None else matches,
        settings.counting,
        members=settings.count_by != BY_ADDRESS,
        users=users,
        max_clients=settings.max_clients,
        max_lines=settings.max_lines,
    )


@lru_cache(1024)
def _describe(failures: int, seconds: int) -> str:
    """Return why somebody is banned; most bans share a few reasons."""
    plural = "" if failures == 1 else "s"
    return f"{failures} failure{plural} in {show_duration(seconds)}"


class Jail:
    """A jail's limits at work.

    Args:
        name: The jail's name.
        settings: Its settings.
        engine: Puts bans in force, and keeps counts.
        ipv6_prefix: How many bits of an IPv6 address are one client.

    Attributes:
        name: The jail's name.
        settings: Its settings.
        counter: What is counted now.
        failures: How many failures were counted.
        ignored: How many were not: of ignoreip, our own addresses, and those banned already.
        bans: How many bans came of them.
        forgiven: How many successes took failures back.
        latest: Who failed last, counted or not.
    """

    def __init__(
        self,
        name: str,
        settings: JailSettings,
        engine: Engine,
        ipv6_prefix: int,
    ) -> None:
        self.name = name
        self.settings = settings
        self._engine = engine
        self._ignored = AddressSet(settings.ignoreip)
        self._clients = Prefixes(ipv6=ipv6_prefix)
        self._networks = Prefixes(settings.network.ipv4, min(settings.network.ipv6, ipv6_prefix))
        self._by = settings.count_by
        self._limits = ClientLimits(settings, engine)
        self._counted_jail = None if settings.bantime_overalljails else name
        # The engine itself knows how often this jail banned a network before.
        self._remembers = self._limits.remembers or settings.bantime_overalljails
        self._widens = settings.bans_networks
        self._numbers = self._by in {BY_ADDRESS, BY_NETWORK}
        self._kept_as = SEPARATOR.join((name, self._by, ""))
        # Of networks and users only those who took part are forgiven, whoever they wanted to be.
        self._users = (
            bool(settings.successregex or settings.found_by)
            and settings.reset_on_success == USER
            and self._by == BY_ADDRESS
        )
        self.counter = Counter(_limits(settings, users=self._users), self._forget)
        self.failures = 0
        self.ignored = 0
        self.bans = 0
        self.forgiven = 0
        self.latest: deque[Address] = deque(maxlen=LATEST)

    def count(self, failure: Failure) -> None:
        """Count a failure; ban if it is one too many."""
        address = failure.address
        if not failure.weight:
            self._forgive(failure)
            return
        self.latest.append(address)
        # Who is banned fails until HAProxy asks the next time.
        if address in self._ignored or self._bans(address):
            self.ignored += 1
            return
        member = self._clients.number(address)
        subject = self._subject(failure, member)
        if subject is None:
            return
        user = name_of(failure.fields, USER) if self._users else None
        event = Event(failure.time, failure.weight, failure.lines, member, user or SEVERAL)
        self._count(subject, event, address)

    def count_ban(self, ban: Ban) -> None:
        """Count a ban of another jail like a failure."""
        address = ban.network.network_address
        if address in self._ignored or self._bans(address):
            self.ignored += 1
            return
        member = self._clients.widen(ban.network)
        subject = self._networks.widen(ban.network) if self._by == BY_NETWORK else member
        told = f"{ban.jail}: {ban.reason}" if ban.reason else ban.jail
        self._count(subject, Event(ban.since, 1, (told,), member), address)

    def ignore(self, ours: AddressSet) -> None:
        """Ignore this machine's own addresses, if the jail wants that, besides its ignoreip."""
        if self.settings.ignoreself:
            self._ignored = AddressSet((*self.settings.ignoreip, *ours.networks))

    def examine(self, address: Address) -> Iterator[ClientCount]:
        """Tell what is counted of a client; verdicts are given meanwhile."""
        now = self._engine.now()
        for subject in self._subjects_of(address):
            found = self.counter.weigh(subject, now)
            if found is not None:
                failures, last = found
                named = subject if isinstance(subject, str) else show_network(network_of(subject))
                limit = self._limits.limit(address).maxretry
                yield ClientCount(self.name, named, failures, limit, last)

    def begin_reading(self) -> Reading:
        """Begin to take in what an earlier process counted."""
        return Reading(self.counter, self._engine.now())

    def read(self, reading: Reading, key: str, text: str) -> None:
        """Take in what was kept; what was counted by something else than now is left out."""
        if not key.startswith(self._kept_as):
            return
        name = key[len(self._kept_as) :]
        reading.add(int(name, 16) if self._numbers else name, text)

    def take_over(self, predecessor: "Jail") -> None:
        """Go on counting where the same jail of an earlier configuration stood."""
        self.failures, self.ignored = predecessor.failures, predecessor.ignored
        self.bans, self.forgiven = predecessor.bans, predecessor.forgiven
        self.latest = predecessor.latest
        if self.counted == predecessor.counted:
            self.counter.adopt(predecessor.counter)

    def sweep(self) -> None:
        """Forget counts whose findtime is over; verdicts are given meanwhile."""
        for _ in self.counter.sweep(self._engine.now()):
            self._engine.give_way()

    @property
    def counted(self) -> tuple[object, ...]:
        """What is counted: where it is the same, so are the subjects."""
        return self._by, self._clients.bits, self._networks.bits

    def _bans(self, address: Address) -> bool:
        return self._engine.find_jail(address) == self.name

    def _subject(self, failure: Failure, member: int) -> Subject | None:
        """Return what a failure counts for; None if it doesn't tell."""
        if self._by == BY_ADDRESS:
            return member
        if self._by == BY_NETWORK:
            return self._networks.number(failure.address)
        return name_of(failure.fields, self._by)

    def _count(self, subject: Subject, event: Event, address: Address) -> None:
        self.failures += 1
        now = self._engine.now()
        result = self.counter.add(subject, event, now, self._limits.limit(address))
        if isinstance(result, Counted):
            self._keep(subject, result)
            return
        if not result.at_once:
            self._forget(subject)
        self._ban(subject, min(event.time, now), result, address)

    def _subjects_of(self, address: Address) -> Iterator[Subject]:
        """Go through what a client's failures are counted for."""
        member = self._clients.number(address)
        if self._by == BY_ADDRESS:
            yield member
        elif self._by == BY_NETWORK:
            yield self._networks.number(address)
        else:
            for subjects in self.counter.find_with(member):
                yield from subjects
                self._engine.give_way()

    def _forgive(self, success: Failure) -> None:
        """Take failures back: whoever got in is no attacker, or one who needs none of us."""
        member = self._clients.number(success.address)
        subject = self._subject(success, member)
        user = name_of(success.fields, USER) if self._users else None
        if subject is None or (self._users and user is None):
            return
        if not self.counter.forgive(subject, member, user):
            return
        self.forgiven += 1
        left = self.counter.find(subject)
        if left is None:
            self._forget(subject)
        else:
            self._keep(subject, left)

    def _ban(self, subject: Subject, since: float, reached: Reached, address: Address) -> None:
        reason = _describe(reached.failures, round(since - reached.since))
        if isinstance(subject, str):
            reason += f" for {self._by} {subject!r}"
        engine, limits = self._engine, self._limits
        before = 0
        for network in self._targets(subject, reached, address):
            if self._remembers:
                before = engine.bans_before(network, self._counted_jail)
            until = since + limits.escalation(network.network_address).seconds(before)
            ban = make_ban(network, self.name, since, until, reason, before, reached.lines)
            if engine.ban(ban):
                self.bans += 1

    def _targets(self, subject: Subject, reached: Reached, address: Address) -> Iterable[Network]:
        """Return what to ban: those who took part, or their networks."""
        if isinstance(subject, int) and not reached.members:
            network = client_network(address) if is_single(subject) else network_of(subject)
            return (self._widened(network) if self._widens else network,)
        networks = map(network_of, reached.members)
        return dict.fromkeys(map(self._widened, networks) if self._widens else networks)

    def _widened(self, network: Network) -> Network:
        """Return the network around a client; only the client where others must not be banned."""
        wide = network_of(self._networks.widen(network))
        return network if self._ignored.overlaps(wide) else wide

    def _keep(self, subject: Subject, counted: Counted) -> None:
        """Keep a subject's count beyond a restart."""
        text = write(counted.known, counted.lines)
        until = last_of(counted.known) + self.settings.longest_findtime
        self._engine.keep(self._key(subject), text, until)

    def _forget(self, subject: Subject) -> None:
        self._engine.keep(self._key(subject), None)

    def _key(self, subject: Subject) -> str:
        return (
            f"{self._kept_as}{subject:x}" if isinstance(subject, int) else self._kept_as + subject
        )

"""The table against a dictionary that is searched from end to end."""

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_network
from math import ceil, inf
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from webfail2ban.addresses import Address, Network
from webfail2ban.bans import BanTable, Columns
from webfail2ban.model import Ban
from webfail2ban.testing import Clock

PURGE_AGE = 5000.0

#: Few, so that they meet.
ADDRESSES: list[Address] = [
    *map(IPv4Address, ("192.0.2.1", "192.0.2.2", "192.0.3.1")),
    *map(IPv6Address, ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")),
]
NETWORKS: list[Network] = [
    ip_network((address, bits), strict=False)
    for address in ADDRESSES
    for bits in ((32, 24, 0) if address.version == 4 else (128, 64, 32))
]
JAILS = ["sshd", "dovecot", "postfix"]

SPANS = st.sampled_from([0.5, 1.0, 10.0, 3599.5, 3600.0, 3601.0, 7500.25, 20_000.0, inf])
STEPS = st.sampled_from([0.25, 1.0, 10.0, 3600.0, 4000.0, 8000.0])


@dataclass
class Plain:
    """What the table should be."""

    bans: dict[tuple[Network, str], Ban] = field(default_factory=dict)
    told: set[tuple[Network, str]] = field(default_factory=set)  # whose ends were

    def bans_by(self, network: Network, jail: str, now: float) -> int:
        ban = self.bans.get((network, jail))
        return 0 if ban is None or ban.until + PURGE_AGE <= now else ban.count + 1

    def put(self, ban: Ban, now: float) -> None:
        key = ban.network, ban.jail
        self.bans[key] = ban
        self.told.discard(key)
        if ban.until <= now:
            self.told.add(key)

    def forget_old(self, now: float) -> None:
        for key in list(self.told):
            if self.bans[key].until + PURGE_AGE <= now:
                del self.bans[key]
                self.told.discard(key)


class TableMachine(RuleBasedStateMachine):
    """Whatever is done to both, both say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.table = BanTable(self.clock, purge_age=PURGE_AGE)
        self.plain = Plain()

    @rule(
        network=st.sampled_from(NETWORKS),
        jail=st.sampled_from(JAILS),
        span=SPANS,
        count=st.integers(0, 3),
    )
    def add(self, network: Network, jail: str, span: float, count: int) -> None:
        now = self.clock()
        ban = Ban(network, jail, now, now + span, f"for {span}", count)
        known = self.plain.bans.get((network, jail))
        is_in_force = known is not None and known.until > now
        if known and is_in_force and known.until >= ban.until:
            assert self.table.add(ban) is None
            return
        before = self.plain.bans_by(network, jail, now) - is_in_force
        counted = replace(ban, count=max(count, before))
        assert self.table.add(ban) == counted
        self.plain.put(counted, now)

    @rule(
        rows=st.lists(
            st.tuples(
                st.sampled_from(NETWORKS),
                st.sampled_from(JAILS),
                st.sampled_from([-9000.0, -5000.0, -4999.5, -10.0, 0.0, 5.0, 4000.5, inf]),
                st.integers(0, 3),
            )
        )
    )
    def load(self, rows: list[tuple[Network, str, float, int]]) -> None:
        now = self.clock()
        loaded: list[tuple[object, ...]] = []
        for network, jail, left, count in rows:
            ban = Ban(network, jail, now - 10_000, now + left, "loaded", count)
            bits, prefix = int(network.network_address), network.prefixlen
            loaded.append(
                (bits, prefix, network.version, jail, ban.since, ban.until, count, "loaded")
            )
            if ban.until + PURGE_AGE <= now:
                continue
            known = self.plain.bans.get((network, jail))
            if known is None:
                self.plain.put(ban, now)
                continue
            is_known = self.plain.bans_by(network, jail, now) > 0
            highest = max(count, known.count) if is_known else count
            if known.until < ban.until:
                self.plain.put(replace(ban, count=highest), now)
            else:
                self.plain.bans[network, jail] = replace(known, count=highest)
        if loaded:
            self.table.load([cast("Columns", tuple(zip(*loaded, strict=True)))])
        self.plain.forget_old(now)

    @rule(network=st.sampled_from(NETWORKS), jail=st.sampled_from([*JAILS, "nginx", None]))
    def remove(self, network: Network, jail: str | None) -> None:
        jails = JAILS if jail is None else [jail]
        keys = [(network, name) for name in jails if (network, name) in self.plain.bans]
        expected = {self.plain.bans[key] for key in keys if key not in self.plain.told}
        for key in keys:
            del self.plain.bans[key]
            self.plain.told.discard(key)
        assert set(self.table.remove(network, jail)) == expected

    @rule(seconds=STEPS)
    def wait(self, seconds: float) -> None:
        self.clock.turn(seconds)

    @rule(limit=st.integers(1, 5))
    def expire(self, limit: int) -> None:
        ended: list[Ban] = []
        while self.table.next_end <= self.clock():
            part = self.table.expire(limit)
            assert len(part) <= limit
            ended += part
        expected = {
            key: ban
            for key, ban in self.plain.bans.items()
            if key not in self.plain.told and ban.until < inf and ceil(ban.until) <= self.clock()
        }
        assert len(ended) == len(expected)
        assert set(ended) == set(expected.values())
        seconds = [ceil(ban.until) for ban in ended]
        assert seconds == sorted(seconds)
        self.plain.told.update(expected)
        self.plain.forget_old(self.clock())

    @invariant()
    def sizes_agree(self) -> None:
        assert len(self.table) == len(self.plain.bans) - len(self.plain.told)
        assert self.table.past_size >= len(self.plain.told)

    @invariant()
    def bans_agree(self) -> None:
        now = self.clock()
        in_force = {ban for ban in self.plain.bans.values() if ban.until > now}
        listed = list(self.table)
        assert len(listed) == len(in_force)
        assert set(listed) == in_force
        for address in ADDRESSES:
            covering = {ban for ban in in_force if address in ban.network}
            assert set(self.table.covering(address)) == covering
            found = self.table.find(address)
            assert (found is None) == (not covering)
            if found is not None:
                assert found in covering
                assert found.until == max(ban.until for ban in covering)

    @invariant()
    def histories_agree(self) -> None:
        now = self.clock()
        for network in NETWORKS:
            own = [ban for ban in self.plain.bans.values() if ban.network == network]
            past = {ban for ban in own if ban.until <= now < ban.until + PURGE_AGE}
            assert set(self.table.past(network)) == past
            assert set(self.table.get(network)) == {ban for ban in own if ban.until > now}
            counts = {jail: self.plain.bans_by(network, jail, now) for jail in JAILS}
            assert self.table.bans_before(network) == sum(counts.values())
            for jail in JAILS:
                assert self.table.bans_before(network, jail) == counts[jail]


TestTable = TableMachine.TestCase
TestTable.settings = settings(max_examples=60, stateful_step_count=40)

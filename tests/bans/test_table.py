from ipaddress import IPv4Address, IPv6Address, ip_network
from math import inf
from typing import cast

import pytest

from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable, Columns
from webfail2ban.bans.records import ROOM
from webfail2ban.model import Ban
from webfail2ban.testing import NOON, Clock

CLIENT = IPv4Address("192.0.2.1")
HOST: Network = ip_network("192.0.2.1/32")
DAY = 86400.0


@pytest.fixture
def bans(clock: Clock) -> BanTable:
    return BanTable(clock, purge_age=DAY)


def make_ban(clock: Clock, seconds: float = 60, jail: str = "sshd", network: Network = HOST) -> Ban:
    return Ban(network, jail, clock.time, clock.time + seconds)


#: A ban as numbers, one of each column.
Row = tuple[int, int, int, str, float, float, int, str]


def make_row(network: str, until: float, jail: str = "sshd", count: int = 0) -> Row:
    parsed = ip_network(network)
    bits = int(parsed.network_address)
    return bits, parsed.prefixlen, parsed.version, jail, NOON - DAY, until, count, "why"


def load(bans: BanTable, *rows: Row, size: int = 4) -> None:
    """Load rows as columns, some at a time."""
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    bans.load(cast("Columns", tuple(zip(*part, strict=True))) for part in parts)


def test_a_banned_client_is_found(clock: Clock, bans: BanTable) -> None:
    """From the moment of the ban."""
    ban = make_ban(clock)
    assert bans.add(ban) is ban
    assert bans.find(CLIENT) == ban
    assert bans.find(IPv4Address("192.0.2.2")) is None
    assert bans.find_jail(IPv4Address("192.0.2.2")) is None


def test_a_ban_ends_to_the_second_without_being_expired(clock: Clock, bans: BanTable) -> None:
    """A verdict never depends on when somebody cleaned up."""
    bans.add(make_ban(clock, 60))
    clock.turn(59.999)
    assert bans.find(CLIENT)
    clock.turn(0.001)
    assert bans.find(CLIENT) is None
    assert list(bans) == []


def test_a_banned_network_holds_all_its_addresses(clock: Clock, bans: BanTable) -> None:
    """An IPv6 client can't move to its next address."""
    bans.add(make_ban(clock, network=ip_network("2001:db8::/64")))
    assert bans.find(IPv6Address("2001:db8::ffff:1"))
    assert bans.find(IPv6Address("2001:db8:0:1::1")) is None


def test_of_several_bans_the_last_to_end_is_told(clock: Clock, bans: BanTable) -> None:
    """Its end is when the client may come back."""
    bans.add(make_ban(clock, 60, "sshd"))
    bans.add(make_ban(clock, 600, "dovecot"))
    bans.add(make_ban(clock, 300, "postfix", ip_network("192.0.2.0/24")))
    found = bans.find(CLIENT)
    assert found is not None
    assert found.jail == bans.find_jail(CLIENT) == "dovecot"


def test_all_bans_of_a_client_are_told(clock: Clock, bans: BanTable) -> None:
    """The narrowest network first; `get` knows those of exactly one network."""
    wide = make_ban(clock, 300, "postfix", ip_network("192.0.2.0/24"))
    first, second = make_ban(clock, 60, "sshd"), make_ban(clock, 600, "dovecot")
    for ban in (wide, first, second):
        bans.add(ban)
    assert bans.covering(CLIENT) == (first, second, wide)
    assert bans.get(HOST) == (first, second)
    assert bans.get(wide.network) == (wide,)


def test_a_longer_ban_prolongs_and_a_shorter_one_does_nothing(clock: Clock, bans: BanTable) -> None:
    """A prolonged ban is still the same one: its count stays."""
    assert bans.add(make_ban(clock, 60))
    assert bans.add(make_ban(clock, 30)) is None
    longer = make_ban(clock, 90)
    assert bans.add(longer) is longer
    assert len(bans) == 1
    clock.turn(61)
    assert bans.expire() == []
    assert bans.find(CLIENT) == longer


def test_a_ban_that_is_over_is_not_added(clock: Clock, bans: BanTable) -> None:
    """A failure from an old log bans nobody."""
    ban = make_ban(clock, 60)
    clock.turn(60)
    assert bans.add(ban) is None
    assert len(bans) == 0


def test_ended_bans_expire_in_the_order_of_their_ends(clock: Clock, bans: BanTable) -> None:
    """And only they do."""
    late = make_ban(clock, 20, "a")
    early = make_ban(clock, 10, "b")
    never = make_ban(clock, inf, "c")
    for ban in (late, early, never):
        bans.add(ban)
    assert bans.next_end == early.until
    clock.turn(20)
    assert bans.expire() == [early, late]
    assert list(bans) == [never]


def test_a_far_end_is_looked_at_no_later_than_it_comes(clock: Clock, bans: BanTable) -> None:
    """It waits for its hour first, and for its second then."""
    ban = make_ban(clock, 100_000.5)
    bans.add(ban)
    ended: list[Ban] = []
    while not ended:
        clock.time = bans.next_end
        ended = bans.expire()
    assert ended == [ban]
    assert clock.time == NOON + 100_001


def test_many_ends_at_once_are_handled_in_slices(clock: Clock, bans: BanTable) -> None:
    """A million bans of the same second must not hold up verdicts."""
    for number in range(10):
        bans.add(make_ban(clock, 60, str(number)))
    clock.turn(60)
    slices = []
    while bans.next_end <= clock.time:
        slices.append(len(bans.expire(limit=4)))
    assert slices == [4, 4, 2]
    assert len(bans) == 0


def test_a_lifted_ban_does_not_expire_again(clock: Clock, bans: BanTable) -> None:
    """Nor is there anything to wait for."""
    ban = make_ban(clock)
    bans.add(ban)
    assert bans.remove(HOST) == (ban,)
    assert bans.find(CLIENT) is None
    assert bans.next_end == inf
    clock.turn(60)
    assert bans.expire() == []


def test_only_the_named_jail_is_lifted(clock: Clock, bans: BanTable) -> None:
    """The other jail's ban stays in force."""
    bans.add(make_ban(clock, jail="sshd"))
    kept = make_ban(clock, jail="dovecot")
    bans.add(kept)
    bans.remove(HOST, "sshd")
    assert list(bans) == [kept]


def test_lifting_what_is_not_there_changes_nothing(clock: Clock, bans: BanTable) -> None:
    """Neither an unknown network nor an unknown jail."""
    bans.add(make_ban(clock))
    assert bans.remove(ip_network("198.51.100.1/32")) == ()
    assert bans.remove(HOST, "nginx") == ()
    assert len(bans) == 1


def test_who_comes_again_is_counted(clock: Clock, bans: BanTable) -> None:
    """By jail, whether or not somebody expired the first ban."""
    bans.add(make_ban(clock))
    clock.turn(60)
    again = bans.add(make_ban(clock))
    clock.turn(60)
    bans.expire()
    third = bans.add(make_ban(clock))
    other = bans.add(make_ban(clock, jail="dovecot"))
    assert again
    assert third
    assert other
    assert (again.count, third.count, other.count) == (1, 2, 0)
    assert bans.bans_before(HOST, "sshd") == 3
    assert bans.bans_before(HOST, "dovecot") == 1
    assert bans.bans_before(HOST) == 4
    assert bans.bans_before(HOST, "nginx") == 0


def test_a_ban_keeps_the_higher_count_that_it_came_with(clock: Clock, bans: BanTable) -> None:
    """Another node or fail2ban counted it."""
    ban = Ban(HOST, "sshd", clock.time, clock.time + 60, count=7, lines=("a line",))
    assert bans.add(ban) is ban
    longer = bans.add(make_ban(clock, 90))
    assert longer
    assert longer.count == 7


def test_a_past_ban_is_forgotten_at_its_age(clock: Clock, bans: BanTable) -> None:
    """Exactly then, and it frees its memory when somebody cleans up."""
    ban = make_ban(clock)
    bans.add(ban)
    clock.turn(60)
    assert bans.expire() == [ban]
    assert bans.past(HOST) == (ban,)
    assert bans.next_end == ban.until + DAY
    clock.turn(DAY)
    assert bans.past(HOST) == ()
    assert bans.bans_before(HOST) == 0
    assert bans.past_size == 1
    assert bans.purge() == 1
    assert bans.past_size == 0
    assert bans.next_end == inf


def test_expiring_forgets_too(clock: Clock, bans: BanTable) -> None:
    """One thing to call now and then is enough."""
    bans.add(make_ban(clock))
    clock.turn(60 + DAY)
    assert len(bans.expire()) == 1
    assert bans.past_size == 0


def test_a_lifted_ban_takes_its_history_with_it(clock: Clock, bans: BanTable) -> None:
    """It was a mistake."""
    bans.add(make_ban(clock))
    clock.turn(60)
    bans.expire()
    bans.add(make_ban(clock))
    assert len(bans.remove(HOST)) == 1
    assert bans.bans_before(HOST) == 0
    assert bans.past(HOST) == ()


def test_history_alone_can_be_cleared(clock: Clock, bans: BanTable) -> None:
    """Nothing that was in force has ended by it."""
    bans.add(make_ban(clock))
    clock.turn(60)
    bans.expire()
    assert bans.remove(HOST) == ()
    assert bans.bans_before(HOST) == 0


def test_an_end_that_nobody_heard_of_is_told_by_lifting(clock: Clock, bans: BanTable) -> None:
    """Each end is told once."""
    ban = make_ban(clock)
    bans.add(ban)
    clock.turn(60)
    assert bans.remove(HOST) == (ban,)
    assert bans.expire() == []


def test_the_oldest_of_too_many_past_bans_go_first(clock: Clock) -> None:
    """The limit may be lowered at any time."""
    bans = BanTable(clock, max_past=2)
    for seconds, jail in ((30, "c"), (10, "a"), (20, "b")):
        bans.add(make_ban(clock, seconds, jail))
    clock.turn(30)
    bans.expire()
    assert [ban.jail for ban in bans.past(HOST)] == ["c", "b"]
    bans.max_past = 1
    assert bans.next_end <= clock.time
    bans.purge()
    assert [ban.jail for ban in bans.past(HOST)] == ["c"]


def test_a_clock_that_is_set_back_bans_nobody_again(clock: Clock, bans: BanTable) -> None:
    """Its end has been told; a new ban is a new one."""
    bans.add(make_ban(clock, 60))
    clock.turn(60)
    bans.expire()
    clock.turn(-30)
    assert bans.find(CLIENT) is None
    again = bans.add(make_ban(clock, 10))
    assert again
    assert again.count == 1


def test_past_and_present_are_loaded_in_any_order(bans: BanTable) -> None:
    """What is too old isn't; of two rows for one jail the later end and higher count hold."""
    load(
        bans,
        make_row("192.0.2.1/32", NOON + 60, count=1),
        make_row("192.0.2.1/32", NOON - 60, count=3),
        make_row("192.0.2.1/32", NOON - 10, "dovecot"),
        make_row("2001:db8::/64", inf),
        make_row("198.51.100.0/24", NOON - 20),
        make_row("198.51.100.1/32", NOON - DAY),
    )
    assert [(str(ban.network), ban.until, ban.count) for ban in bans] == [
        ("192.0.2.1/32", NOON + 60, 3),
        ("2001:db8::/64", inf, 0),
    ]
    assert len(bans) == 2
    assert bans.past_size == 2
    assert bans.bans_before(HOST) == 5
    assert bans.next_end == NOON + 60
    bans.max_past = 1
    bans.purge()
    assert [ban.jail for ban in bans.past(HOST)] == ["dovecot"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ((1, 33, 4, "sshd", 0.0, inf, 0, ""), "prefix length 33"),
        ((1, 32, 5, "sshd", 0.0, inf, 0, ""), "IPv5"),
        ((1 << 32, 32, 4, "sshd", 0.0, inf, 0, ""), "more bits"),
        ((-1, 32, 4, "sshd", 0.0, inf, 0, ""), "more bits"),
        ((1, 32, 4, "sshd", NOON + 2, NOON + 1, 0, ""), "before it begins"),
    ],
)
def test_a_row_that_is_no_ban_is_refused(bans: BanTable, row: Row, problem: str) -> None:
    """Then nothing is loaded."""
    with pytest.raises(ValueError, match=problem):
        load(bans, make_row("192.0.2.1/32", inf), row, size=1)
    assert len(bans) == 0
    load(bans, make_row("192.0.2.1/32", inf))
    assert len(bans) == 1


def test_pages_return_each_ban_that_stays_exactly_once(clock: Clock, bans: BanTable) -> None:
    """Although others come and go between them."""
    networks = [ip_network((number, 32)) for number in range(10)]
    for network in networks:
        bans.add(make_ban(clock, 60, network=network))
    seen, cursor = bans.page(limit=4)
    for network in networks[:2] + networks[5:6]:
        bans.remove(network)
    bans.add(make_ban(clock, 90, network=networks[9]))
    while cursor is not None:
        page, cursor = bans.page(cursor, limit=4)
        seen += page
    numbers = [int(ban.network.network_address) for ban in seen]
    assert numbers == [0, 1, 2, 3, 4, 6, 7, 8, 9]


def test_freed_memory_is_used_again(clock: Clock, bans: BanTable) -> None:
    """Bans may come and go for years."""
    for number in range(10 * ROOM):
        bans.add(make_ban(clock, 60, network=ip_network((number, 32))))
        bans.remove(ip_network((number, 32)))
    assert len(bans._records) == ROOM

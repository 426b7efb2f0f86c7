from ipaddress import IPv4Address, IPv6Address, ip_network
from math import inf

from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.model import Ban
from webfail2ban.testing import Clock

CLIENT = IPv4Address("192.0.2.1")
HOST: Network = ip_network("192.0.2.1/32")


def make_ban(clock: Clock, seconds: float = 60, jail: str = "sshd", network: Network = HOST) -> Ban:
    return Ban(network, jail, clock.time, clock.time + seconds)


def test_a_banned_client_is_found(clock: Clock) -> None:
    """From the moment of the ban."""
    bans = BanTable(clock)
    ban = make_ban(clock)
    assert bans.add(ban)
    assert bans.find(CLIENT) is ban
    assert bans.find(IPv4Address("192.0.2.2")) is None


def test_a_ban_ends_to_the_second_without_being_expired(clock: Clock) -> None:
    """A verdict never depends on when somebody cleaned up."""
    bans = BanTable(clock)
    bans.add(make_ban(clock, 60))
    clock.turn(59.999)
    assert bans.find(CLIENT)
    clock.turn(0.001)
    assert bans.find(CLIENT) is None


def test_a_banned_network_holds_all_its_addresses(clock: Clock) -> None:
    """An IPv6 client can't move to its next address."""
    bans = BanTable(clock)
    bans.add(make_ban(clock, network=ip_network("2001:db8::/64")))
    assert bans.find(IPv6Address("2001:db8::ffff:1"))
    assert bans.find(IPv6Address("2001:db8:0:1::1")) is None


def test_of_several_bans_the_last_to_end_is_told(clock: Clock) -> None:
    """Its end is when the client may come back."""
    bans = BanTable(clock)
    bans.add(make_ban(clock, 60, "sshd"))
    bans.add(make_ban(clock, 600, "dovecot"))
    bans.add(make_ban(clock, 300, "postfix", ip_network("192.0.2.0/24")))
    found = bans.find(CLIENT)
    assert found is not None
    assert found.jail == "dovecot"


def test_a_longer_ban_prolongs_and_a_shorter_one_does_nothing(clock: Clock) -> None:
    """As fail2ban does it."""
    bans = BanTable(clock)
    assert bans.add(make_ban(clock, 60))
    assert not bans.add(make_ban(clock, 30))
    assert bans.add(make_ban(clock, 90))
    assert len(bans) == 1
    clock.turn(61)
    assert bans.expire() == []
    assert bans.find(CLIENT)


def test_a_ban_that_is_over_is_not_added(clock: Clock) -> None:
    """A failure from an old log bans nobody."""
    bans = BanTable(clock)
    ban = make_ban(clock, 60)
    clock.turn(60)
    assert not bans.add(ban)
    assert len(bans) == 0


def test_ended_bans_expire_in_the_order_of_their_ends(clock: Clock) -> None:
    """And only they do."""
    bans = BanTable(clock)
    late, early, never = (
        make_ban(clock, 20, "a"),
        make_ban(clock, 10, "b"),
        make_ban(clock, inf, "c"),
    )
    for ban in (late, early, never):
        bans.add(ban)
    assert bans.next_end == early.until
    clock.turn(20)
    assert bans.expire() == [early, late]
    assert list(bans) == [never]
    assert bans.next_end == inf


def test_a_lifted_ban_does_not_expire_again(clock: Clock) -> None:
    """Its old end stays in the heap and is passed over."""
    bans = BanTable(clock)
    ban = make_ban(clock)
    bans.add(ban)
    assert bans.remove(HOST) == (ban,)
    assert bans.find(CLIENT) is None
    clock.turn(60)
    assert bans.expire() == []


def test_only_the_named_jail_is_lifted(clock: Clock) -> None:
    """The other jail's ban stays in force."""
    bans = BanTable(clock)
    bans.add(make_ban(clock, jail="sshd"))
    kept = make_ban(clock, jail="dovecot")
    bans.add(kept)
    bans.remove(HOST, "sshd")
    assert list(bans) == [kept]


def test_lifting_what_is_not_there_changes_nothing(clock: Clock) -> None:
    """Neither an unknown network nor an unknown jail."""
    bans = BanTable(clock)
    bans.add(make_ban(clock))
    assert bans.remove(ip_network("198.51.100.1/32")) == ()
    assert bans.remove(HOST, "nginx") == ()
    assert len(bans) == 1

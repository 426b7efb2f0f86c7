"""What is counted, and what is banned for it."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from webfail2ban import AddressSet

MakeRig = Callable[..., Any]

#: Tells a user, as most filters do.
REGEX = r"^\S+ app: login of <F-USER>\S*</F-USER> failed from <HOST>$"
LINE = "host app: login of {} failed from {}"


@pytest.fixture
def app(rig: MakeRig) -> Callable[..., Any]:
    """Make one jail whose failures name a user."""

    def make(**settings: Any) -> Any:
        jail = {"failregex": [REGEX], "ignoreself": False, "maxretry": 3, **settings}
        return rig(jails={"app": jail})

    return make


def networks(rig: Any) -> list[str]:
    """Return what was banned, in its order."""
    return [str(ban.network) for ban in rig.bans]


def test_a_swarm_in_one_network_is_banned_as_one(app: Callable[..., Any]) -> None:
    """Each address fails once."""
    jail = app(count_by="network")
    for last in (1, 2, 3):
        jail.log(LINE.format("bob", f"192.0.2.{last}"))
        jail.log(LINE.format("bob", f"198.51.{last}.1"))
    assert networks(jail) == ["192.0.2.0/24"]
    assert jail.is_banned("192.0.2.200")
    assert not jail.is_banned("198.51.1.1")


def test_a_network_is_as_wide_as_somebody_says(app: Callable[..., Any]) -> None:
    """Each family has its own width."""
    jail = app(count_by="network", network={"ipv4": 16, "ipv6": 32})
    for last in (1, 2, 3):
        jail.log(LINE.format("bob", f"198.51.{last}.1"))
        jail.log(LINE.format("bob", f"2001:db8:{last}::1"))
    assert networks(jail) == ["198.51.0.0/16", "2001:db8::/32"]


def test_only_those_of_a_network_that_took_part_may_be_banned(app: Callable[..., Any]) -> None:
    """Their neighbours are customers too."""
    jail = app(count_by="network", ban="address")
    for last in (1, 2, 2):
        jail.log(LINE.format("bob", f"192.0.2.{last}"))
    assert networks(jail) == ["192.0.2.1/32", "192.0.2.2/32"]


def test_a_whole_network_may_be_banned_for_one_address(app: Callable[..., Any]) -> None:
    """It is counted by itself all the same."""
    jail = app(ban="network", network={"ipv4": 28})
    for last in (1, 2, 3, 3, 3):
        jail.log(LINE.format("bob", f"192.0.2.{last}"))
    assert networks(jail) == ["192.0.2.0/28"]


@pytest.mark.parametrize("count_by", ["address", "network"])
def test_a_network_with_an_ignored_address_in_it_is_not_banned(
    app: Callable[..., Any], count_by: str
) -> None:
    """Those that took part are: the proxy next door stays reachable."""
    jail = app(count_by=count_by, ban="network", ignoreip="192.0.2.9", maxretry=1)
    jail.log(LINE.format("bob", "192.0.2.1"))
    assert networks(jail) == ["192.0.2.1/32"]


def test_a_network_with_an_address_of_ours_in_it_is_not_banned(app: Callable[..., Any]) -> None:
    """Unless somebody wants it."""
    jail = app(ban="network", network={"ipv4": 8}, ignoreself=True, maxretry=1)
    brave = app(ban="network", network={"ipv4": 8}, maxretry=1)
    for rig in (jail, brave):
        rig.plugin.jails["app"].ignore(AddressSet([ip_network("192.7.7.7")]))
        rig.log(LINE.format("bob", "192.0.2.1"))
    assert networks(jail) == ["192.0.2.1/32"]
    assert networks(brave) == ["192.0.0.0/8"]


def test_an_account_that_is_tried_from_many_addresses_bans_them_all(
    app: Callable[..., Any],
) -> None:
    """Each tried it once."""
    jail = app(count_by="user")
    for last, user in enumerate(("bob", "eve", "Bob", "BOB"), start=1):
        jail.log(LINE.format(user, f"192.0.2.{last}"))
    assert networks(jail) == ["192.0.2.1/32", "192.0.2.3/32", "192.0.2.4/32"]
    assert jail.bans[0].reason == "3 failures in 0s for user 'bob'"
    assert len(jail.bans[0].lines) == 3


def test_who_tried_an_account_longer_ago_than_findtime_is_left_alone(
    app: Callable[..., Any],
) -> None:
    """Even though its failure may still count, in an estimate."""
    jail = app(count_by="user", findtime=60)
    for last, pause in ((1, 0), (2, 58), (3, 3), (4, 0)):
        jail.clock.turn(pause)
        jail.log(LINE.format("bob", f"192.0.2.{last}"))
    assert "192.0.2.1/32" not in networks(jail)
    assert "192.0.2.2/32" in networks(jail)


def test_the_networks_of_those_who_tried_an_account_may_be_banned(
    app: Callable[..., Any],
) -> None:
    """Each once."""
    jail = app(count_by="user", ban="network")
    for address in ("192.0.2.1", "192.0.2.2", "198.51.100.1"):
        jail.log(LINE.format("bob", address))
    assert networks(jail) == ["192.0.2.0/24", "198.51.100.0/24"]


def test_a_failure_without_the_field_does_not_count(app: Callable[..., Any]) -> None:
    """Nobody can say for which account it was."""
    jail = app(count_by="user", maxretry=1)
    jail.log("host app: login of  failed from 192.0.2.1")
    assert not jail.bans


def test_an_account_is_counted_from_zero_after_the_bans(app: Callable[..., Any]) -> None:
    """Else each further address would be banned at once."""
    jail = app(count_by="user")
    for last in range(1, 6):
        jail.log(LINE.format("bob", f"192.0.2.{last}"))
    assert len(jail.bans) == 3


def test_each_member_of_a_swarm_is_banned_for_longer_by_its_own_past(
    app: Callable[..., Any],
) -> None:
    """It isn't the account that escalates."""
    jail = app(**{"count_by": "user", "maxretry": 2, "bantime": 60, "bantime.increment": True})
    for addresses in ((1, 2), (1, 3)):
        for last in addresses:
            jail.log(LINE.format("bob", f"192.0.2.{last}"))
        jail.clock.turn(61)
    assert [(ban.count, ban.until - ban.since) for ban in jail.bans] == [
        (0, 60),
        (0, 60),
        (1, 120),
        (0, 60),
    ]


def test_a_name_in_a_reason_is_harmless(app: Callable[..., Any]) -> None:
    """A client chooses it."""
    jail = app(count_by="user", maxretry=1)
    jail.log(LINE.format("\x1b[31m" + "x" * 5000, "192.0.2.1"))
    assert jail.bans[0].reason.isprintable()
    assert len(jail.bans[0].reason) < 120

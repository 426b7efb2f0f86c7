"""What jails have counted of a client that isn't banned yet."""

from collections.abc import Callable
from typing import Any

import pytest

from webfail2ban import ClientCount, parse_address
from webfail2ban.testing import NOON

MakeRig = Callable[..., Any]

USER = r"auth failed, user=<F-USER>\S+</F-USER>, rip=<HOST>$"


def examine(rig: Any, address: str) -> list[ClientCount]:
    return list(rig.plugin.examine(parse_address(address)))


def test_a_clients_failures_are_told(rig: MakeRig) -> None:
    """With how many are too many, and when the last one was."""
    jail = rig(dovecot={"maxretry": 5})
    jail.fail("192.0.2.1", 2)
    jail.clock.turn(60)
    jail.fail("192.0.2.1")
    assert examine(jail, "192.0.2.1") == [ClientCount("dovecot", "192.0.2.1", 3, 5, NOON + 60)]
    assert examine(jail, "192.0.2.2") == []


def test_ipv6_clients_are_networks(rig: MakeRig) -> None:
    """As they are counted."""
    jail = rig()
    jail.fail("2001:db8::1")
    (count,) = examine(jail, "2001:db8::2")
    assert count.counted == "2001:db8::/64"


def test_a_network_is_told_of_any_of_its_addresses(rig: MakeRig) -> None:
    """Where networks are counted."""
    jail = rig(dovecot={"count_by": "network"})
    jail.fail("192.0.2.1")
    jail.fail("192.0.2.2")
    (count,) = examine(jail, "192.0.2.3")
    assert (count.counted, count.failures) == ("192.0.2.0/24", 2)


def test_users_are_told_of_those_who_tried_them(rig: MakeRig) -> None:
    """And of nobody else."""
    jail = rig(dovecot={"failregex": [USER], "count_by": "user"})
    for user, address in (("ann", 1), ("ann", 2), ("bob", 2)):
        jail.log(f"auth failed, user={user}, rip=192.0.2.{address}")
    assert {(count.counted, count.failures) for count in examine(jail, "192.0.2.2")} == {
        ("ann", 2),
        ("bob", 1),
    }
    assert [count.counted for count in examine(jail, "192.0.2.1")] == ["ann"]


@pytest.mark.parametrize(("counting", "left"), [("rate", 2), ("window", 1)])
def test_failures_count_for_as_much_as_they_do_now(rig: MakeRig, counting: str, left: int) -> None:
    """Half of fail2ban's rate is over when half of it is further back than findtime."""
    jail = rig(dovecot={"counting": counting, "findtime": 600})
    jail.fail("192.0.2.1", 3)
    jail.clock.turn(500)
    jail.fail("192.0.2.1")
    jail.clock.turn(500)
    (count,) = examine(jail, "192.0.2.1")
    assert count.failures == left


def test_what_is_further_back_than_findtime_is_not_told(rig: MakeRig) -> None:
    """Though it isn't swept yet."""
    jail = rig(dovecot={"findtime": 600})
    jail.fail("192.0.2.1")
    jail.clock.turn(600)
    assert examine(jail, "192.0.2.1") == []

from collections.abc import Callable
from ipaddress import ip_address
from math import inf
from types import SimpleNamespace
from typing import Any

import ifaddr
import pytest

from webfail2ban import Query, Stance, parse_network

MakeRig = Callable[..., Any]
LINE = "host dovecot: auth failed, method=PLAIN, rip={}"


def test_maxretry_failures_ban(rig: MakeRig) -> None:
    """Not one earlier."""
    jail = rig({"maxretry": 5})
    jail.fail("192.0.2.1", 4)
    assert not jail.is_banned("192.0.2.1")
    jail.fail("192.0.2.1")
    assert jail.is_banned("192.0.2.1")
    assert not jail.is_banned("192.0.2.2")


def test_a_ban_lasts_for_bantime(rig: MakeRig) -> None:
    """From the failure that was one too many."""
    jail = rig({"maxretry": 1, "bantime": "10m"})
    jail.fail("192.0.2.1")
    jail.clock.turn(599)
    assert jail.is_banned("192.0.2.1")
    jail.clock.turn(1)
    assert not jail.is_banned("192.0.2.1")


def test_a_permanent_ban_does_not_end(rig: MakeRig) -> None:
    """As fail2ban's bantime of -1."""
    jail = rig({"maxretry": 1, "bantime": "permanent"})
    jail.fail("192.0.2.1")
    assert jail.engine.find_ban(ip_address("192.0.2.1")).until == inf


def test_a_ban_tells_why(rig: MakeRig) -> None:
    """How many failures, in what time, and the lines."""
    jail = rig({"maxretry": 3})
    for _ in range(3):
        jail.fail("192.0.2.1")
        jail.clock.turn(30)
    (ban,) = jail.bans
    assert ban.jail == "dovecot"
    assert ban.reason == "3 failures in 1m"
    assert ban.lines == (LINE.format("192.0.2.1"),) * 3


def test_the_plugin_speaks_up_for_a_ban(rig: MakeRig) -> None:
    """Until it ends, and no longer."""
    jail = rig({"maxretry": 1, "bantime": 60})
    jail.fail("192.0.2.1")
    query = Query("check-ip", (), ip_address("192.0.2.1"))
    opinion = jail.plugin.opinion(query)
    assert opinion.stance is Stance.BAN
    assert opinion.jail == "dovecot"
    assert opinion.until == jail.clock.time + 60
    jail.clock.turn(60)
    assert jail.plugin.opinion(query) is None
    assert jail.plugin.opinion(Query("check-ip", (), None)) is None


def test_after_a_ban_a_client_starts_from_zero(rig: MakeRig) -> None:
    """Failures while it is banned don't count."""
    jail = rig({"maxretry": 2, "bantime": 60})
    jail.fail("192.0.2.1", 10)
    jail.clock.turn(60)
    jail.fail("192.0.2.1")
    assert not jail.is_banned("192.0.2.1")
    jail.fail("192.0.2.1")
    assert jail.is_banned("192.0.2.1")


@pytest.mark.parametrize("address", ["198.51.100.1", "192.0.2.9", "::ffff:192.0.2.9"])
def test_ignored_clients_are_not_counted(rig: MakeRig, address: str) -> None:
    """Addresses and networks, in every spelling of the address."""
    jail = rig({"maxretry": 1, "ignoreip": "192.0.2.0/24, 198.51.100.1"})
    jail.fail(address, 3)
    assert not jail.is_banned(address)
    assert jail.plugin.jails["dovecot"].ignored == 3


def test_our_own_addresses_are_not_counted(rig: MakeRig) -> None:
    """Neither loopback nor those of the interfaces; unless somebody wants it."""
    ours = ["127.0.0.1", "127.9.9.9", "::1"]
    ours += [str(ip.ip) for card in ifaddr.get_adapters() for ip in card.ips if ip.is_IPv4]
    jail = rig({"maxretry": 1, "ignoreself": True})
    brave = rig({"maxretry": 1, "ignoreself": False})
    for address in ours:
        jail.fail(address)
        brave.fail(address)
        assert not jail.is_banned(address)
        assert brave.is_banned(address)


def test_an_address_that_we_get_later_is_ours_too(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interfaces are looked at again."""
    jail = rig({"maxretry": 1, "ignoreself": True})
    card = SimpleNamespace(ips=[SimpleNamespace(ip="192.0.2.77")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [card])
    jail.clock.turn(61)
    for look in jail.engine.spawned:
        look()
    jail.fail("192.0.2.77")
    assert not jail.is_banned("192.0.2.77")


def test_an_ipv6_client_is_counted_and_banned_by_its_prefix(rig: MakeRig) -> None:
    """It has as many addresses as it likes."""
    jail = rig({"maxretry": 3})
    for last in ("1", "2", "3"):
        jail.fail(f"2001:db8::{last}")
    assert jail.is_banned("2001:db8::ffff")
    assert jail.engine.find_ban(ip_address("2001:db8::4")).network == parse_network("2001:db8::/64")
    assert not jail.is_banned("2001:db8:0:1::1")


def test_a_mapped_address_is_the_same_client(rig: MakeRig) -> None:
    """Both spellings count together."""
    jail = rig({"maxretry": 2})
    jail.fail("::ffff:192.0.2.1")
    jail.fail("192.0.2.1")
    assert jail.is_banned("192.0.2.1")


def test_severe_patterns_count_for_more(rig: MakeRig) -> None:
    """Maxretry counts weight."""
    patterns = [
        {"regex": r"^host app: forged from <HOST>$", "severity": 3},
        r"^host app: failed from <HOST>$",
    ]
    jail = rig(jails={"app": {"failregex": patterns, "maxretry": 4, "ignoreself": False}})
    jail.log("host app: forged from 192.0.2.1")
    assert not jail.is_banned("192.0.2.1")
    jail.log("host app: failed from 192.0.2.1")
    assert jail.is_banned("192.0.2.1")
    jail.log("host app: forged from 192.0.2.2", "host app: forged from 192.0.2.2")
    assert jail.is_banned("192.0.2.2")


def test_failures_further_apart_than_findtime_do_not_add_up(rig: MakeRig) -> None:
    """Somebody who mistypes once a day is no attacker."""
    jail = rig({"maxretry": 2, "findtime": 60})
    for _ in range(10):
        jail.fail("192.0.2.1")
        jail.clock.turn(120)
    assert not jail.is_banned("192.0.2.1")


def test_failures_for_an_unknown_jail_are_named_once(
    rig: MakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    """A detector of somebody else's may be configured for a jail that is gone."""
    jail = rig()
    other = rig(jails={"gone": {"failregex": ["^x <HOST>$"]}})
    failures = other.detect("x 192.0.2.1", "x 192.0.2.1")
    jail.plugin.count_failures(failures)
    assert caplog.text.count("gone: no such jail") == 1

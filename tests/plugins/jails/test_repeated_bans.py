"""Bans that get longer, and jails that count bans."""

from collections.abc import Callable
from ipaddress import ip_network
from math import inf
from typing import Any

from webfail2ban import Ban

MakeRig = Callable[..., Any]
FAILREGEX = [r"^x <HOST>$"]
X = {"failregex": FAILREGEX, "ignoreself": False, "maxretry": 1, "bantime": "5m"}


def durations(rig: Any, jail: str) -> list[float]:
    return [ban.until - ban.since for ban in rig.bans if ban.jail == jail]


def test_bans_double_from_five_minutes_to_a_day(rig: MakeRig) -> None:
    """As initial_ban_time 5m, escalation_factor 2 and max_ban_time 24h did."""
    growing = {"bantime.increment": True, "bantime.factor": 1, "bantime.maxtime": "24h"}
    jail = rig(jails={"x": X | growing})
    for _ in range(12):
        jail.log("x 192.0.2.1")
        jail.clock.turn(durations(jail, "x")[-1])
    minutes = [seconds / 60 for seconds in durations(jail, "x")]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440]
    assert [ban.count for ban in jail.bans] == list(range(12))


def test_each_jail_has_its_own_escalation(rig: MakeRig) -> None:
    """Unless bans of all jails count."""
    one = X | {"failregex": [r"^one <HOST>$"], "bantime.increment": True}
    two = X | {"failregex": [r"^two <HOST>$"], "bantime.increment": True}
    everyone = X | {
        "failregex": [r"^three <HOST>$"],
        "bantime.increment": True,
        "bantime.overalljails": True,
    }
    jails = rig(jails={"one": one, "two": two, "three": everyone})
    for text in ("one", "one", "two", "three"):
        jails.log(f"{text} 192.0.2.1")
        jails.clock.turn(3600)
    assert durations(jails, "one") == [300, 600]
    assert durations(jails, "two") == [300]
    assert durations(jails, "three") == [300 * 8]


def test_a_ban_tells_how_many_there_were_before(rig: MakeRig) -> None:
    """Also where they take the same time each."""
    jail = rig(jails={"x": X})
    for _ in range(3):
        jail.log("x 192.0.2.1")
        jail.clock.turn(300)
    assert [ban.count for ban in jail.bans] == [0, 1, 2]


RECIDIVE = {"bans_of": ["*"], "maxretry": 3, "findtime": "1d", "bantime": "1w", "ignoreself": False}


def test_who_is_banned_again_and_again_is_banned_for_long(rig: MakeRig) -> None:
    """By a jail over our own bans, without a log in between."""
    jails = rig(jails={"x": X, "y": X | {"failregex": ["^y <HOST>$"]}, "recidive": RECIDIVE})
    for text in ("x", "y", "x"):
        assert not durations(jails, "recidive")
        jails.log(f"{text} 192.0.2.1")
        jails.clock.turn(300)
    (ban,) = [ban for ban in jails.bans if ban.jail == "recidive"]
    assert ban.until - ban.since == 7 * 86_400
    assert ban.lines == ("x: 1 failure in 0s", "y: 1 failure in 0s", "x: 1 failure in 0s")
    assert ban.reason == "3 failures in 10m"


def test_bans_further_apart_than_findtime_do_not_add_up(rig: MakeRig) -> None:
    """As with failures."""
    jails = rig(jails={"x": X, "recidive": RECIDIVE | {"findtime": "1h"}})
    for _ in range(6):
        jails.log("x 192.0.2.1")
        jails.clock.turn(2 * 3600)
    assert not durations(jails, "recidive")


def test_manual_bans_and_other_recidives_count_only_by_name(rig: MakeRig) -> None:
    """A star means the jails that find something out; a jail's own bans never count."""
    jails = rig(
        jails={
            "all": RECIDIVE | {"maxretry": 1},
            "named": RECIDIVE | {"bans_of": ["manual", "all", "named"], "maxretry": 1},
            "some": RECIDIVE | {"bans_of": ["block*"], "maxretry": 1},
        }
    )
    for number, jail in enumerate(("manual", "all", "some", "blocklist"), start=1):
        now = jails.clock()
        jails.engine.ban(Ban(ip_network(f"192.0.2.{number}"), jail, now, now + 60))
    found = {(int(ban.network.network_address) & 255, ban.jail) for ban in jails.bans}
    assert found == {
        (1, "manual"),
        (1, "named"),
        (2, "all"),
        (2, "named"),
        (3, "some"),
        (4, "blocklist"),
        (4, "all"),
        (4, "named"),
        (4, "some"),
    }


def test_a_banned_network_counts_as_a_whole(rig: MakeRig) -> None:
    """And is banned as one, or the wider one around it."""
    wide = RECIDIVE | {"maxretry": 2, "count_by": "network", "network": {"ipv4": 16}}
    jails = rig(jails={"same": RECIDIVE | {"maxretry": 2}, "wide": wide})
    now = jails.clock()
    for since in (now - 2, now - 1):
        jails.engine.ban(Ban(ip_network("192.0.2.0/24"), "manual-ish", since, now + 60 + since))
    jails.engine.ban(Ban(ip_network("192.0.9.1/32"), "manual-ish", now, now + 60))
    found = [(str(ban.network), ban.jail) for ban in jails.bans if ban.jail != "manual-ish"]
    assert found == [("192.0.2.0/24", "same"), ("192.0.0.0/16", "wide")]


def test_ignored_clients_are_no_recidives(rig: MakeRig) -> None:
    """Somebody may have banned them by hand."""
    jails = rig(jails={"recidive": RECIDIVE | {"maxretry": 1, "ignoreip": "192.0.2.0/24"}})
    jails.engine.ban(Ban(ip_network("192.0.2.1/32"), "x", jails.clock()))
    assert not durations(jails, "recidive")
    assert jails.plugin.jails["recidive"].ignored == 1


def test_recidives_are_banned_for_longer_too(rig: MakeRig) -> None:
    """Up to for ever."""
    forever = {"maxretry": 1, "bantime.increment": True, "bantime.multipliers": "1 1e308 1e308"}
    jails = rig(jails={"x": X, "recidive": RECIDIVE | forever | {"bantime": 600}})
    for _ in range(2):
        jails.log("x 192.0.2.1")
        jails.clock.turn(3600)
    first, second = durations(jails, "recidive")
    assert first == 600
    assert second in {inf, 600 * 1e308}


def test_counted_bans_survive_a_restart(rig: MakeRig) -> None:
    """A crash makes nobody innocent."""
    jails = {"x": X, "recidive": RECIDIVE}
    before = rig(jails=jails)
    for _ in range(2):
        before.log("x 192.0.2.1")
        before.clock.turn(300)
    after = rig(jails=jails, predecessor=before)
    after.log("x 192.0.2.1")
    assert len(durations(after, "recidive")) == 1

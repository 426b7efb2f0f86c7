"""Counts that go on after a restart and after a reload."""

from collections.abc import Callable
from typing import Any

import pytest

MakeRig = Callable[..., Any]
JAIL = {"failregex": [r"^x <HOST>(?: <F-USER>\S+</F-USER>)?$"], "ignoreself": False}


@pytest.mark.parametrize("counting", ["rate", "window"])
def test_failures_are_counted_on_after_a_restart(rig: MakeRig, counting: str) -> None:
    """With their lines."""
    jails = {"x": JAIL | {"maxretry": 3, "counting": counting}}
    before = rig(jails=jails)
    before.log("x 192.0.2.1", "x 192.0.2.1", "x 2001:db8::1")
    after = rig(jails=jails, predecessor=before)
    after.log("x 192.0.2.1", "x 2001:db8::1")
    (ban,) = after.bans
    assert ban.lines == ("x 192.0.2.1",) * 3
    after.log("x 2001:db8::1")
    assert after.is_banned("2001:db8::2")


def test_what_is_kept_ends_with_findtime(rig: MakeRig) -> None:
    """The store needs to keep it no longer."""
    jail = rig(jails={"x": JAIL | {"findtime": 60}})
    now = jail.clock()
    jail.log("x 192.0.2.1")
    jail.clock.turn(30)
    jail.log("x 192.0.2.1")
    ((_, until),) = jail.engine.store.values()
    assert until == now + 90


def test_nothing_is_kept_of_who_was_banned(rig: MakeRig) -> None:
    """Its ban is."""
    jail = rig(jails={"x": JAIL | {"maxretry": 2}})
    jail.log("x 192.0.2.1")
    assert len(jail.engine.store) == 1
    jail.log("x 192.0.2.1")
    assert not jail.engine.store


def test_nothing_is_kept_of_who_was_forgotten(rig: MakeRig) -> None:
    """The store has no more clients than memory."""
    jail = rig(jails={"x": JAIL | {"max_clients": 2}})
    jail.log(*(f"x 192.0.2.{last}" for last in range(1, 10)))
    assert len(jail.engine.store) == 2


def test_each_jail_gets_its_own_counts_back(rig: MakeRig) -> None:
    """Also where one's name begins like another's."""
    jails = {name: JAIL | {"maxretry": 3, "sources": [name]} for name in ("x", "xx", "x y")}
    before = rig(jails=jails)
    before.log("x 192.0.2.1", "x 192.0.2.1", source="xx")
    before.log("x 192.0.2.2", source="x y")
    after = rig(jails=jails, predecessor=before)
    assert {name: len(jail.counter) for name, jail in after.plugin.jails.items()} == {
        "x": 0,
        "xx": 1,
        "x y": 1,
    }


def test_a_jail_that_is_gone_leaves_nothing_behind(rig: MakeRig) -> None:
    """What it kept ends by itself."""
    before = rig(jails={"gone": JAIL})
    before.log("x 192.0.2.1")
    after = rig(jails={"x": JAIL}, predecessor=before)
    assert len(after.plugin.jails["x"].counter) == 0


def test_who_has_more_than_a_new_maxretry_is_banned_by_the_next_failure(rig: MakeRig) -> None:
    """Not by the restart itself."""
    before = rig(jails={"x": JAIL | {"maxretry": 5}})
    before.log(*["x 192.0.2.1"] * 4)
    after = rig(jails={"x": JAIL | {"maxretry": 2}}, predecessor=before)
    assert not after.is_banned("192.0.2.1")
    after.log("x 192.0.2.1")
    assert after.is_banned("192.0.2.1")
    assert after.bans[0].reason == "5 failures in 0s"


def test_what_was_counted_by_something_else_does_not_count(rig: MakeRig) -> None:
    """A user's failures are no address's."""
    before = rig(jails={"x": JAIL | {"count_by": "user"}})
    before.log(*["x 192.0.2.1 bob"] * 4)
    after = rig(jails={"x": JAIL}, predecessor=before)
    assert len(after.plugin.jails["x"].counter) == 0


@pytest.mark.parametrize("name", ["bob", "b\tob", "b\\nob", "ümläut", "x" * 999])
def test_a_user_is_counted_on_whatever_its_name(rig: MakeRig, name: str) -> None:
    """The client chooses it, and what it writes can't reach into another jail's counts."""
    regex = [r"^x <HOST> (?P<user>.+)$"]
    jails = {"x": JAIL | {"failregex": regex, "count_by": "user", "maxretry": 2}}
    before = rig(jails=jails)
    before.log(f"x 192.0.2.1 {name}")
    after = rig(jails=jails, predecessor=before)
    after.log(f"x 192.0.2.2 {name}")
    assert [str(ban.network) for ban in after.bans] == ["192.0.2.1/32", "192.0.2.2/32"]


def test_a_reload_goes_on_counting(rig: MakeRig) -> None:
    """Under the new limits, without the store."""
    jail = rig(jails={"x": JAIL | {"maxretry": 5}, "gone": JAIL | {"sources": ["none"]}})
    jail.log("x 192.0.2.1", "x 192.0.2.1", "x 192.0.2.2")
    jail.reload({"x": JAIL | {"maxretry": 3}, "new": JAIL | {"sources": ["none"]}})
    jail.log("x 192.0.2.1")
    assert jail.is_banned("192.0.2.1")
    assert not jail.is_banned("192.0.2.2")
    assert jail.plugin.jails["x"].failures == 4
    assert len(jail.plugin.jails["x"].counter) == 1


def test_a_reload_that_counts_something_else_begins_anew(rig: MakeRig) -> None:
    """A network's number means nothing where users are counted."""
    jail = rig(jails={"x": JAIL})
    jail.log("x 192.0.2.1 bob")
    jail.reload({"x": JAIL | {"count_by": "user"}})
    assert len(jail.plugin.jails["x"].counter) == 0


def test_a_smaller_limit_holds_after_a_reload(rig: MakeRig) -> None:
    """From the next client on, one for one."""
    jail = rig(jails={"x": JAIL})
    jail.log(*(f"x 192.0.2.{last}" for last in range(1, 10)))
    jail.reload({"x": JAIL | {"max_clients": 9}})
    jail.log("x 192.0.2.100")
    assert len(jail.plugin.jails["x"].counter) == 9


def test_old_counts_are_swept_away(rig: MakeRig) -> None:
    """Though nobody fails any more."""
    jail = rig(jails={"x": JAIL | {"findtime": 60}})
    jail.log("x 192.0.2.1")
    jail.clock.turn(60)
    for function in jail.engine.spawned:
        function()
    assert len(jail.plugin.jails["x"].counter) == 0

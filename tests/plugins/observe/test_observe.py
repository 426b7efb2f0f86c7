from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import gevent
import pytest

from tests.waiting import wait_until
from webfail2ban import Query
from webfail2ban.testing import EngineBox
from webfail2ban_jails import Jails
from webfail2ban_observe import Observe, observe
from webfail2ban_observe.rules import describe, read_values

CLIENT = "192.0.2.1"

WEB = {
    "failures": [
        {"when": {"status": 401, "path": "/login*"}},
        {"when": {"status": "4xx", "host": ["a.example", "b.example"]}, "weight": 2},
    ],
    "successes": [{"when": {"status": 200, "path": "/login"}}],
}

JAIL = {"found_by": "observe", "maxretry": 5, "bantime": "1h", "reset_on_success": "address"}


class Rig:
    """The plugin and the jail that counts, in a box."""

    def __init__(self, web: Any = WEB, jail: Any = JAIL) -> None:
        settings = {"observe": {"web": web}, "jails": {"web": jail}}
        self.box = EngineBox(settings, jails=Jails, observe=Observe)
        _, loaded = self.box.engine.plugins
        assert isinstance(loaded.implementation, Observe)
        self.plugin = loaded.implementation

    def tell(self, times: int = 1, message: str = "observe", **args: Any) -> None:
        for _ in range(times):
            assert self.box.ask(CLIENT, message, **args) == {}
        wait_until(lambda: not self.plugin.waiting, "all is counted", gevent.sleep)

    @property
    def banned(self) -> bool:
        return bool(self.box.ask(CLIENT)["banned"])


@pytest.fixture
def rig() -> Iterator[Any]:
    """Make rigs that are closed behind the test."""
    made: list[Rig] = []

    def make(**sections: Any) -> Rig:
        made.append(Rig(**sections))
        return made[-1]

    yield make
    for one in made:
        one.box.close()


def test_what_haproxy_saw_bans(rig: Any) -> None:
    """Each message counts, also where it is the same as the last one."""
    web = rig()
    web.tell(4, status=401, path="/login?x")
    assert not web.banned
    web.tell(status=401, path="/login?x")
    assert web.banned
    assert [ban.jail for ban in web.box.bans] == ["web"]


def test_a_banned_client_gets_no_verdict_from_it(rig: Any) -> None:
    """The variables that the question set stay as they are."""
    web = rig()
    web.tell(5, status=401, path="/login")
    assert web.banned
    web.tell(status=401, path="/login")


def test_all_conditions_of_a_rule_hold_together(rig: Any) -> None:
    """What fits only a part of them counts for nothing, nor does what HAProxy had no value for."""
    web = rig()
    web.tell(9, status=401, path="/other")
    web.tell(9, status=404)
    web.tell(9, status=404, host=None)
    web.tell(9, status=500, host="a.example")
    assert not web.banned


def test_a_rule_has_a_weight(rig: Any) -> None:
    """Three that count for two are more than five."""
    web = rig()
    web.tell(2, status=404, host="b.example")
    assert not web.banned
    web.tell(status=499, host="b.example")
    assert web.banned


def test_a_success_takes_failures_back(rig: Any) -> None:
    """Where the jail says so."""
    web = rig()
    for _ in range(3):
        web.tell(4, status=401, path="/login")
        web.tell(status=200, path="/login")
    assert not web.banned


def test_a_success_takes_nothing_back_unless_the_jail_says_so(rig: Any) -> None:
    """Nobody knows who got in: one valid account would be a licence to try others."""
    web = rig(jail={**JAIL, "reset_on_success": "user"})
    web.tell(4, status=401, path="/login")
    web.tell(status=200, path="/login")
    web.tell(status=401, path="/login")
    assert web.banned


def test_any_argument_can_be_counted_by(rig: Any) -> None:
    """Such as a fingerprint of TLS: all who took part are banned."""
    web = rig(jail={**JAIL, "count_by": "ja3"})
    web.tell(4, status=401, path="/login", ja3="aa")
    web.tell(4, status=401, path="/login", ja3="bb")
    assert not web.banned
    web.tell(status=401, path="/login", ja3="aa")
    assert web.banned


def test_other_messages_ask(rig: Any) -> None:
    """They get a verdict."""
    assert rig().box.ask(CLIENT, "check-ip", status=401, path="/login")["banned"] == 0


def test_what_haproxy_saw_is_kept_with_the_ban() -> None:
    """In one line, in which no value can look like another one."""
    args = (
        ("ip", ip_address(CLIENT)),
        ("path", "/ status=200\n\x1b[1m"),
        ("", None),
        ("status", 401),
    )
    query = Query("observe", args, ip_address(CLIENT))
    told = describe(query.message, read_values(query))
    assert told == "observe: ip=192.0.2.1 path=/?status=200??[1m status=401"


def test_a_flood_is_bounded(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits beyond a number isn't counted, and that is said for a while."""
    monkeypatch.setattr(observe, "MOST_WAITING", 3)
    web = rig()
    for _ in range(5):
        web.box.ask(CLIENT, "observe", status=401, path="/login")
    assert len(web.plugin.waiting) == 3
    (said,) = web.plugin.status().problems
    assert said.startswith("2 failures were not counted")
    web.box.clock.turn(observe.RECENT)
    assert not web.plugin.status().problems


def test_what_waits_is_counted_at_the_end(rig: Any) -> None:
    """A reload or a stop loses nothing."""
    web = rig()
    for _ in range(5):
        web.box.ask(CLIENT, "observe", status=401, path="/login")
    web.plugin.stop_engine()
    assert len(web.box.bans) == 1


def test_it_tells_what_it_counted(rig: Any) -> None:
    """By jail."""
    web = rig()
    web.tell(3, status=401, path="/login")
    web.tell(status=200, path="/login")
    status = web.plugin.status()
    assert status.details["jails"] == {"web": {"failures": 3, "successes": 1}}
    assert status.metrics[0].samples == [({"jail": "web"}, 3)]

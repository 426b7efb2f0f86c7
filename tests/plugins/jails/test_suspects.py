"""Clients that have failed, and not often enough for a ban."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from webfail2ban import Opinion, Query, hookimpl
from webfail2ban.testing import EngineBox
from webfail2ban_jails import Jails

CLIENT, OTHER = "192.0.2.1", "198.51.100.1"
FAILURE, LOGIN = "failed from <HOST>$", "^login from <HOST>$"
JAIL = {
    "failregex": [FAILURE],
    "successregex": [LOGIN],
    "reset_on_success": "address",
    "ignoreself": False,
    "maxretry": 4,
    "findtime": "1m",
    "score": 80,
}

Start = Callable[..., EngineBox]


class Listed:
    """Has one client on a list."""

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        return Opinion.add_score(60, "on a list") if str(query.address) == CLIENT else None


@pytest.fixture
def start() -> Iterator[Start]:
    """Start jails, of the settings of one called web beside `JAIL`."""
    boxes: list[EngineBox] = []

    def make(jails: dict[str, Any] | None = None, verdict: Any = None, **web: Any) -> EngineBox:
        settings = {"jails": jails or {"web": {**JAIL, **web}}, "verdict": verdict or {}}
        boxes.append(EngineBox(settings, jails=Jails, listed=Listed()))
        return boxes[-1]

    yield make
    for box in boxes:
        box.close()


def fail(box: EngineBox, address: str = OTHER, times: int = 1) -> None:
    box.hear(*[f"failed from {address}"] * times)


def score(box: EngineBox, address: str = OTHER) -> object:
    return box.ask(address)["score"]


def test_each_failure_adds_its_part(start: Start) -> None:
    """From the next verdict on, though the one before is remembered; and then there is a ban."""
    box = start()
    seen = [score(box)]
    for _ in range(4):
        fail(box)
        seen.append(score(box))
    assert seen == [0, 20, 40, 60, 100]
    assert box.ask(OTHER)["banned"] == 1
    assert score(box, "198.51.100.2") == 0


def test_the_reason_tells_how_many_there_were(start: Start) -> None:
    """And in which jail."""
    box = start()
    fail(box, times=3)
    assert box.ask(OTHER)["reason"] == "3 of 4 in web"


def test_failures_and_a_list_together_ban(start: Start) -> None:
    """Neither would alone; the jail's own ban isn't there."""
    box = start()
    fail(box, CLIENT)
    assert box.ask(CLIENT)["banned"] == 0
    fail(box, CLIENT)
    verdict = box.ask(CLIENT)
    assert (verdict["banned"], verdict["reason"]) == (1, "2 of 4 in web; on a list")
    assert len(box.bans) == 0


@pytest.mark.parametrize("counting", ["rate", "window"])
def test_a_score_fades(start: Start, counting: str) -> None:
    """Within ten seconds of the time when the failures count for less or nothing."""
    box = start(counting=counting)
    fail(box)
    box.turn(40)
    fail(box)
    assert score(box) == 40
    box.turn(35)
    assert score(box) == (40 if counting == "rate" else 20)  # the estimate: 2 in 75 s are 2 in 60
    box.turn(40)
    assert score(box) == 0


def test_a_success_takes_the_score_back(start: Start) -> None:
    """At once, as it does the failures."""
    box = start()
    fail(box, times=2)
    assert score(box) == 40
    box.hear(f"login from {OTHER}")
    assert score(box) == 0


def test_scores_of_several_jails_add_up(start: Start) -> None:
    """Up to the highest; jails without one add nothing, and what is counted adds something."""
    none, little = {**JAIL, "score": 0}, {**JAIL, "score": 2}
    box = start(jails={"a": JAIL, "b": JAIL, "c": none, "d": little})
    fail(box)
    assert score(box) == 20 + 20 + 1
    fail(box, times=2)
    assert score(box) == 100
    assert box.ask(OTHER)["ttl"] <= 10  # type: ignore[operator] # a number


def test_an_ipv6_client_is_its_network(start: Start) -> None:
    """Each of its addresses has the score."""
    box = start()
    assert score(box, "2001:db8::2") == 0
    fail(box, "2001:db8::1")
    assert score(box, "2001:db8::2") == 20


def test_a_weight_holds_for_jails_too(start: Start) -> None:
    """As for every plugin."""
    box = start(verdict={"weights": {"jails": 0.5}})
    fail(box, times=2)
    assert score(box) == 20


def test_the_bans_before_may_give_a_score(start: Start) -> None:
    """Of a jail that counts them, once the client is let in again."""
    again = {"bans_of": ["*"], "score": 50, "findtime": "1h", "maxretry": 5, "ignoreself": False}
    box = start(jails={"web": {**JAIL, "score": 0, "bantime": "1m"}, "again": again})
    fail(box, times=4)
    assert box.ask(OTHER)["banned"] == 1
    box.turn(61)
    verdict = box.ask(OTHER)
    assert (verdict["banned"], verdict["score"], verdict["reason"]) == (0, 10, "1 of 5 in again")


def test_no_answer_is_forgotten_where_no_jail_gives_a_score(start: Start) -> None:
    """As for most."""
    box = start(score=0)
    score(box)
    before = box.engine.memory.generation
    fail(box)
    assert box.engine.memory.generation == before

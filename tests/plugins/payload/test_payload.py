from collections.abc import Iterator
from typing import Any

import pytest

from webfail2ban import Stance, Value, Verdict
from webfail2ban.testing import EngineBox
from webfail2ban_payload import Payload
from webfail2ban_payload.payload import RECENT

CLIENT = "192.0.2.1"

TRACKER = {
    "message": "check-payload",
    "argument": "payload",
    "rules": [
        {"prefix": "404e5443", "then": "pass"},
        {"looks_like": ["http", "tls"], "then": "ban"},
        {"regex": r"\x00{2}", "then": 60},
        {"min_length": 10, "then": 40},
    ],
    "otherwise": "ban",
}


class Rig:
    """The plugin with checks of the test's, in a box."""

    def __init__(self, **checks: Any) -> None:
        self.box = EngineBox({"payload": checks}, payload=Payload)

    def say(self, payload: bytes, message: str = "check-payload") -> Verdict:
        return self.box.judge(CLIENT, message, payload=payload)

    def ask(self, payload: Value, client: str = CLIENT) -> dict[str, Any]:
        return self.box.ask(client, "check-payload", payload=payload)

    @property
    def problems(self) -> list[str]:
        (plugin,) = self.box.engine.plugins
        assert isinstance(plugin.implementation, Payload)
        return list(plugin.implementation.status().problems)


@pytest.fixture
def rig() -> Iterator[Any]:
    """Make rigs that are closed behind the test."""
    made: list[Rig] = []

    def make(**checks: Any) -> Rig:
        made.append(Rig(**checks))
        return made[-1]

    yield make
    for one in made:
        one.box.close()


def test_the_right_protocol_passes(rig: Any) -> None:
    """Nothing is said of the client."""
    assert not rig(tracker=TRACKER).say(b"@NTC\x01\x00\x00\x00").banned


def test_another_protocol_is_refused_by_the_checks_name(rig: Any) -> None:
    """The reason shows how it begins, in signs that can forge nothing."""
    verdict = rig(tracker=TRACKER).say(b"GET /\x1b HTTP/1.1\r\n")
    assert not verdict.banned or verdict.jail == "tracker"
    verdict = rig(tracker=TRACKER).say(b"GET / HTTP/1.1\r\n\r\n")
    assert verdict.banned
    assert verdict.jail == "tracker"
    assert verdict.reason.endswith(
        "47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a (GET / HTTP/1.1..)"
    )


def test_what_no_rule_fits_has_a_rule(rig: Any) -> None:
    """As it is configured."""
    assert rig(tracker=TRACKER).say(b"\x01").banned
    assert not rig(tracker={**TRACKER, "otherwise": "pass"}).say(b"\x01").banned
    assert rig(tracker={**TRACKER, "otherwise": 30}).say(b"\x01").score == 30


def test_scores_are_added_up(rig: Any) -> None:
    """Up to what bans; one alone doesn't, and otherwise isn't said any more."""
    tracker = rig(tracker=TRACKER)
    assert tracker.say(b"\0\0").score == 60
    assert not tracker.say(b"\0\0").banned
    assert tracker.say(b"\0\0" + b"1" * 10).banned


def test_all_conditions_of_a_rule_hold_together(rig: Any) -> None:
    """One that doesn't is enough for the rule not to fit."""
    rule = {"prefix": ["00", "01"], "max_length": 3, "regex": ".+x", "then": "ban"}
    check = rig(one={"rules": [rule]})
    assert check.say(b"\x01ax").banned
    assert not any(check.say(said).banned for said in (b"\x02ax", b"\x01aax", b"\x01ay"))


def test_an_expression_is_matched_from_the_beginning_on(rig: Any) -> None:
    """Bytes are characters of the same number; behind 512 nothing is looked at."""
    check = rig(one={"rules": [{"regex": r"\xff.*\xfe", "then": "ban"}]})
    assert check.say(b"\xff\n\xfe").banned
    assert not check.say(b"a\xff\xfe").banned
    assert not check.say(b"\xff" + b"a" * 511 + b"\xfe").banned


def test_who_is_allowed_passes_whatever_the_others_say(rig: Any) -> None:
    """As by a whitelist."""
    check = rig(one={"rules": [{"prefix": "00", "then": "allow"}], "otherwise": "ban"})
    assert [opinion.stance for _, opinion in check.say(b"\0").opinions] == [Stance.ALLOW]


def test_nothing_is_remembered(rig: Any) -> None:
    """Clients choose what they send: their answers would push out those that serve."""
    tracker = rig(tracker=TRACKER)
    for payload in (b"@NTC", b"GET / HTTP/1.1\r\n", b"\0\0"):
        tracker.ask(payload)
        assert not len(tracker.box.engine.memory)


def test_of_other_messages_nothing_is_said(rig: Any) -> None:
    """Their answers may be remembered."""
    assert rig(tracker=TRACKER).say(b"\x01", message="check-ip") == Verdict()


@pytest.mark.parametrize("payload", [b"", None, 5])
def test_who_has_not_said_anything_is_not_refused(rig: Any, payload: Value) -> None:
    """HAProxy asked too early, or about something else: that is a problem of ours."""
    tracker = rig(tracker=TRACKER)
    assert tracker.ask(payload)["banned"] == 0
    assert len(tracker.problems) == 1
    tracker.box.clock.turn(RECENT)
    assert not tracker.problems  # HAProxy's configuration was mended, or nobody comes


def test_text_is_bytes_too(rig: Any) -> None:
    """A sample that HAProxy takes for text is looked at all the same."""
    assert rig(tracker=TRACKER).ask("@NTC")["banned"] == 0
    assert rig(tracker=TRACKER).ask("@NTX")["banned"] == 1


def test_the_address_is_banned_if_that_is_wanted(rig: Any) -> None:
    """The next connection is refused at once, for so long; without it only this one is."""
    tracker = rig(tracker={**TRACKER, "ban_for": "10m"})
    tracker.ask(b"\x01")
    (ban,) = tracker.box.bans
    assert (str(ban.network), ban.jail) == ("192.0.2.1/32", "tracker")
    assert ban.until == tracker.box.clock() + 600
    other = rig(tracker=TRACKER)
    other.ask(b"\x01")
    assert not len(other.box.bans)


def test_haproxy_hears_how_long_the_ban_lasts(rig: Any) -> None:
    """Not that it is for ever, as one of this connection alone."""
    assert rig(tracker={**TRACKER, "ban_for": "10m"}).ask(b"\x01")["ttl"] == 600


def test_who_comes_again_and_again_is_not_banned_each_time(rig: Any) -> None:
    """Each ban is written down and told; it is prolonged when a part of it has passed."""
    tracker = rig(tracker={**TRACKER, "ban_for": "10m"})
    banned_at = tracker.box.clock()
    tracker.ask(b"\x01")
    tracker.box.clock.turn(30)
    tracker.ask(b"\x01")
    assert [ban.until for ban in tracker.box.bans] == [banned_at + 600]
    tracker.box.clock.turn(60)
    tracker.ask(b"\x01")
    assert [ban.until for ban in tracker.box.bans] == [banned_at + 690]


def test_a_ban_for_ever_is_made_once(rig: Any) -> None:
    """There is nothing to prolong."""
    tracker = rig(tracker={**TRACKER, "ban_for": "permanent"})
    tracker.ask(b"\x01")
    tracker.box.clock.turn(30)
    assert tracker.ask(b"\x01")["ttl"] == -1
    (ban,) = tracker.box.bans
    assert ban.since == tracker.box.clock() - 30


def test_our_own_addresses_are_never_banned(rig: Any) -> None:
    """The connection is refused; a ban would hit HAProxy's own checks."""
    tracker = rig(tracker={**TRACKER, "ban_for": "10m"})
    assert tracker.ask(b"\x01", "127.0.0.1")["banned"] == 1
    assert not len(tracker.box.bans)

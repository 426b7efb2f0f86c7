"""Answers are counted by what stands in their bytes."""

import pytest

from webfail2ban.model import Verdict
from webfail2ban.spoa.variables import NO_VERDICT, encode_verdict
from webfail2ban.spop import Scope
from webfail2ban.verdicts.tally import BOUNDS, Tally

PASSES = Verdict()
BANNED = Verdict(banned=True, score=100, reason="banned", jail="banned", until=10.0)


def answer(verdict: Verdict, scope: Scope = Scope.TRANSACTION) -> bytes:
    actions, _ = encode_verdict(verdict, scope, 0.0)
    return actions


@pytest.mark.parametrize("scope", Scope)
def test_verdicts_and_bans_are_counted(scope: Scope) -> None:
    """Whatever a jail is called and a reason says, and whatever the scope."""
    tally = Tally()
    tally.count(answer(PASSES, scope) + answer(BANNED, scope) + answer(PASSES, scope), 0.0)
    assert (tally.verdicts, tally.banned) == (3, 1)


def test_what_a_plugin_says_cannot_count_as_a_verdict() -> None:
    """A reason's control characters are replaced before it is sent."""
    tally = Tally()
    forged = answer(BANNED).decode("latin-1")
    tally.count(answer(Verdict(banned=True, reason=forged, jail=forged, until=10.0)), 0.0)
    assert (tally.verdicts, tally.banned) == (1, 1)


def test_an_answer_without_a_verdict_is_not_counted() -> None:
    """A client without an address has none."""
    tally = Tally()
    tally.count(NO_VERDICT, 0.0)
    assert tally.verdicts == 0
    assert sum(tally.latencies) == 0


def test_each_verdict_falls_into_the_bucket_of_its_time() -> None:
    """A time on the bound belongs below it, as Prometheus' ``le`` says."""
    tally = Tally()
    for seconds in (0.0, BOUNDS[0], BOUNDS[-1] + 1):
        tally.count(answer(PASSES), seconds)
    assert tally.latencies[0] == 2
    assert tally.latencies[-1] == 1
    assert sum(tally.latencies) == 3
    assert tally.seconds == pytest.approx(BOUNDS[0] + BOUNDS[-1] + 1)

import time
from math import inf

import gevent
import pytest

from webfail2ban.hosting.isolation import Isolation
from webfail2ban.hosting.loader import Caller, Plugins
from webfail2ban.model import Opinion, Query, Stance, Verdict
from webfail2ban.testing import Clock
from webfail2ban.verdicts.chain import Chain, combine
from webfail2ban.verdicts.scoring import Scoring

QUERY = Query("check-ip", (), None)


class Saying(Plugins):
    """Plugins that each say one thing; what is callable is called."""

    def __init__(self, **said: object) -> None:
        self.said = said

    def implementers(self, hook: str) -> tuple[tuple[str, Caller], ...]:
        assert hook == "opinion"
        return tuple((name, _asker(said)) for name, said in self.said.items())


def _asker(said: object) -> Caller:
    def ask(query: Query) -> object:
        assert query is QUERY
        return said() if callable(said) else said

    return ask


@pytest.fixture
def isolation(clock: Clock) -> Isolation:
    return Isolation(clock)


def judge(isolation: Isolation, **said: object) -> Verdict:
    return Chain(Saying(**said), isolation, scoring=Scoring(), timeout=0.01).judge(QUERY)


def fail() -> None:
    raise LookupError("no database")


def test_without_opinions_a_client_passes() -> None:
    """And the verdict holds until something changes."""
    assert combine([], Scoring()) == Verdict(valid_until=inf)


def test_an_allow_wins_over_everything(isolation: Isolation) -> None:
    """Wherever it stands in the chain."""
    verdict = judge(
        isolation, jails=Opinion.ban("failed"), scorer=Opinion.add_score(100), lists=Opinion.allow()
    )
    assert not verdict.banned
    assert verdict.score == 0
    assert verdict.reason == "allowed by lists"


def test_a_ban_wins_over_scores(isolation: Isolation) -> None:
    """However low they are."""
    verdict = judge(
        isolation, scorer=Opinion.add_score(1), jails=Opinion.ban("failed", jail="sshd")
    )
    assert verdict.banned
    assert (verdict.score, verdict.reason, verdict.jail) == (100, "failed", "sshd")


def test_of_several_bans_the_last_to_end_is_told(isolation: Isolation) -> None:
    """Its end is when the client may come back."""
    verdict = judge(isolation, a=Opinion.ban("a", until=10), b=Opinion.ban("b", until=20))
    assert (verdict.reason, verdict.until) == ("b", 20)


@pytest.mark.parametrize(("scores", "banned"), [((40, 59), False), ((40, 60), True)])
def test_scores_ban_when_their_sum_reaches_the_threshold(
    isolation: Isolation, scores: tuple[int, int], banned: bool
) -> None:
    """Not one point earlier."""
    first, second = (Opinion.add_score(score, f"{score} points") for score in scores)
    verdict = judge(isolation, a=first, b=second)
    assert verdict.banned is banned
    assert verdict.score == sum(scores)
    assert verdict.reason == f"{scores[0]} points; {scores[1]} points"


def test_the_score_stays_below_101(isolation: Isolation) -> None:
    """HAProxy's rules are written for 0 to 100."""
    assert judge(isolation, a=Opinion.add_score(80), b=Opinion.add_score(80)).score == 100


def test_every_opinion_is_kept(isolation: Isolation) -> None:
    """So that an operator can see who said what."""
    said = {"a": Opinion.add_score(5), "b": Opinion.allow("friend")}
    assert judge(isolation, a=said["a"], b=said["b"], c=None).opinions == tuple(said.items())


def test_a_verdict_holds_no_longer_than_any_opinion(isolation: Isolation) -> None:
    """Whichever of them ends first."""
    verdict = judge(isolation, a=Opinion.allow(until=30), b=Opinion.ban(until=20))
    assert verdict.valid_until == 20


def test_a_plugin_that_counts_is_asked_each_time(isolation: Isolation) -> None:
    """Even when it says nothing."""
    assert judge(isolation, a=Opinion.ask_again(), b=Opinion.allow()).valid_until == 0
    assert judge(isolation, a=Opinion.ask_again(until=50)).valid_until == 50


def test_a_plugin_that_raises_costs_only_its_own_opinion(
    isolation: Isolation, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named and counted, and the verdict isn't remembered."""
    verdict = judge(isolation, broken=fail, jails=Opinion.ban("failed"))
    assert verdict.banned
    assert verdict.valid_until == 0
    assert isolation.failures["broken", "opinion"] == 1
    assert "plugin broken failed in opinion: LookupError: no database" in caplog.text


def test_a_plugin_that_talks_nonsense_is_treated_as_failed(isolation: Isolation) -> None:
    """A truth value is no opinion."""
    assert not judge(isolation, confused=True).banned
    assert isolation.failures["confused", "opinion"] == 1


def test_a_plugin_that_waits_too_long_is_left_behind(isolation: Isolation) -> None:
    """And each of the others gets its own time."""
    verdict = judge(
        isolation,
        slow=lambda: gevent.sleep(60),
        slow_too=lambda: gevent.sleep(60),
        jails=Opinion.ban("failed"),
    )
    assert verdict.banned
    assert set(isolation.failures) == {("slow", "opinion"), ("slow_too", "opinion")}


def test_who_comes_after_one_that_computes_has_his_own_time(isolation: Isolation) -> None:
    """Nobody can interrupt it; it is named, and nobody else is."""

    def compute() -> None:
        end = time.perf_counter() + 0.15
        while time.perf_counter() < end:
            pass

    def compute_and_fail() -> None:
        compute()
        fail()

    plugins = Saying(
        busy=compute,
        waits=lambda: gevent.sleep(0.001),
        worse=compute_and_fail,
        waits_too=lambda: gevent.sleep(0.001),
    )
    Chain(plugins, isolation, scoring=Scoring(), timeout=0.1).judge(QUERY)
    assert set(isolation.failures) == {("worse", "opinion")}
    assert set(isolation.holdups.counts) == {("busy", "opinion"), ("worse", "opinion")}


def test_variables_are_told_whatever_the_verdict_is(isolation: Isolation) -> None:
    """Also by a plugin without an opinion; where two give the same one, the first is heard."""
    told = Opinion.tell({"country": "DE", "asn": None})
    other = Opinion(Stance.SCORE, 1, variables={"country": "FR", "customer": "example"})
    for last in (Opinion.ban("failed"), Opinion.allow(), Opinion.add_score(1), None):
        verdict = judge(isolation, geo=told, shop=other, last=last)
        assert verdict.variables == (("country", "DE"), ("asn", None), ("customer", "example"))
        assert verdict.valid_until == inf


def test_variables_alone_ban_nobody(isolation: Isolation) -> None:
    """Nor do they score."""
    verdict = judge(isolation, geo=Opinion.tell({"country": "DE"}))
    assert (verdict.banned, verdict.score, verdict.reason) == (False, 0, "")


@pytest.mark.parametrize(
    "variables",
    [
        {"": 1},
        {"Country": "DE"},
        {"two words": 1},
        {"x" * 33: 1},
        {"banned": 1},
        {"ip_score": 1},
        {"number": 2**63},
        {f"v{number}": 1 for number in range(9)},
    ],
)
def test_what_haproxy_cannot_have_is_no_variable(variables: dict[str, int]) -> None:
    """Nor what would replace the verdict's own, or fill the answer."""
    with pytest.raises(ValueError, match="variable"):
        Opinion.tell(variables)


def test_a_variable_is_a_text_or_a_whole_number() -> None:
    """The protocol has no fractions."""
    with pytest.raises(TypeError, match="is a text or a whole number"):
        Opinion.tell({"share": 0.5})  # type: ignore[dict-item]

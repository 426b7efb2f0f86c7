"""Weights, bans that are scores, and what HAProxy is told of the sum."""

from collections.abc import Iterator, Mapping

import pytest

from tests.plugged import plugged
from webfail2ban import Json, Opinion, Query, hookimpl
from webfail2ban.config import EngineSettings, VerdictSettings
from webfail2ban.model import Verdict
from webfail2ban.testing import NOON, EngineBox
from webfail2ban.verdicts.chain import combine
from webfail2ban.verdicts.scoring import Scoring, Share

CLIENT = "192.0.2.1"
LISTED = Opinion.ban("on a list", jail="drop", until=NOON + 60)


class Saying:
    """Has one opinion of everybody."""

    def __init__(self, opinion: Opinion) -> None:
        self._opinion = opinion

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        return self._opinion if query.address else None


def judge(scoring: Scoring, **said: Opinion) -> Verdict:
    return combine(said.items(), scoring)


def test_a_weight_multiplies_what_a_plugin_says() -> None:
    """Of other plugins a point is a point."""
    verdict = judge(
        Scoring(weights={"geoip": 0.5, "lists": 2}),
        geoip=Opinion.add_score(40),
        lists=Opinion.add_score(30),
        other=Opinion.add_score(7),
    )
    assert (verdict.score, verdict.banned) == (20 + 60 + 7, False)


@pytest.mark.parametrize(("weight", "banned"), [(0.99, False), (1, True), (1.5, True)])
def test_the_weighted_sum_decides(weight: float, banned: bool) -> None:
    """Not what was said."""
    verdict = judge(Scoring(weights={"lists": weight}), lists=Opinion.add_score(100))
    assert verdict.banned is banned


def test_a_fraction_is_left_out_and_none_is_lost() -> None:
    """0.29 times 100 is less than 29 for a computer, and 0.29 times 99 is 28.71."""
    scoring = Scoring(weights={"lists": 0.29})
    assert judge(scoring, lists=Opinion.add_score(100)).score == 29
    assert judge(scoring, lists=Opinion.add_score(99)).score == 28


def test_with_a_weight_of_nothing_a_plugin_is_only_shown() -> None:
    """To be tried out, before it counts."""
    verdict = judge(Scoring(threshold=1, weights={"lists": 0}), lists=Opinion.add_score(99, "bad"))
    assert (verdict.banned, verdict.score, verdict.reason) == (False, 0, "bad")


def test_a_ban_may_be_a_score() -> None:
    """It bans nobody by itself, and whoever has enough of others is banned as long as it lasts."""
    scoring = Scoring(bans={"lists": 60})
    alone = judge(scoring, lists=LISTED)
    assert (alone.banned, alone.score, alone.until) == (False, 60, 0)
    both = judge(scoring, lists=LISTED, geoip=Opinion.add_score(40, "far away"))
    assert (both.banned, both.score, both.until) == (True, 100, NOON + 60)
    assert (both.reason, both.jail) == ("on a list; far away", "")


def test_a_ban_that_is_a_score_has_a_weight_like_any_other() -> None:
    """And is no ban beside one that is."""
    scoring = Scoring(weights={"lists": 0.5}, bans={"lists": 60})
    assert judge(scoring, lists=LISTED).score == 30
    verdict = judge(scoring, lists=LISTED, jails=Opinion.ban("failed", jail="sshd"))
    assert (verdict.score, verdict.reason, verdict.jail) == (100, "failed", "sshd")


@pytest.mark.parametrize(("highest", "score"), [(50, 50), (200, 120)])
def test_the_highest_score_is_configured(highest: int, score: int) -> None:
    """That of every ban is the same."""
    scoring = Scoring(threshold=150, highest=highest)
    assert judge(scoring, a=Opinion.add_score(70), b=Opinion.add_score(50)).score == score
    assert judge(scoring, a=Opinion.ban()).score == highest


def test_an_allowed_client_may_keep_its_score() -> None:
    """For HAProxy's own rules and its log; nobody bans it."""
    scoring = Scoring(of_allowed=True)
    allow, score = Opinion.allow("friend"), Opinion.add_score(70, "x")
    verdict = judge(scoring, lists=score, friends=allow)
    assert (verdict.banned, verdict.score, verdict.reason) == (False, 70, "friend")
    assert judge(scoring, lists=LISTED, friends=allow).score == 100
    assert judge(Scoring(), lists=score, friends=allow).score == 0


def test_shares_tell_who_adds_what() -> None:
    """Of an allow, and of a ban that is one, there is none."""
    scoring = Scoring(weights={"lists": 0.5}, bans={"lists": 60})
    assert scoring.share("lists", LISTED) == Share(60, 0.5)
    assert Share(60, 0.5).points == 30
    assert scoring.share("geoip", Opinion.add_score(7)) == Share(7)
    assert scoring.share("jails", LISTED) is None
    assert scoring.share("lists", Opinion.allow()) is None


def variables(box: EngineBox) -> tuple[object, object, object]:
    found = box.ask(CLIENT)
    return found["banned"], found["score"], found["ip_score"]


@pytest.fixture
def boxes() -> Iterator[list[EngineBox]]:
    started: list[EngineBox] = []
    yield started
    for box in started:
        box.close()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, (1, 100, 0)),
        ({"ban_scores": {"lists": 60}}, (0, 90, 10)),
        ({"ban_scores": {"lists": 60}, "weights": {"geoip": 2}}, (1, 100, 0)),
        ({"ban_scores": {"lists": 60}, "weights": {"geoip": 2}, "max_score": 500}, (1, 120, 0)),
        ({"max_score": 500}, (1, 500, 0)),
    ],
)
def test_what_is_configured_is_what_haproxy_gets(
    settings: Mapping[str, Json], told: tuple[int, int, int], boxes: list[EngineBox]
) -> None:
    """The reputation, which is 100 at best, is never below 0."""
    lists, geoip = Saying(LISTED), Saying(Opinion.add_score(30))
    boxes.append(EngineBox({"verdict": {**settings}}, lists=lists, geoip=geoip))
    assert variables(boxes[0]) == told


def test_a_reload_changes_it_at_once(boxes: list[EngineBox]) -> None:
    """What was remembered before is forgotten."""
    scorer = Saying(Opinion.add_score(30))
    boxes.append(EngineBox(geoip=scorer))
    assert variables(boxes[0]) == (0, 30, 70)
    weighed = EngineSettings(verdict=VerdictSettings(weights={"geoip": 2}))
    boxes[0].engine.replace(weighed, plugged(geoip=scorer))
    assert variables(boxes[0]) == (0, 60, 40)

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from tests.plugins.geoip.conftest import Rig
from webfail2ban import Query, Stance

GERMANY, FRANCE, NOBODY = "2.16.0.1", "2a00::1", "9.9.9.9"


def test_haproxy_learns_where_a_client_is(rig: Callable[..., Rig]) -> None:
    """By variables that are there without any rule, from several databases."""
    opinion = rig().ask(GERMANY)
    assert opinion.stance is Stance.NONE
    assert opinion.variables == {"country": "DE", "asn": 64500}


def test_what_nobody_knows_has_no_value(rig: Callable[..., Rig]) -> None:
    """So that nothing of another client stays in a scope that outlives the request."""
    assert rig().ask(NOBODY).variables == {"country": None, "asn": None}


def test_a_client_without_an_address_gets_no_opinion(rig: Callable[..., Rig]) -> None:
    """A unix-socket bind has none."""
    assert rig().plugin.opinion(Query("check-ip", (), None)) is None


@pytest.mark.parametrize("word", ["country:DE", "country:de", "continent:EU", "AS64500", "as64500"])
def test_a_rule_bans_by_any_word(word: str, rig: Callable[..., Rig]) -> None:
    """In small letters or capitals."""
    started = rig(rules=[{"of": [word], "then": "ban"}])
    opinion = started.ask(GERMANY)
    assert opinion.stance is Stance.BAN
    assert opinion.jail == "geoip"
    assert opinion.reason == "geoip: DE, AS64500 Example Hosting"
    assert opinion.variables["country"] == "DE"
    assert started.ask("3.0.0.1").stance is Stance.NONE


def test_a_rule_allows(rig: Callable[..., Rig]) -> None:
    """With a reason of the operator's."""
    opinion = rig(rules=[{"of": ["AS64501"], "then": "allow", "reason": "our office"}]).ask(FRANCE)
    assert (opinion.stance, opinion.reason) == (Stance.ALLOW, "our office")


def test_everybody_but_some(rig: Callable[..., Rig]) -> None:
    """A rule without `of` is about everybody whom a database knows."""
    started = rig(rules=[{"but": ["country:DE", "AS64501"], "then": "ban"}])
    assert started.ask(GERMANY).stance is Stance.NONE
    assert started.ask(FRANCE).stance is Stance.NONE
    assert started.ask("3.0.0.1").stance is Stance.BAN
    assert started.ask(NOBODY).stance is Stance.NONE


def test_scores_are_added_up(rig: Callable[..., Rig]) -> None:
    """Of all rules that fit, to a hundred at most."""
    rules = [
        {"of": ["continent:EU"], "then": 30, "reason": "Europe"},
        {"of": ["AS64500"], "then": 20, "reason": "a hoster"},
        {"of": ["country:FR"], "then": 90, "reason": "France"},
    ]
    started = rig(rules=rules)
    opinion = started.ask(GERMANY)
    assert (opinion.stance, opinion.score) == (Stance.SCORE, 50)
    assert opinion.reason == "Europe; a hoster"
    assert started.ask(FRANCE).score == 100


def test_the_first_that_says_the_end_is_it(rig: Callable[..., Rig]) -> None:
    """Scores before a pass stay, a ban or an allow is all there is."""
    pass_first = [
        {"of": ["continent:EU"], "then": 30},
        {"of": ["country:DE"], "then": "pass"},
        {"then": "ban"},
    ]
    started = rig(rules=pass_first)
    assert started.ask(GERMANY).score == 30
    assert started.ask(FRANCE).stance is Stance.BAN


@pytest.mark.parametrize(
    ("then", "stance", "score"),
    [("ban", Stance.BAN, 100), ("allow", Stance.ALLOW, 0), (15, Stance.SCORE, 15)],
)
def test_unknown_addresses_have_a_rule_of_their_own(
    then: object, stance: Stance, score: int, rig: Callable[..., Rig]
) -> None:
    """No other rule fits them, and private ones are not meant."""
    started = rig(rules=[{"of": ["country:DE"], "then": "ban"}], unknown=then)
    opinion = started.ask(NOBODY)
    assert (opinion.stance, opinion.score) == (stance, score)
    assert opinion.reason == "geoip: no database knows it"
    for private in ("10.0.0.1", "127.0.0.1", "fe80::1"):
        assert started.ask(private).stance is Stance.NONE


def test_other_plugins_learn_it_too(rig: Callable[..., Rig]) -> None:
    """As traits, which a jail's limits name."""
    found = rig().plugin.traits(ip_address(GERMANY))
    assert list(found) == ["country:DE", "continent:EU", "AS64500"]

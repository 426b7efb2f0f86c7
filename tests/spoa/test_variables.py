from math import inf

import pytest

from webfail2ban.model import Opinion, Value, Verdict
from webfail2ban.spoa.variables import LONGEST_TTL, MAX_TEXT, NO_VERDICT, TTL_SHARE, encode_verdict
from webfail2ban.spop import Scope, SetVar, UnsetVar, decode_actions
from webfail2ban.testing import NOON

PASSES = Verdict()


def banned(until: float, reason: str = "failed too often", jail: str = "dovecot") -> Verdict:
    return Verdict(True, 100, reason, jail, until, valid_until=until)


def values(
    verdict: Verdict, scope: Scope = Scope.TRANSACTION, now: float = NOON
) -> dict[tuple[Scope, str], Value]:
    """Return what HAProxy sets; what it unsets is left out."""
    encoded, _ = encode_verdict(verdict, scope, now)
    return {
        (action.scope, action.name): action.value
        for action in decode_actions(encoded)
        if isinstance(action, SetVar)
    }


def value(verdict: Verdict, name: str) -> Value:
    return values(verdict).get((Scope.TRANSACTION, name))


def test_a_client_that_passes() -> None:
    """Numbers are integers, so that HAProxy's `-m int` matches."""
    assert values(PASSES) == {
        (Scope.TRANSACTION, "banned"): 0,
        (Scope.TRANSACTION, "score"): 0,
        (Scope.SESSION, "ip_score"): 100,
    }


def test_a_banned_client() -> None:
    """With jail and reason for HAProxy's log."""
    found = values(banned(NOON + 600))
    assert found == {
        (Scope.TRANSACTION, "banned"): 1,
        (Scope.TRANSACTION, "score"): 100,
        (Scope.SESSION, "ip_score"): 0,
        (Scope.TRANSACTION, "ttl"): 600,
        (Scope.TRANSACTION, "jail"): "dovecot",
        (Scope.TRANSACTION, "reason"): "failed too often",
    }
    assert type(found[Scope.TRANSACTION, "banned"]) is int


def test_a_client_with_a_score() -> None:
    """A reputation counts the other way round."""
    found = values(Verdict(score=30, reason="asks for WordPress"))
    assert found[Scope.TRANSACTION, "score"] == 30
    assert found[Scope.SESSION, "ip_score"] == 70
    assert found[Scope.TRANSACTION, "reason"] == "asks for WordPress"


@pytest.mark.parametrize("scope", list(Scope))
def test_the_scope_is_as_configured(scope: Scope) -> None:
    """Except for the reputation, which is where SPOE.txt's example reads it."""
    found = values(banned(NOON + 600), scope)
    assert {where for where, name in found if name != "ip_score"} == {scope}
    assert (Scope.SESSION, "ip_score") in found


@pytest.mark.parametrize("scope", [Scope.PROCESS, Scope.SESSION])
def test_in_a_lasting_scope_nothing_old_stays(scope: Scope) -> None:
    """What the last verdict set is unset if this one has nothing to say of it."""
    encoded, _ = encode_verdict(PASSES, scope, NOON)
    unset = {action.name for action in decode_actions(encoded) if isinstance(action, UnsetVar)}
    assert unset == {"ttl", "jail", "reason"}


@pytest.mark.parametrize(
    ("left", "ttl"), [(0.001, 1), (1, 1), (1.5, 2), (59.999, 60), (60, 60), (-5, 1)]
)
def test_the_seconds_that_are_left_are_rounded_up(left: float, ttl: int) -> None:
    """A ban that has not ended has a second left at least."""
    assert value(banned(NOON + left), "ttl") == ttl


def test_a_permanent_ban_has_a_ttl_of_minus_one() -> None:
    """As fail2ban writes it."""
    assert value(banned(inf), "ttl") == -1


def test_a_ttl_fits_32_bits() -> None:
    """Whatever a plugin thinks of as for ever."""
    assert value(banned(1e300), "ttl") == LONGEST_TTL


@pytest.mark.parametrize("left", [1.5, 10.25, 64.5, 600, 86_400.75, 10**9])
def test_a_kept_answer_is_never_far_off(left: float) -> None:
    """By a second, or by a sixty-fourth of a long ban; never too low."""
    verdict = banned(NOON + left)
    _, until = encode_verdict(verdict, Scope.TRANSACTION, NOON)
    ttl = value(verdict, "ttl")
    assert isinstance(ttl, int)
    last = NOON + left - until  # the time left when the answer was used last
    assert NOON < until <= NOON + left
    assert 0 <= ttl - last <= max(1, ttl // TTL_SHARE) + 1


def test_an_answer_ends_with_the_verdict() -> None:
    """A plugin may say that it has to be asked again."""
    _, until = encode_verdict(Verdict(valid_until=NOON + 5), Scope.TRANSACTION, NOON)
    assert until == NOON + 5
    _, until = encode_verdict(PASSES, Scope.TRANSACTION, NOON)
    assert until == inf


@pytest.mark.parametrize(
    "text", ["a\r\nb", "a\x1b[31mb", "a\x00b", "a\u2028b", "a\x9bb", "a\u202eb", "a\ud800b"]
)
def test_a_reason_cannot_forge_a_line_of_haproxys_log(text: str) -> None:
    """It may hold what the client wrote; and so may a jail that a plugin makes up."""
    for found in (
        value(banned(inf, reason=text), "reason"),
        value(banned(inf, jail=text), "jail"),
    ):
        assert isinstance(found, str)
        assert found.isprintable()
        assert found.startswith("a")
        assert found.endswith("b")


def test_letters_of_any_language_stay() -> None:
    """They harm nobody."""
    assert value(banned(inf, reason="zu viele Versuche: Zoë 試"), "reason") == (
        "zu viele Versuche: Zoë 試"
    )


def test_a_long_reason_is_cut() -> None:
    """Nobody reads more in a log."""
    assert value(banned(inf, reason="x" * 1000), "reason") == "x" * MAX_TEXT


def test_a_permanent_score_ban_has_an_end_too() -> None:
    """Scores ban as long as the opinion that ends first."""
    opinion = Opinion.add_score(100, until=NOON + 30)
    verdict = Verdict(True, 100, until=NOON + 30, opinions=(("scorer", opinion),))
    assert value(verdict, "ttl") == 30


def test_no_verdict_is_an_action_without_effect() -> None:
    """An ACK without any hangs one version of HAProxy."""
    assert decode_actions(NO_VERDICT) == (UnsetVar(Scope.TRANSACTION, "nothing"),)


def test_what_plugins_tell_besides() -> None:
    """Texts and whole numbers, behind everything else; what has no value isn't set."""
    told = (("country", "DE"), ("asn", 4_294_967_295), ("city", None), ("isp", ""), ("zero", 0))
    found = values(Verdict(variables=told))
    assert list(found)[3:] == [(Scope.TRANSACTION, name) for name in ("country", "asn", "zero")]
    assert found[Scope.TRANSACTION, "country"] == "DE"
    assert found[Scope.TRANSACTION, "asn"] == 4_294_967_295


def test_what_plugins_tell_is_harmless_too() -> None:
    """It may be what somebody wrote into a registry."""
    assert value(Verdict(variables=(("isp", "a\r\nb" + "x" * 1000),)), "isp") == (
        "a??b" + "x" * (MAX_TEXT - 4)
    )


def test_in_a_lasting_scope_a_plugins_variable_is_unset_too() -> None:
    """Where it says that there is no value."""
    verdict = Verdict(variables=(("country", None), ("asn", 64500)))
    encoded, _ = encode_verdict(verdict, Scope.SESSION, NOON)
    unset = {action.name for action in decode_actions(encoded) if isinstance(action, UnsetVar)}
    assert unset == {"ttl", "jail", "reason", "country"}

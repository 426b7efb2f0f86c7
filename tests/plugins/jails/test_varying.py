from collections.abc import Callable

import pytest

from tests.plugins.jails.conftest import Rig
from webfail2ban import parse_address
from webfail2ban.testing import check_config
from webfail2ban_jails import Jails, JailSettings, JailsSettings
from webfail2ban_jails.varying import Varying

HOSTER, ABROAD, OTHER = "192.0.2.1", "198.51.100.1", "203.0.113.1"


def known(rig: Rig) -> Rig:
    """Say of two clients where they belong."""
    rig.engine.known_traits = {
        parse_address(HOSTER): ("country:DE", "AS64500"),
        parse_address(ABROAD): ("country:XX",),
    }
    return rig


def test_a_client_may_have_a_limit_of_its_own(rig: Callable[..., Rig]) -> None:
    """By what a plugin says of it; everybody else has the default."""
    jails = known(rig({"maxretry": {"default": 4, "as64500": 2, "country:xx": 3}}))
    for address, limit in ((HOSTER, 2), (ABROAD, 3), (OTHER, 4)):
        jails.fail(address, limit - 1)
        assert not jails.is_banned(address)
        jails.fail(address)
        assert jails.is_banned(address)


def test_the_first_word_that_fits_counts(rig: Callable[..., Rig]) -> None:
    """In the order in which they are written."""
    jails = known(rig({"maxretry": {"country:DE": 3, "AS64500": 1, "default": 9}}))
    jails.fail(HOSTER, 2)
    assert not jails.is_banned(HOSTER)
    jails.fail(HOSTER)
    assert jails.is_banned(HOSTER)


def test_failures_of_some_count_for_longer(rig: Callable[..., Rig]) -> None:
    """Also through a sweep: the longest findtime keeps the counts."""
    jails = known(rig({"maxretry": 2, "findtime": {"default": "1m", "country:XX": "1h"}}))
    for address in (ABROAD, OTHER):
        jails.fail(address)
    jails.clock.turn(600)
    jails.plugin.jails["dovecot"].sweep()
    for address in (ABROAD, OTHER):
        jails.fail(address)
    assert jails.is_banned(ABROAD)
    assert not jails.is_banned(OTHER)


def test_bans_of_some_last_longer(rig: Callable[..., Rig]) -> None:
    """For ever, too; and each grows from its own."""
    bantime = {"default": "1m", "AS64500": "1h", "country:XX": "permanent"}
    jails = known(rig({"maxretry": 1, "bantime": bantime, "bantime.increment": True}))
    for address in (HOSTER, ABROAD, OTHER):
        jails.fail(address)
    lasted = [ban.until - ban.since for ban in jails.bans]
    assert lasted == [3600, float("inf"), 60]
    jails.clock.turn(3600)
    jails.engine.bans.expire(10)
    jails.fail(HOSTER)
    assert jails.bans[-1].until - jails.bans[-1].since == 7200


def test_counts_of_a_jail_over_bans_differ_too(rig: Callable[..., Rig]) -> None:
    """Recidive, for instance."""
    limits = {"maxretry": {"default": 2, "AS64500": 1}, "bantime": "1h"}
    first = {"failregex": [r"^\S+ dovecot: .*rip=<HOST>$"], "maxretry": 1, "ignoreself": False}
    both = {"dovecot": first, "again": {"bans_of": ["*"], "ignoreself": False, **limits}}
    jails = known(rig(jails=both))
    jails.fail(HOSTER)
    jails.fail(OTHER)
    assert [ban.jail for ban in jails.bans] == ["dovecot", "again", "dovecot"]


def test_where_all_have_the_same_limits_nobody_is_asked(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of failures costs what it did."""
    jails = rig({"maxretry": 1})
    asked: list[object] = []
    monkeypatch.setattr(jails.engine, "traits", asked.append)
    jails.fail(OTHER)
    assert jails.is_banned(OTHER)
    assert asked == []


def test_defaults_for_all_jails_may_differ_by_client() -> None:
    """A jail that says something says all of it."""
    limit = {"default": 9, "AS64500": 2}
    jails = JailsSettings.model_validate(
        {"DEFAULT": {"maxretry": limit}, "a": {}, "b": {"maxretry": 3}}
    ).enabled
    assert jails["a"].maxretry_by == Varying(9, {"as64500": 2})
    assert jails["b"].maxretry_by == Varying(3)
    assert jails["a"].model_dump(by_alias=True)["maxretry"] == {"default": 9, "as64500": 2}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("maxretry: {AS64500: 2}", "maxretry must say what holds for everybody else"),
        ("maxretry: {default: 5, AS64500: 0}", "maxretry.AS64500 must be at least 1, not 0"),
        ("maxretry: {default: 5, DE: 2}", "must be default, or as country:DE or AS64500"),
        ("maxretry: true", "must be a whole number, not true"),
        ("maxretry: 0", "maxretry must be at least 1, not 0"),
        ("findtime: {default: soon}", "findtime.default must be a duration such as"),
        ("bantime: {default: 1h, 'country:XX': 0}", "bantime.country:XX must be more than 0"),
        ("bantime: {increment: true}", "stands beside it, as bantime.increment"),
    ],
)
def test_a_mistake_is_said_where_it_is(written: str, said: str) -> None:
    """With its line, in the words of whoever writes it."""
    text = f"plugins: [jails]\njails:\n  x:\n    filter: sshd\n    {written}\n"
    (problem,) = check_config(text, jails=Jails).problems
    assert problem.line == 5
    assert said in f"{problem.key.removeprefix('jails.x.')} {problem.message}"


def test_an_editor_knows_both_forms() -> None:
    """From the schema."""
    schema = JailSettings.model_json_schema()["properties"]["maxretry"]
    assert [form["type"] for form in schema["oneOf"]] == ["integer", "object"]
    assert schema["default"] == 5

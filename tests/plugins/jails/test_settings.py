from tests.plugged import plugged
from webfail2ban.config import examine, parse
from webfail2ban.plugin_settings import judge
from webfail2ban_jails import Jails, JailsSettings


def test_defaults_hold_for_every_jail_that_says_nothing_else() -> None:
    """As fail2ban's [DEFAULT]."""
    jails = JailsSettings.model_validate(
        {"DEFAULT": {"maxretry": 9, "findtime": "1h"}, "a": {}, "b": {"maxretry": 2}}
    ).enabled
    assert set(jails) == {"a", "b"}
    assert (jails["a"].maxretry, jails["a"].findtime) == (9, 3600)
    assert (jails["b"].maxretry, jails["b"].findtime) == (2, 3600)


def test_a_jail_may_repeat_the_built_in_value_against_the_default() -> None:
    """What is written counts, even if it is what would hold without DEFAULT."""
    jails = JailsSettings.model_validate({"DEFAULT": {"maxretry": 9}, "a": {"maxretry": 5}}).enabled
    assert jails["a"].maxretry == 5


def test_jails_can_be_switched_off_one_by_one_and_all() -> None:
    """As with fail2ban's enabled."""
    jails = JailsSettings.model_validate(
        {"DEFAULT": {"enabled": False}, "a": {}, "b": {"enabled": True}}
    ).enabled
    assert set(jails) == {"b"}


def test_a_sound_jail_is_looked_at_although_another_one_is_not() -> None:
    """And although the defaults aren't: what of them is right still counts."""
    plugins = plugged(jails=Jails())
    text = """\
plugins: [jails]
jails:
  DEFAULT: {maxretry: none, enabled: false}
  missing: {filter: nosuch, enabled: true}
  wrong: {filter: 7, enabled: true}
  half: {filter: nosuch, enabled: true, findtime: never}
  off: {filter: nosuch}
"""
    found = judge(plugins, examine(parse(text, "c"), plugins.models)).problems
    assert [(problem.line, problem.key) for problem in found] == [
        (3, "jails.DEFAULT.maxretry"),
        (4, "jails.missing.filter"),
        (5, "jails.wrong.filter"),
        (6, "jails.half.filter"),
        (6, "jails.half.findtime"),
    ]

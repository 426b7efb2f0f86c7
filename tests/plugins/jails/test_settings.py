import re
from pathlib import Path

from webfail2ban.testing import check_config
from webfail2ban_jails import Jails, JailSettings, JailsSettings
from webfail2ban_jails.escalation import Escalation

REFERENCE = Path(__file__).parents[3] / "config.yaml"


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
    text = """\
plugins: [jails]
jails:
  DEFAULT: {maxretry: none, enabled: false}
  missing: {filter: nosuch, enabled: true}
  wrong: {filter: 7, enabled: true}
  half: {filter: nosuch, enabled: true, findtime: never}
  off: {filter: nosuch}
"""
    found = check_config(text, jails=Jails).problems
    assert [(problem.line, problem.key) for problem in found] == [
        (3, "jails.DEFAULT.maxretry"),
        (4, "jails.missing.filter"),
        (5, "jails.wrong.filter"),
        (6, "jails.half.filter"),
        (6, "jails.half.findtime"),
    ]


def test_the_reference_configuration_shows_every_setting() -> None:
    """In a comment, if not in use."""
    named = set(re.findall(r"(?m)^[ #]+([a-z_.0-9]+):", REFERENCE.read_text()))
    words = {field.alias or name for name, field in JailSettings.model_fields.items()}
    unsaid = {"enabled", "ignoreregex", "datepattern"}  # as in fail2ban
    assert words - named <= unsaid


def test_the_bans_that_the_reference_shows_double_up_to_a_day() -> None:
    """What is commented out there works as its comment says."""
    words = dict(re.findall(r"(?m)^    # (bantime[a-z.]*): (5m|true|24h)$", REFERENCE.read_text()))
    growing = Escalation(JailSettings.model_validate(words))
    minutes = [growing.seconds(count) / 60 for count in range(10)]
    assert minutes == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]


def test_what_the_reference_shows_beside_its_jails_is_sound() -> None:
    """Uncommented as it stands."""
    text = REFERENCE.read_text()
    example = re.findall(r"(?m)^  # ((?:webmail|recidive|  ).*)$", text[text.index("\njails:") :])
    shown = "plugins: [jails]\njails:\n" + "".join(f"  {line}\n" for line in example)
    assert "recidive" in shown
    assert "successregex" in shown
    judgement = check_config(shown, jails=Jails)
    assert not judgement.problems
    assert not judgement.warnings

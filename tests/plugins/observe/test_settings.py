import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from webfail2ban import Offers
from webfail2ban.testing import check_config
from webfail2ban_jails import Jails
from webfail2ban_observe import Observe, ObserveSettings

FAILURE = {"when": {"status": 401}}


def test_one_of_several_needs_no_list() -> None:
    """Numbers, truths and texts stay what they are."""
    rules = [{"when": {"status": [401, "4xx"], "tls": True, "path": "/login"}}]
    written = ObserveSettings.model_validate({"web": {"failures": rules}}).root["web"]
    assert written.failures[0].when == {
        "status": (401, "4xx"),
        "tls": (True,),
        "path": ("/login",),
    }


@pytest.mark.parametrize(
    "web",
    [
        {},
        {"failures": []},
        {"failures": [{"when": {}}]},
        {"failures": [{"when": {"status": []}}]},
        {"failures": [{"when": {"path": "~("}}]},
        {"failures": [{**FAILURE, "weight": 0}]},
    ],
)
def test_what_can_never_count_is_refused(web: dict[str, Any]) -> None:
    """A jail without failures, a rule without conditions, a condition without patterns."""
    with pytest.raises(ValidationError):
        ObserveSettings.model_validate({"web": web})


def test_the_message_that_asks_is_none_to_observe() -> None:
    """There would be no verdicts any more."""
    settings = ObserveSettings.model_validate(
        {"web": {"message": "check-ip", "failures": [FAILURE]}}
    )
    (problem,) = Observe().check_settings(settings, Offers())
    assert problem.path == ("web", "message")
    assert not problem.warning


JAILS = """\
jails:
  web: {found_by: observe}
  off: {found_by: observe, enabled: false}
"""


def found(section: str, jails: str = JAILS) -> tuple[list[str], list[str]]:
    """Return the problems and the warnings of a configuration."""
    text = f"plugins: [jails, observe]\n{jails}observe:\n{section}"
    judgement = check_config(text, jails=Jails, observe=Observe)
    problems, warnings = judgement.problems, judgement.warnings
    return [problem.key for problem in problems], [f"{it.key} {it.message}" for it in warnings]


RULE = "{failures: [{when: {status: 401}}]}"


def test_rules_for_a_jail_that_is_not_in_use_are_warned_of() -> None:
    """With the one that was probably meant: before the first failure counts for nothing."""
    assert found(f"  web: {RULE}\n") == ([], [])
    problems, (wep, off) = found(f"  wep: {RULE}\n  off: {RULE}\n")
    assert problems == []
    assert wep == "observe.wep is no jail in use, and bans nobody; did you mean web?"
    assert off == "observe.off is no jail in use, and bans nobody"


def test_nothing_is_warned_of_where_the_jails_are_not_sound() -> None:
    """The jail may be the one with the mistake."""
    broken = "jails:\n  web: {found_by: observe, maxretry: 0}\n"
    assert found(f"  web: {RULE}\n", broken) == (["jails.web.maxretry"], [])


def test_what_the_reference_shows_is_sound() -> None:
    """Uncommented as it stands, with the jail that goes with it."""
    text = Path(__file__).parents[3].joinpath("config.yaml").read_text()
    jail = re.search(r"(?m)(?:^#   .*\n)+(?=#\n# Here)", text)
    rules = re.search(r"(?m)^# observe:\n(?:^#.*\n)+", text)
    assert jail
    assert rules
    shown = re.sub(r"(?m)^# ?", "", f"# jails:\n{jail[0]}{rules[0]}")
    written = f"plugins: [jails, observe]\n{shown}"
    judgement = check_config(written, jails=Jails, observe=Observe)
    assert not judgement.problems
    assert not judgement.warnings

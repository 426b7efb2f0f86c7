import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.plugged import plugged
from webfail2ban.config import examine, parse
from webfail2ban.plugin_settings import judge
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
    (problem,) = Observe().check_settings(settings)
    assert problem.path == ("web", "message")
    assert not problem.warning


def test_what_the_reference_shows_is_sound() -> None:
    """Uncommented as it stands, with the jail that goes with it."""
    text = Path(__file__).parents[3].joinpath("config.yaml").read_text()
    jail = re.search(r"(?m)(?:^#   .*\n)+(?=#\n# Here)", text)
    rules = re.search(r"(?m)^# observe:\n(?:^#.*\n)+", text)
    assert jail
    assert rules
    shown = re.sub(r"(?m)^# ?", "", f"# jails:\n{jail[0]}{rules[0]}")
    plugins = plugged(jails=Jails(), observe=Observe())
    document = parse(f"plugins: [jails, observe]\n{shown}", "config.yaml")
    judgement = judge(plugins, examine(document, plugins.models))
    assert not judgement.problems
    assert not judgement.warnings

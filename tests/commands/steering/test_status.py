import json

import pytest

from tests.commands.steering.conftest import Run
from webfail2ban.api.models import StatusReport
from webfail2ban.commands.steering.status import show_verdicts

pytestmark = pytest.mark.usefixtures("serving")


def test_what_is_wrong_is_told(run: Run) -> None:
    """In words; exit status 1."""
    run("ban", "192.0.2.66")
    ran = run("status")
    assert ran.status == 1
    assert ran.lines[0].startswith("engine webfail2ban ")
    assert ran.lines[0].endswith("not ready")
    assert "bans 1 in force" in ran.lines
    assert "sensor doesn't run" in ran.lines
    assert any(line.startswith("! ") and "nobody logs" in line for line in ran.lines)


def test_all_of_it_in_json(run: Run) -> None:
    """One document, with the same exit status."""
    ran = run("status", "--json")
    assert ran.status == 1
    found = json.loads(ran.out)
    assert found == StatusReport.model_validate(found).model_dump(mode="json")
    assert ran.out.count("\n") == 1


def test_verdicts_are_counted_by_outcome(run: Run) -> None:
    """The most frequent first; what never happened is left out."""
    report = StatusReport.model_validate(json.loads(run("status", "--json").out))
    asked = report.model_copy(update={"verdicts": {"banned": 5, "passed": 1234, "failed": 0}})
    assert show_verdicts(asked) == "passed 1,234, banned 5"

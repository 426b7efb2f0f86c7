from ipaddress import ip_address

from webfail2ban import Opinion, Query, hookimpl
from webfail2ban.api.checkreport import make_report
from webfail2ban.api.models import CheckReport
from webfail2ban.control import Control
from webfail2ban.reload.result import ReloadResult
from webfail2ban.testing import EngineBox

CLIENT = ip_address("192.0.2.1")


class Places:
    """Knows where everybody is at home."""

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        return Opinion.tell({"country": "DE", "asn": None}) if query.address else None


class Lists:
    """Has everybody on a list."""

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        return Opinion.ban("listed") if query.address else None


def check(box: EngineBox) -> CheckReport:
    report = make_report(Control(box.engine, lambda: ReloadResult.failed("no")).check(CLIENT))
    box.close()
    return report


def test_the_plugins_variables_are_told() -> None:
    """Those that have a value, as for HAProxy."""
    assert check(EngineBox(places=Places())).verdict.variables == {"country": "DE"}


def test_what_each_opinion_adds_is_told() -> None:
    """A ban that is a score has what it counts as; nothing else adds anything."""
    scored = EngineBox(
        {"verdict": {"ban_scores": {"lists": 60}, "weights": {"lists": 0.5}}},
        lists=Lists(),
        places=Places(),
    )
    report = check(scored)
    told = [(one.stance, one.score, one.weight, one.points) for one in report.opinions]
    assert told == [("ban", 60, 0.5, 30), ("none", 0, None, None)]
    assert (report.sum, report.threshold, report.verdict.score) == (30, 100, 30)
    report = check(EngineBox(lists=Lists()))
    assert [(one.score, one.points) for one in report.opinions] == [(100, None)]

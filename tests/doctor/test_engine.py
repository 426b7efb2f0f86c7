from typing import Any

import pytest

from webfail2ban.api.models import JailInfo, JailList, SourceInfo, SourceList, StatusReport
from webfail2ban.commands.doctor_report import describe_jails
from webfail2ban.doctor.engine import KINDS, UNREACHABLE, judge

#: An engine that does well.
STANDING: dict[str, Any] = {
    "version": "1.0",
    "started": 1.0,
    "uptime": 1.0,
    "ready": True,
    "bans": 1,
    "connections": 2,
    "verdicts": {},
    "sensor": {"running": True, "restarts": 0, "dropped": 0},
    "store": {"enabled": True, "healthy": True, "detail": ""},
    "problems": (),
}


def jail(**facts: Any) -> JailInfo:
    """A jail that does well, but for some facts."""
    well: dict[str, Any] = {
        "name": "dovecot",
        "plugin": "jails",
        "limits": {"filter": "dovecot", "maxretry": 5},
        "in_force": 1,
        "bans": 1,
        "failures": 7,
        "ignored": 0,
        "counted": 2,
        "lines": 20_000,
        "matches": 7,
        "dated": 20,
        "undated": 1,
        "slow": 0,
        "last_line": 1.0,
        "clock_offset": 0.4,
        "loudest": None,
        "loudest_share": 0.0,
    }
    return JailInfo.model_validate(well | facts)


def source(**facts: Any) -> SourceInfo:
    well: dict[str, Any] = {
        "name": "syslog",
        "plugin": "syslog",
        "lines": 20_000,
        "dropped": 0,
        "last_line": 1.0,
        "state": "listens",
    }
    return SourceInfo.model_validate(well | facts)


def found(
    jails: list[JailInfo], sources: list[SourceInfo], problems: tuple[str, ...] = ()
) -> list[str]:
    status = StatusReport.model_validate({**STANDING, "problems": problems})
    findings = judge(status, JailList(jails=tuple(jails)), SourceList(sources=tuple(sources)))
    return [finding.name for finding in findings]


def test_an_engine_that_does_well_has_no_finding() -> None:
    """Lines come, have dates, and the clock is right."""
    assert found([jail()], [source()]) == []


SHOWN = [
    ("jail-no-lines", jail(lines=0, failures=0), source()),
    ("jail-undated", jail(dated=0, undated=20), source()),
    ("jail-clock", jail(clock_offset=-3600.0), source()),
    ("jail-clock", jail(clock_offset=61.0), source()),
    ("jail-unmatched", jail(matches=0), source()),
    ("jail-slow", jail(slow=3), source()),
    ("source-silent", jail(), source(lines=0, last_line=None)),
    ("source-drops", jail(), source(dropped=4)),
]


@pytest.mark.parametrize(("name", "one", "other"), SHOWN, ids=[case[0] for case in SHOWN])
def test_what_is_wrong_with_a_running_engine_is_found(
    name: str, one: JailInfo, other: SourceInfo
) -> None:
    """By its name, and nothing else."""
    assert found([one], [other]) == [name]


def test_jails_without_a_source_see_nothing() -> None:
    """Nobody brings them lines."""
    assert found([jail()], []) == ["source-missing"]


def test_a_jail_with_failures_has_had_lines() -> None:
    """The sensor tells of failures at once, and counts lines now and then."""
    assert found([jail(lines=0, matches=0, dated=0, undated=0)], [source()]) == []


def test_jails_without_logs_need_no_lines() -> None:
    """They count what others found, or bans."""
    assert found([jail(limits={"found_by": "observe"}, lines=0)], []) == []


def test_what_the_engine_says_itself_is_told_once() -> None:
    """Not again where a finding says it."""
    problems = ("dovecot: stamps are 1h behind this machine's clock", "tail: /x isn't readable")
    names = found([jail(clock_offset=3600.0)], [source()], problems)
    assert names == ["jail-clock", "engine-problem"]


def test_every_kind_is_shown() -> None:
    """But for the engine that can't be asked, which the command finds."""
    shown = {name for name, _, _ in SHOWN} | {"source-missing", "engine-problem", UNREACHABLE.name}
    assert shown == {kind.name for kind in KINDS}


def test_an_engine_without_its_sensor_reads_no_log() -> None:
    """Nothing else is known of its jails then."""
    status = StatusReport.model_validate(
        {**STANDING, "sensor": {"running": False, "restarts": 1, "dropped": 0}}
    )
    (finding,) = judge(status, JailList(jails=(jail(),)), SourceList(sources=()))
    assert finding.sentence == "the sensor doesn't run: no log is read"


def test_jails_are_described() -> None:
    """What they see, in a line."""
    assert list(describe_jails(JailList(jails=(jail(), jail(limits={}))))) == [
        "jail dovecot: 20,000 lines, a date in 20 of 21, clock +0 s, 7 failures"
    ]

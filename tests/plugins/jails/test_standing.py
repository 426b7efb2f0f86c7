"""How jails stand: what they say of themselves, and what the watchdog makes of it."""

import json
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from webfail2ban import JailStatus, LogLines, Status
from webfail2ban.testing import NOON, find_problems

MakeRig = Callable[..., Any]

#: The same in the tests of detectors: looks for failures, and at lines that begin with a date.
REGEX = r"failed from <HOST>$"


def ask(rig: Any) -> Status:
    """Ask both halves, as the engine does: the report crosses as JSON."""
    report = json.loads(json.dumps(rig.plugin.report()))
    status: Status = rig.plugin.status(report)
    return status


def ask_jail(rig: Any) -> JailStatus:
    (jail,) = ask(rig).jails
    return jail


def watch(rig: Any) -> tuple[str, ...]:
    return find_problems({"jails": ask(rig)}, rig.clock)


def stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds)) + " +0000"


@pytest.fixture
def app(rig: MakeRig) -> Any:
    """A jail that reads a file."""
    return rig(jails={"app": {"failregex": [REGEX], "ignoreself": False, "findtime": 600}})


def read(rig: Any, *texts: str, live: bool = True, file: str = "app.log") -> None:
    """Let a followed file bring a block of lines, a second later."""
    rig.clock.turn(1)
    found = rig.plugin.detect(LogLines(texts, f"tail:/var/log/{file}", live=live))
    rig.plugin.count_failures(list(found))


def test_limits_are_told_as_configured(rig: MakeRig) -> None:
    """Forever is no number in JSON."""
    jail = rig(dovecot={"maxretry": 3, "findtime": "10m", "bantime": "permanent"})
    limits = ask_jail(jail).limits
    assert (limits["maxretry"], limits["findtime"], limits["bantime"]) == (3, 600.0, None)


def test_a_jail_tells_what_became_of_its_lines(app: Any) -> None:
    """Lines of others and those without a failure are lines all the same."""
    read(app, *["nothing"] * 7, f"{stamp(NOON)} failed from 192.0.2.1")
    jail = ask_jail(app)
    assert (jail.lines, jail.matches, jail.failures, jail.counted) == (8, 1, 1, 1)
    assert jail.last_line == NOON + 1


def test_lines_of_logs_that_a_jail_does_not_look_at_are_not_its_lines(rig: MakeRig) -> None:
    """Neither another source's nor another program's."""
    jails = rig(
        jails={
            "mail": {"failregex": [REGEX], "sources": ["tail:/var/log/mail.log"]},
            "ssh": {"failregex": [REGEX], "programs": ["sshd"], "sources": ["syslog"]},
        }
    )
    read(jails, "one", "two", file="mail.log")
    jails.detect("three", program="sshd")
    jails.detect("four", program="cron")
    assert {jail.name: jail.lines for jail in ask(jails).jails} == {"mail": 2, "ssh": 1}


def test_a_jail_with_two_filters_counts_its_lines_once(rig: MakeRig) -> None:
    """One of them looks for successes."""
    jail = rig(dovecot={"successregex": [r"login from <HOST>$"]})
    jail.log("host dovecot: hello", "login from 192.0.2.1")
    status = ask_jail(jail)
    assert (status.lines, status.matches) == (2, 0)


def test_a_jail_of_bans_has_no_lines(rig: MakeRig) -> None:
    """It has failures: the bans of others."""
    jails = rig(
        jails={
            "app": {"failregex": [REGEX], "maxretry": 1, "ignoreself": False},
            "recidive": {"bans_of": ["*"], "ignoreself": False},
        }
    )
    jails.log("failed from 192.0.2.1")
    recidive = ask(jails).jails[1]
    assert (recidive.lines, recidive.failures, recidive.last_line) == (0, 1, None)


def test_dates_are_looked_at_though_nothing_is_ever_found(app: Any) -> None:
    """One line of each log a second: a jail that is deaf must not seem to be quiet."""
    for _ in range(25):
        read(app, *["no date"] * 100)
    jail = ask_jail(app)
    assert (jail.lines, jail.dated, jail.undated) == (2500, 0, 25)
    assert watch(app) == ("app: 2,500 lines, none with a date that parses",)


def test_a_line_that_is_searched_is_not_counted_again(app: Any) -> None:
    """Nobody has read more dates than there are lines."""
    for _ in range(3):
        read(app, f"{stamp(NOON)} failed from 192.0.2.1")
        read(app, "failed from 192.0.2.1")
    jail = ask_jail(app)
    assert (jail.lines, jail.dated, jail.undated) == (6, 3, 3)


def test_a_flood_has_one_line_looked_at_a_second(app: Any) -> None:
    """What nobody needs costs nothing."""
    for _ in range(10):
        app.plugin.detect(LogLines(["no date"], "tail:/var/log/app.log"))
    for _ in range(10):
        list(app.plugin.detect(LogLines(["no date"], "tail:/var/log/app.log")))
    assert ask_jail(app).undated == 1


def test_lines_without_a_date_that_a_pattern_knows_are_well(rig: MakeRig) -> None:
    """Such a jail takes lines for what happens now."""
    jail = rig(jails={"app": {"failregex": [REGEX], "datepattern": ["{NONE}"]}})
    for _ in range(25):
        read(jail, "nothing")
    assert watch(jail) == ()


@pytest.mark.parametrize(("hours", "said"), [(1, "1h behind"), (-2, "2h ahead of"), (0, "")])
def test_stamps_that_are_off_are_said(app: Any, hours: int, said: str) -> None:
    """A log in another zone, though it says nothing of failures."""
    for _ in range(5):
        read(app, f"{stamp(app.clock() + 1 - hours * 3600)} hello")
    assert ask_jail(app).clock_offset == hours * 3600
    assert watch(app) == ((f"app: stamps are {said} this machine's clock",) if said else ())


def test_one_odd_stamp_is_no_clock(app: Any) -> None:
    """Nor is one among many."""
    read(app, f"{stamp(NOON - 7200)} hello")
    assert ask_jail(app).clock_offset is None
    for _ in range(4):
        read(app, f"{stamp(app.clock() + 1)} hello")
    assert ask_jail(app).clock_offset == 0


def test_old_lines_tell_nothing_of_a_clock(app: Any) -> None:
    """A file that is caught up with was written long ago."""
    for _ in range(5):
        read(app, f"{stamp(NOON - 7200)} hello", live=False)
    jail = ask_jail(app)
    assert (jail.dated, jail.clock_offset) == (5, None)


def test_of_several_logs_the_one_that_is_most_off_counts(app: Any) -> None:
    """The others being right doesn't help it."""
    for _ in range(3):
        read(app, f"{stamp(app.clock() + 1)} hello", file="one.log")
        read(app, f"{stamp(app.clock() + 1 - 3600)} hello", file="two.log")
    assert ask_jail(app).clock_offset == 3600


def test_a_log_that_says_nothing_for_an_hour_tells_nothing_of_a_clock(app: Any) -> None:
    """Somebody may have set it meanwhile."""
    for _ in range(3):
        read(app, f"{stamp(app.clock() + 1 - 3600)} hello")
    app.clock.turn(3601)
    assert ask_jail(app).clock_offset is None


def test_a_source_that_knows_the_time_tells_nothing_of_stamps(app: Any) -> None:
    """Syslog has the time of receipt, which is ours."""
    for _ in range(5):
        app.clock.turn(1)
        app.detect("hello")
    jail = ask_jail(app)
    assert (jail.dated, jail.clock_offset) == (5, None)


def test_hits_that_all_come_from_one_address_are_said(rig: MakeRig) -> None:
    """Banned or not: who goes on failing is no client that HAProxy asks about."""
    jail = rig()
    jail.fail("10.0.0.5", 30)
    status = ask_jail(jail)
    assert (status.failures, status.ignored, status.bans) == (5, 25, 1)
    assert (status.loudest, status.loudest_share) == (ip_address("10.0.0.5"), 1.0)
    (said,) = watch(jail)
    assert said.startswith("dovecot: all hits are from 10.0.0.5: is that a proxy")


def test_only_the_last_failures_count_for_who_is_loudest(rig: MakeRig) -> None:
    """What was long ago is over."""
    jail = rig()
    jail.fail("10.0.0.5", 100)
    for number in range(200):
        jail.fail(f"192.0.2.{number}")
    assert ask_jail(jail).loudest_share == 1 / 200


def test_what_was_loud_stays_so_behind_a_reload(rig: MakeRig) -> None:
    """The new jail goes on with it."""
    jail = rig()
    jail.fail("10.0.0.5", 30)
    jail.reload(jail.settings.root)
    assert ask_jail(jail).loudest_share == 1.0


def test_a_filter_that_is_set_aside_is_a_problem(rig: MakeRig) -> None:
    """In words, beside the jails that go on."""
    jails = rig(
        jails={"slow": {"failregex": [r"^(a+)+ from <HOST>$"]}, "fast": {"failregex": [REGEX]}},
        line_timeout="20ms",
    )
    jails.log(*["a" * 60 + " from nowhere"] * 5)
    status = ask(jails)
    assert [jail.slow for jail in status.jails] == [5, 0]
    assert watch(jails) == (
        "jails: slow: filter slow is set aside: 5 lines within 1h took longer than 0.02 s",
    )


def test_without_a_sensor_a_jail_tells_its_counts(rig: MakeRig) -> None:
    """It is being started again, and its numbers with it."""
    jail = rig()
    jail.fail("192.0.2.1")
    (status,) = jail.plugin.status(None).jails
    assert (status.failures, status.lines, status.last_line) == (1, 0, None)


def test_failures_of_a_trusted_proxy_are_ignored_and_told(rig: MakeRig) -> None:
    """They tell of a log without the clients' addresses."""
    jail = rig(trusted_proxies=["10.0.0.5"])
    jail.fail("10.0.0.5", 30)
    status = ask_jail(jail)
    assert (status.failures, status.ignored, status.bans) == (0, 30, 0)
    assert status.loudest == ip_address("10.0.0.5")

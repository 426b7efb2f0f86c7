import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webfail2ban import Offers, SettingsProblem
from webfail2ban.testing import NOON

MakeRig = Callable[..., Any]


def stamp(seconds: float) -> str:
    """Write a time as RFC 3339 with its zone."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def test_a_jail_looks_at_its_sources_only(rig: MakeRig) -> None:
    """Named by patterns."""
    regex = [r"host app: failed from <HOST>$"]
    jail = rig(jails={"app": {"failregex": regex, "sources": ["tail:/var/log/app*"]}})
    text = "host app: failed from 192.0.2.1"
    assert jail.detect(text, source="tail:/var/log/app.log")
    assert not jail.detect(text, source="tail:/var/log/mail.log")
    assert not jail.detect(text, source="syslog")


def test_a_jail_looks_at_its_programs_only(rig: MakeRig) -> None:
    """Where the source tells them; a line of no known program is for every jail."""
    regex = [r"failed from <HOST>$"]
    jail = rig(jails={"app": {"failregex": regex, "programs": ["app", "postfix/*"]}})
    text = "failed from 192.0.2.1"
    assert jail.detect(text, program="postfix/smtpd")
    assert jail.detect(text, program="")
    assert not jail.detect(text, program="webmail")


def test_a_line_may_be_a_failure_for_several_jails(rig: MakeRig) -> None:
    """In the order of the configuration."""
    regex = [r"failed from <HOST>$"]
    jail = rig(jails={"b": {"failregex": regex}, "a": {"failregex": regex}})
    assert [failure.jail for failure in jail.detect("failed from 192.0.2.1")] == ["b", "a"]


def test_a_line_that_matches_like_an_address_and_is_none_is_no_failure(rig: MakeRig) -> None:
    """Nobody has 999.1.1.1."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST>$"]}})
    assert not jail.detect("failed from 999.1.1.1")


def test_a_host_name_is_no_failure(rig: MakeRig) -> None:
    """An attacker owns his reverse DNS; resolving it would let him choose whom we ban."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST>$"]}})
    assert not jail.detect("failed from victim.example.com")


def test_a_date_in_the_line_tells_the_time(rig: MakeRig) -> None:
    """Where the source doesn't."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST>$"]}})
    line = f"{stamp(NOON - 30)} failed from 192.0.2.1"
    (failure,) = jail.detect(line, time=None)
    assert failure.time == NOON - 30


def test_a_live_line_whose_clock_is_off_happened_now(rig: MakeRig) -> None:
    """A zone that was forgotten must not make a jail deaf."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST>$"]}})
    for hours in (-1, 1):
        line = f"{stamp(NOON + hours * 3600)} failed from 192.0.2.1"
        (failure,) = jail.detect(line, time=None)
        assert failure.time == NOON


def test_an_old_line_counts_when_it_happened(rig: MakeRig) -> None:
    """While an old log is caught up with; further back than findtime it doesn't count."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST>$"], "findtime": 600}})
    recent, ancient = (f"{stamp(NOON - ago)} failed from 192.0.2.1" for ago in (300, 601))
    (failure,) = jail.detect(recent, ancient, time=None, live=False)
    assert failure.time == NOON - 300


def test_an_old_line_without_a_date_does_not_count(rig: MakeRig) -> None:
    """Nobody knows when it was written; a live one was written now."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST>$"]}})
    assert not jail.detect("failed from 192.0.2.1", time=None, live=False)
    (failure,) = jail.detect("failed from 192.0.2.1", time=None)
    assert failure.time == NOON


def test_long_lines_are_kept_in_part(rig: MakeRig) -> None:
    """Whoever writes them must not fill our memory."""
    jail = rig(jails={"a": {"failregex": [r"failed from <HOST> "]}})
    (failure,) = jail.detect("failed from 192.0.2.1 " + "x" * 8000)
    assert len(failure.lines[0]) == 1000


def test_what_else_the_filter_found_comes_along(rig: MakeRig) -> None:
    """The user's name, the port."""
    jail = rig(jails={"a": {"failregex": [r"failed for <F-USER>\S+</F-USER> from <HOST>$"]}})
    (failure,) = jail.detect("failed for root from 192.0.2.1")
    assert failure.fields["user"] == "root"


def test_an_ignoreregex_takes_a_failure_back(rig: MakeRig) -> None:
    """As in fail2ban's filters."""
    regex = [r"failed for \S+ from <HOST>$"]
    jail = rig(jails={"a": {"failregex": regex, "ignoreregex": ["for monitor from"]}})
    assert not jail.detect("failed for monitor from 192.0.2.1")
    assert jail.detect("failed for root from 192.0.2.1")


def test_programs_that_senders_invent_cost_no_memory(rig: MakeRig) -> None:
    """What is kept for each is bounded."""
    jail = rig()
    for number in range(3000):
        jail.detect("nothing", program=f"invented{number}")
    assert len(jail.plugin._detector._logs) <= 1000


@pytest.fixture
def filters(tmp_path: Path) -> Path:
    (tmp_path / "mine.conf").write_text("[Definition]\nfailregex = ^mine: <HOST>$\n")
    return tmp_path


def test_a_filter_is_found_by_its_name(rig: MakeRig, filters: Path) -> None:
    """The operator's own directories come first."""
    jail = rig(jails={"mine": {"filter": "mine"}}, dirs=(filters,))
    assert jail.detect("mine: 192.0.2.1")


def test_every_filter_that_is_wrong_is_told(rig: MakeRig, filters: Path) -> None:
    """With the setting that names it."""
    (filters / "broken.conf").write_text("[Definition]\nfailregex = ^(<HOST>$\n")
    jail = rig()
    settings = jail.plugin.Settings.model_validate(
        {
            "missing": {"filter": "nosuch"},
            "broken": {"filter": "broken"},
            "hostless": {"failregex": ["^nobody$"]},
            "both": {"filter": "mine", "failregex": ["<HOST>"]},
            "neither": {"maxretry": 3},
            "off": {"filter": "nosuch", "enabled": False},
            "fine": {"filter": "mine"},
        }
    )
    engine_settings = type(jail.engine_settings).model_validate({"filter": {"dirs": (filters,)}})
    problems = {
        problem.path: problem.message
        for problem in jail.plugin.check_settings(
            settings, engine_settings, again=False, offers=Offers()
        )
    }
    assert set(problems) == {
        ("missing", "filter"),
        ("broken", "filter"),
        ("hostless", "failregex"),
        ("both", "filter"),
        ("neither",),
    }
    assert "broken.conf: failregex" in problems["broken", "filter"]


@pytest.mark.parametrize(
    ("jail", "path", "said"),
    [
        ({"failregex": [r"^(a+)+ <HOST>$"]}, "failregex", "odd: failregex 1: (a+)+ can match"),
        ({"failregex": ["from <HOST>"]}, "failregex", "odd: failregex 1: does not begin with ^"),
        ({"filter": "mine", "usedns": "warn"}, "filter", "mine: failregex 1: a host name is"),
    ],
)
def test_expressions_that_harm_are_warned_of(
    rig: MakeRig, filters: Path, jail: dict[str, Any], path: str, said: str
) -> None:
    """Unless the jail says that they are known, or it was done before."""
    made = rig()
    engine_settings = type(made.engine_settings).model_validate({"filter": {"dirs": (filters,)}})

    def check(again: bool = False, **jails: object) -> list[SettingsProblem]:
        settings = made.plugin.Settings.model_validate(jails)
        return list(
            made.plugin.check_settings(settings, engine_settings, again=again, offers=Offers())
        )

    [problem] = check(odd=jail, fine={"filter": "mine"})
    assert problem.warning
    assert problem.path == ("odd", path)
    assert problem.message.startswith(said)
    assert not check(odd={**jail, "lint": False}, fine={"filter": "mine"})
    assert not check(again=True, odd=jail), "they were said before"


def test_an_option_that_means_nothing_to_the_filter_is_warned_of(rig: MakeRig) -> None:
    """Whoever gives a mode believes to have it, also where expressions are known to be harmful."""
    made = rig()
    jails = {"odd": {"filter": "sshd[mode=agressive]", "lint": False}}
    settings = made.plugin.Settings.model_validate(jails)
    [problem] = made.plugin.check_settings(
        settings, made.engine_settings, again=False, offers=Offers()
    )
    assert (problem.path, problem.warning) == (("odd", "filter"), True)
    assert problem.message.endswith("did you mean aggressive?")


def test_failures_come_in_the_order_of_their_lines(rig: MakeRig) -> None:
    """Though one filter after the other searches a block; of one line, in the jails' order."""
    jails = {name: {"failregex": [f"^{name} <HOST>$", "^both <HOST>$"]} for name in ("a", "b")}
    jail = rig(jails=jails)
    found = jail.detect("b 192.0.2.1", "a 192.0.2.2", "both 192.0.2.3", "b 192.0.2.4")
    assert [(failure.jail, str(failure.address)) for failure in found] == [
        ("b", "192.0.2.1"),
        ("a", "192.0.2.2"),
        ("a", "192.0.2.3"),
        ("b", "192.0.2.3"),
        ("b", "192.0.2.4"),
    ]


HOSTILE = {"failregex": [r"^(a+)+ <HOST>$"], "ignoreself": False}
SLOW_LINE = "a" * 60 + " 192.0.2.1 !"


def test_a_line_that_takes_too_long_costs_itself_only(
    rig: MakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    """What other jails found in it counts, and so do the lines behind it; the filter is named."""
    first = {"failregex": [r"^a+ (?P<ip4>192\.0\.2\.\d+)"]}
    jail = rig(jails={"first": first, "hostile": HOSTILE}, line_timeout="20ms")
    found = jail.detect(SLOW_LINE, "aaa 192.0.2.2")
    assert [(failure.jail, str(failure.address)) for failure in found] == [
        ("first", "192.0.2.1"),
        ("first", "192.0.2.2"),
        ("hostile", "192.0.2.2"),
    ]
    assert "filter hostile of jail hostile was too slow for a line" in caplog.text


def test_a_filter_that_is_too_slow_again_and_again_is_set_aside(
    rig: MakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    """With a loud word; the other jails go on."""
    good = {"failregex": [r"^aaa <HOST>$"]}
    jail = rig(jails={"hostile": HOSTILE, "good": good}, line_timeout="10ms")
    jail.detect(*[SLOW_LINE] * 5)
    assert "jail hostile is SET ASIDE until the next start" in caplog.text
    assert [failure.jail for failure in jail.detect("aaa 192.0.2.1")] == ["good"]
    jail.detect(*[SLOW_LINE] * 5)
    assert caplog.text.count("was too slow for a line") == 5


def test_slow_lines_now_and_then_set_nothing_aside(rig: MakeRig) -> None:
    """Five in an hour do; an accident a day doesn't."""
    jail = rig(jails={"hostile": HOSTILE}, line_timeout="10ms")
    for _ in range(6):
        jail.detect(SLOW_LINE)
        jail.clock.turn(1800)
    assert jail.detect("aaa 192.0.2.1")

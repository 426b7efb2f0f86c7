"""What check-config finds in the limits of jails."""

from collections.abc import Callable

import pytest

from webfail2ban.testing import check_config
from webfail2ban_jails import Jails

Check = Callable[[str], tuple[list[str], list[str]]]

FAILREGEX = "failregex: ['^x <F-USER>[a-z]+</F-USER> <HOST>$']"


def check(text: str, rest: str = "") -> tuple[list[str], list[str]]:
    """Return the problems and the warnings of a section `jails`."""
    found = check_config(f"plugins: [jails]\njails:\n{text}{rest}", jails=Jails)
    problems, warnings = (
        [f"{it.line}: {it.key} {it.message}" for it in some]
        for some in (found.problems, found.warnings)
    )
    return problems, warnings


def jail(*lines: str, name: str = "x", expressions: str = FAILREGEX) -> str:
    return "\n".join([f"  {name}:", f"    {expressions}", *(f"    {line}" for line in lines), ""])


@pytest.mark.parametrize(
    "lines",
    [
        ("bantime.increment: true", "bantime.maxtime: 1w", "bantime.rndtime: 10m"),
        ("bantime.increment: true", "bantime.factor: 2.0 / 2.885385", "bantime.overalljails: yes"),
        ("bantime.increment: true", "bantime.multipliers: 1 2 4 8"),
        ("bantime.increment: true", "bantime.formula: ban.Time * math.exp(ban.Count)"),
        ("count_by: user",),
        ("count_by: network", "network: {ipv4: 26}"),
        ("successregex: ['^y <F-USER>[a-z]+</F-USER> <HOST>$']",),
    ],
)
def test_sound_limits_are_no_problem(lines: tuple[str, ...]) -> None:
    """In fail2ban's own words."""
    assert check(jail(*lines)) == ([], [])


@pytest.mark.parametrize("by", ["network", "user"])
def test_a_score_takes_a_jail_that_counts_addresses(by: str) -> None:
    """What a whole network did isn't a client's, and whose a user is takes long to find."""
    said = f"takes count_by: address, not {by}: a client's own failures make it"
    assert check(jail("score: 40", f"count_by: {by}"))[0] == [f"5: jails.x.score {said}"]


def test_a_recidive_jail_needs_no_filter() -> None:
    """Nor a log."""
    text = jail("maxretry: 5", "findtime: 1d", name="recidive", expressions="bans_of: ['*']")
    assert check(text) == ([], [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "bantime.formula: ban.Time *",
            "bantime.formula must be a formula such as ban.Time * ban.Count, not ban.Time *",
        ),
        (
            "bantime.formula: __import__('os').system('rm')",
            "bantime.formula must be arithmetic, and __import__('os').system is none",
        ),
        (
            "bantime.formula: ban.Time / (3 - ban.Count)",
            "bantime.formula can't be computed when ban.Count is 3: division by zero",
        ),
        (
            "bantime.factor: 0",
            "bantime.factor must be a number above zero, or arithmetic that makes one, not 0",
        ),
        ("bantime.multipliers: 1 two", "bantime.multipliers must be a number, not '1 two'"),
        ("bantime.maxtme: 1d", "bantime.maxtme is no setting"),
        (
            "bantime: {increment: true}",
            "bantime must be a duration; what else there is stands beside it, as bantime.increment",
        ),
        ("ban: both", "ban must be address or network, not 'both'"),
        ("score: 101", "score must be at most 100, not 101"),
        ("network: {ipv4: 33}", "network.ipv4 must be at most 32, not 33"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(line: str, problem: str) -> None:
    """Before anything starts."""
    text = jail("bantime.increment: true", line)
    assert check(text)[0] == [f"6: jails.x.{problem}"]


@pytest.mark.parametrize(
    ("lines", "warning"),
    [
        (("bantime.factor: 2",), "5: jails.x.bantime.factor means nothing without"),
        (
            ("bantime.increment: true", "bantime.maxtime: 1m"),
            "6: jails.x.bantime.maxtime is 1m, and no ban is shorter than bantime, 10m",
        ),
        (
            ("bantime.increment: true", "bantime.multipliers: 1 2", "bantime.formula: ban.Time"),
            "7: jails.x.bantime.formula means nothing where there are bantime.multipliers",
        ),
        (("network: {ipv4: 26}",), "5: jails.x.network means nothing unless count_by or ban"),
        (("count_by: username",), "5: jails.x.count_by is username, which its filter doesn't find"),
        (
            ("successregex: ['^y <HOST>$']",),
            "5: jails.x.successregex takes nothing back: no user is found in successes (<F-USER>)",
        ),
        (
            ("successregex: ['passed from <HOST>']", "reset_on_success: address"),
            "5: jails.x.successregex x: failregex 1: does not begin with ^",
        ),
    ],
)
def test_what_contradicts_itself_is_a_warning(lines: tuple[str, ...], warning: str) -> None:
    """The program starts all the same."""
    problems, warnings = check(jail(*lines))
    assert not problems
    assert len(warnings) == 1
    assert warnings[0].startswith(warning)


def test_a_memory_shorter_than_a_ban_is_a_warning() -> None:
    """Who comes back after it would begin anew."""
    text = jail("bantime: 2d", "bantime.increment: true")
    (warning,) = check(text, "store: {purge_age: 1d}\n")[1]
    assert warning == (
        "6: jails.x.bantime.increment counts bans that ended no longer ago than store.purge_age,"
        " 1d: who waits so long after a ban begins anew; make it 2d or more"
    )
    assert check(text, "store: {purge_age: 2d}\n") == ([], [])


def test_a_jail_may_do_without_the_increment_of_the_defaults() -> None:
    """What is inherited for it means nothing there, and that is meant so."""
    text = "  DEFAULT: {bantime.increment: true, bantime.maxtime: 1w}\n"
    assert check(text + jail("bantime.increment: false")) == ([], [])


def test_a_jail_over_bans_looks_at_no_lines() -> None:
    """Neither by a filter nor by expressions, and a ban has no fields."""
    text = jail("filter: sshd", "count_by: user", name="r", expressions="bans_of: ['*']")
    assert check(text)[0] == [
        "5: jails.r.filter means nothing to a jail with bans_of, which looks at no lines",
        "6: jails.r.count_by must be address or network where bans are counted, not user",
    ]


def test_a_jail_over_bans_of_nobody_is_a_warning() -> None:
    """Unless it is a pattern: those jails may come."""
    text = jail(name="r", expressions="bans_of: [sshd, r, manual, 'post*']")
    assert check(text)[1] == [
        "4: jails.r.bans_of[0] names sshd, and there is no such jail",
        "4: jails.r.bans_of[1] names the jail itself, whose own bans never count",
    ]

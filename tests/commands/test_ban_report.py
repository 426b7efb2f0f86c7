from math import inf

import click

from webfail2ban import Ban, parse_network
from webfail2ban.commands.ban_report import Side, SidedBan, compare, describe_ban, show_bans
from webfail2ban.commands.times import show_time

NOON = 1_787_400_000.0


def ban(client: str, since: float = NOON, seconds: float = 600, jail: str = "app") -> Ban:
    return Ban(
        parse_network(client),
        jail,
        since,
        since + seconds,
        "3 failures in 9s",
        lines=("a", "b\x1b"),
    )


def test_a_ban_is_described() -> None:
    """Times without a fraction are integers."""
    assert describe_ban(SidedBan(ban("192.0.2.7"), None)) == {
        "network": "192.0.2.7",
        "jail": "app",
        "since": 1787400000,
        "until": 1787400600,
        "duration": 600,
        "reason": "3 failures in 9s",
        "lines": ["a", "b\x1b"],
    }


def test_a_ban_for_ever_has_no_end() -> None:
    """JSON has no infinity."""
    facts = describe_ban(SidedBan(ban("2001:db8::/64", seconds=inf), Side.ONLY_THERE))

    assert facts["network"] == "2001:db8::/64"
    assert facts["until"] is None
    assert facts["duration"] is None
    assert facts["change"] == "-"


def test_bans_are_shown_with_their_lines() -> None:
    """Control characters made harmless."""
    shown = click.unstyle(show_bans([SidedBan(ban("192.0.2.7"), None)], with_lines=True))

    when = show_time(NOON)
    assert shown.split("\n") == [
        f"{'banned at':{len(when)}}  client     jail  for  why",
        f"{when}  192.0.2.7  app   10m  3 failures in 9s",
        "    a",
        "    b#033",
    ]


def test_bans_are_shown_without_their_lines() -> None:
    """And an endless one as such."""
    shown = show_bans([SidedBan(ban("192.0.2.7", seconds=inf), None)], with_lines=False)

    assert "  ever  " in shown
    assert "    a" not in shown


def test_the_same_bans_are_no_difference() -> None:
    """Whatever lines led to them."""
    here = [ban("192.0.2.7"), ban("192.0.2.8")]
    there = [ban("192.0.2.8"), Ban(here[0].network, "app", NOON, NOON + 600, lines=("c",))]

    assert compare(here, there) == []


def test_what_only_one_side_has_is_a_difference() -> None:
    """In the order of time; a ban of another length is another ban."""
    longer = ban("192.0.2.8", NOON + 5, 3600)
    here = [ban("192.0.2.7", NOON + 9), longer]
    there = [ban("192.0.2.8", NOON + 5), ban("192.0.2.6", NOON, jail="other")]

    assert compare(here, there) == [
        SidedBan(there[1], Side.ONLY_THERE),
        SidedBan(there[0], Side.ONLY_THERE),
        SidedBan(longer, Side.ONLY_HERE),
        SidedBan(here[0], Side.ONLY_HERE),
    ]


def test_a_repeated_ban_counts_as_often_as_it_is_there() -> None:
    """Two are not one."""
    assert compare([ban("192.0.2.7")] * 2, [ban("192.0.2.7")]) == [
        SidedBan(ban("192.0.2.7"), Side.ONLY_HERE)
    ]


def test_differences_are_shown_with_their_sign() -> None:
    """As diff does."""
    sided = [
        SidedBan(ban("192.0.2.7"), Side.ONLY_HERE),
        SidedBan(ban("192.0.2.8"), Side.ONLY_THERE),
    ]

    _, here, there = click.unstyle(show_bans(sided, with_lines=False)).split("\n")

    assert here.startswith("+  20")
    assert there.startswith("-  20")

import json
from ipaddress import ip_network

import pytest

from tests.commands.steering.conftest import Run
from webfail2ban.api.models import BanInfo
from webfail2ban.commands.steering.bans import ORDERS

pytestmark = pytest.mark.usefixtures("serving")

HOSTILE = "\x1b[31m[red]\x9b2J\u202eevil[/red] :smiley:"


def test_nobody_is_banned(run: Run) -> None:
    """That is no failure."""
    ran = run("bans")
    assert (ran.status, ran.out) == (0, "Nobody is banned.\n")
    assert run("bans", "--json").out == ""


def test_bans_are_shown_as_a_table(run: Run) -> None:
    """Who, by whom, since when, until when, why."""
    run("ban", "192.0.2.66", "--for", "permanent", "--reason", "guesses")
    head, row = run("bans").lines
    assert head == "client jail banned ends why"
    assert row.startswith("192.0.2.66 manual ")
    assert row.endswith(" never guesses")


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("--jail", "spam"), {"198.51.100.0/24"}),
        (("--covering", "198.51.100.7"), {"198.51.100.0/24"}),
        (("--inside", "192.0.2.0/24"), {"192.0.2.1", "192.0.2.2"}),
        (("--reason", "SECOND"), {"192.0.2.2"}),
        (("--inside", "192.0.2.0/24", "--reason", "first"), {"192.0.2.1"}),
        (("--limit", "2"), {"192.0.2.1", "192.0.2.2"}),
        (("--limit", "2", "--all"), {"192.0.2.1", "192.0.2.2", "198.51.100.0/24"}),
    ],
)
def test_bans_are_narrowed_down(run: Run, args: tuple[str, ...], found: set[str]) -> None:
    """By all conditions together."""
    run("ban", "192.0.2.1", "--reason", "the first")
    run("ban", "192.0.2.2", "--reason", "the second")
    run("ban", "198.51.100.0/24", "--jail", "spam")
    ran = run("bans", "--json", *args)
    assert {json.loads(line)["network"] for line in ran.out.splitlines()} == found


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("ending", "192.0.2.1"),
        ("network", "192.0.2.1"),
        ("jail", "192.0.2.2"),
    ],
)
def test_bans_are_sorted(run: Run, order: str, first: str) -> None:
    """All of them, whatever the limit shows."""
    run("ban", "192.0.2.2", "--for", "3d", "--jail", "mail")
    run("ban", "192.0.2.1", "--for", "1d", "--jail", "web")
    run("ban", "198.51.100.0/24", "--for", "2d", "--jail", "spam")
    ran = run("bans", "--sort", order, "--limit", "1")
    assert ran.lines[1].startswith(first)
    assert ran.lines[-1] == "1 of 3 bans; --all shows all."
    everything = run("bans", "--sort", order, "--json").out.splitlines()
    assert json.loads(everything[0])["network"] == first
    assert len(everything) == 3


@pytest.mark.parametrize(
    ("order", "found"), [("newest", [3, 2, 1]), ("oldest", [1, 2, 3]), ("repeated", [2, 1, 3])]
)
def test_the_newest_and_the_worst_come_first(order: str, found: list[int]) -> None:
    """Or the oldest."""
    bans = [
        BanInfo(network=ip_network("192.0.2.1"), jail="x", since=since, until=9.0, count=count)
        for since, count in ((1.0, 4), (2.0, 9), (3.0, 0))
    ]
    assert [ban.since for ban in sorted(bans, key=ORDERS[order])] == found


def test_all_pages_are_fetched(run: Run) -> None:
    """A page has a thousand; none is there twice."""
    addresses = [f"10.0.{number >> 8}.{number & 255}" for number in range(1500)]
    run("ban", *addresses)
    listed = [
        json.loads(line)["network"] for line in run("bans", "--all", "--json").out.split("\n")[:-1]
    ]
    assert sorted(listed) == sorted(addresses)
    assert run("bans", "--limit", "3").lines[-1] == "3 of 1,500 bans; --all shows all."


def test_what_is_not_shown_is_told(run: Run) -> None:
    """Of a search nobody knows how many there are."""
    run("ban", "192.0.2.1", "192.0.2.2", "192.0.2.3")
    assert run("bans", "--jail", "x").out == "No such ban; 3 bans in force.\n"
    ran = run("bans", "--limit", "1", "--jail", "manual")
    assert ran.lines[-1] == "There may be more; --all shows them. 3 bans in force altogether."


def test_a_reason_cannot_steer_the_terminal(run: Run) -> None:
    """Nor is anything in it markup; in JSON all of it is there, escaped."""
    run("ban", "192.0.2.66", "--reason", HOSTILE)
    shown = run("bans").out
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert "[red]" in shown
    assert ":smiley:" in shown
    machine = run("bans", "--json").out
    assert machine.isascii()
    assert json.loads(machine)["reason"] == HOSTILE


def test_a_long_reason_is_whole_where_no_terminal_is(run: Run) -> None:
    """Another program reads it."""
    reason = "guesses " * 60
    run("ban", "192.0.2.66", "--reason", reason.strip())
    assert reason.strip() in run("bans").out

import io
import json
import sys

import pytest

from tests.commands.steering.conftest import Run

pytestmark = pytest.mark.usefixtures("serving")


def test_several_bans_are_lifted(run: Run) -> None:
    """Addresses and networks."""
    run("ban", "192.0.2.66", "198.51.100.0/24")
    ran = run("unban", "192.0.2.66", "198.51.100.0/24")
    assert (ran.status, ran.out, ran.err) == (0, "2 bans lifted.\n", "")
    assert run("bans").out == "Nobody is banned.\n"


def test_who_is_not_banned_is_named(run: Run) -> None:
    """Exit status 1; the others' bans are lifted."""
    run("ban", "192.0.2.66")
    ran = run("unban", "192.0.2.66", "192.0.2.99")
    assert (ran.status, ran.out, ran.err) == (1, "1 ban lifted.\n", "192.0.2.99 is not banned.\n")


def test_only_the_jail_is_meant_that_is_named(run: Run) -> None:
    """A ban of another jail stays."""
    run("ban", "192.0.2.66", "--jail", "sshd")
    ran = run("unban", "192.0.2.66", "--jail", "spam")
    assert (ran.status, ran.err) == (1, "192.0.2.66 is not banned in spam.\n")
    ran = run("unban", "192.0.2.66", "--jail", "sshd")
    assert (ran.status, ran.out) == (0, "1 ban lifted in sshd.\n")


def test_all_bans_of_a_jail_are_lifted(run: Run) -> None:
    """Nobody asks back; exit status 1 if there were none."""
    run("ban", "192.0.2.66", "192.0.2.67", "--jail", "sshd")
    run("ban", "192.0.2.66")
    ran = run("unban", "--all", "--jail", "sshd")
    assert (ran.status, ran.out) == (0, "2 bans lifted in sshd.\n")
    assert run("unban", "--all", "--jail", "sshd").status == 1
    assert "manual" in run("bans").out


def test_all_bans_are_lifted_if_that_is_meant(run: Run) -> None:
    """Without somebody to ask, --yes has to be there."""
    run("ban", "192.0.2.66", "192.0.2.67")
    assert run("unban", "--all").status == 2
    assert json.loads(run("unban", "--all", "--yes", "--json").out)["removed"] == 2


def test_everything_is_purged_if_that_is_meant(run: Run) -> None:
    """Exit status 0 also if nothing was there."""
    run("ban", "192.0.2.66")
    ran = run("purge")
    assert ran.status == 2
    assert "--yes" in ran.err
    assert run("purge", "--yes").out == "1 ban lifted.\n"
    ran = run("purge", "--yes", "--json")
    assert (ran.status, json.loads(ran.out)) == (0, {"removed": 0})


class Terminal(io.StringIO):
    """Somebody who has typed something."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "status", "left"), [("y", 0, 0), ("n", 1, 1), ("", 1, 1)])
def test_somebody_at_a_terminal_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, status: int, left: int
) -> None:
    """No, and no answer, leave everything as it is."""
    run("ban", "192.0.2.66")
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    ran = run("unban", "--all")
    assert ran.status == status
    assert "This lifts all bans of all jails. Go on?" in ran.err
    assert len(run("bans", "--json").lines) == left


@pytest.mark.parametrize("args", [(), ("--all", "192.0.2.66")])
def test_either_all_or_some(run: Run, args: tuple[str, ...]) -> None:
    """Neither nothing nor both."""
    assert run("unban", *args).status == 2

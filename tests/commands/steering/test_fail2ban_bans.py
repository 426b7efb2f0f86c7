"""fail2ban's bans into a running engine."""

import json
import time
from pathlib import Path

import pytest

from tests.banlists.fail2ban_database import Fail2BanDatabase
from tests.commands.steering.conftest import Run

pytestmark = pytest.mark.usefixtures("serving")


@pytest.fixture
def database(fail2ban_tree: Path, tmp_path: Path) -> Path:
    """A permanent ban, one that is over, and somebody who is no address."""
    path = tmp_path / "fail2ban.sqlite3"
    now = time.time()
    with Fail2BanDatabase(fail2ban_tree, path) as written:
        written.ban(id="192.0.2.1", since=now - 60, length=-1, count=3, matches=["a line"])
        written.ban(id="192.0.2.2", since=now - 7200)
        written.ban(id="root", since=now)
    return path


def test_the_engine_bans_whom_fail2ban_bans(run: Run, database: Path) -> None:
    """As often as one likes; what can't be banned makes the exit status 1."""
    ran = run("import-bans", str(database))
    assert (ran.status, ran.out) == (1, "1 ban imported.\n")
    assert "'root' ['sshd']" in ran.err
    assert "bans that are over: 1" in ran.err
    ban = json.loads(run("export").out)
    assert (ban["network"], ban["jail"], ban["until"]) == ("192.0.2.1", "sshd", None)
    assert (ban["count"], ban["reason"]) == (2, "banned by fail2ban: 5 failures")
    again = json.loads(run("import-bans", str(database), "--json").out)
    assert (again["imported"], again["skipped"]) == (0, 1)


def test_what_is_printed_is_what_import_takes(run: Run, database: Path) -> None:
    """Nobody is banned by printing."""
    printed = run("import-bans", "--print", str(database))
    assert run("bans").out == "Nobody is banned.\n"
    Path("bans.jsonl").write_text(printed.out)
    assert run("import", "bans.jsonl").out == "1 ban imported.\n"


def test_a_database_that_can_not_be_read_is_named(run: Run) -> None:
    """Exit status 2, before the engine is asked for."""
    ran = run("import-bans", "nowhere.sqlite3", "--api", "no.sock")
    assert (ran.status, ran.err) == (2, "error: nowhere.sqlite3: No such file or directory\n")


def test_import_says_who_reads_databases(run: Run, database: Path) -> None:
    """It takes streams."""
    ran = run("import", str(database))
    assert ran.status == 2
    assert "import-bans" in ran.err

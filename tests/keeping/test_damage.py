"""Of a store that is damaged as much is saved as can be read, and all that is in memory."""

import re
import sqlite3
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import gevent
import pytest

from tests.keeping.lives import NETWORK, Life
from tests.waiting import wait_until
from webfail2ban.addresses import Network
from webfail2ban.keeping import collector as collector_module
from webfail2ban.model import Ban


def aside(life: Life) -> list[Path]:
    return [file for file in life.path.parent.glob("*.damaged-*") if file.name.endswith("Z")]


def test_a_damaged_store_is_set_aside_at_the_start(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    """And said loudly; a new one is begun."""
    life.keeper.stop()
    life.path.write_bytes(b"garbage" * 5000)
    caplog.clear()
    life.begin()
    (file,) = aside(life)
    assert file.read_bytes() == b"garbage" * 5000
    (message,) = [entry.getMessage() for entry in caplog.records if entry.levelname == "ERROR"]
    assert re.search(r"not a database; it is set aside as .*, and a new one is begun$", message)
    life.ban()
    life.keeper.flush()
    life.begin()
    assert life.banned() == {NETWORK}


def test_bans_that_are_not_ours_are_set_aside_without_a_traceback(
    life: Life, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are read beside everything else, where gevent would show what fails."""
    life.ban()
    life.keeper.stop()
    with closing(sqlite3.connect(life.path)) as other:
        other.execute("UPDATE ban SET address = 'nonsense'")
        other.commit()
    life.begin()
    assert len(aside(life)) == 1
    assert life.banned() == set()
    assert "Traceback" not in capsys.readouterr().err


def test_a_store_that_is_damaged_at_work_is_filled_again_from_memory(life: Life) -> None:
    """Bans in force and positions are all in the new one."""
    networks = {ip_network(number) for number in range(500)}
    for network in networks:
        life.ban(network)
    life.keeper.keep_position("tail", 5)
    life.keeper.flush()
    with closing(sqlite3.connect(life.path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    life.path.write_bytes(b"garbage" * 5000)
    life.ban(NETWORK)
    wait_until(lambda: life.keeper.flush() and aside(life), "it is noticed", gevent.sleep)
    life.keeper.flush()
    assert len(aside(life)) == 1
    life.begin()
    assert life.banned() == networks | {NETWORK}
    assert life.keeper.positions == {"tail": 5}


def spoil_page(path: Path, number: int) -> None:
    """Write nonsense over a page, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(number * 4096)
        file.write(b"nonsense" * 512)


def leaves(path: Path, table: str) -> list[int]:
    """Return the numbers of a table's pages that hold rows, from 0."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        root = path.read_bytes()[(found[0] - 1) * 4096 :][:4096]
    assert root[0] == 5, "an interior page of a table: sqlite.org/fileformat2.html, 1.6"
    cells = int.from_bytes(root[3:5], "big")
    pointers = [int.from_bytes(root[12 + 2 * cell :][:2], "big") for cell in range(cells)]
    return [int.from_bytes(root[pointer:][:4], "big") - 1 for pointer in pointers]


def reopen(life: Life) -> None:
    """Have the keeper open its store anew: what it holds in memory of the file is forgotten."""
    assert life.keeper.storekeeper
    life.keeper.storekeeper.close(None)


def fill(life: Life, count: int) -> set[Network]:
    """Have a ban with a line, a past ban and a value for each of many networks."""
    networks = {ip_network(number) for number in range(count)}
    for number, network in enumerate(sorted(networks)):
        life.ban(network, (f"line of {network}",))
        past = Ban(network, "other", life.clock(), life.clock() + 10, "why", 2)
        life.bans.add(past)
        life.keeper.keep_bans([past])
        life.keeper.keep_value("jails", f"{number}", "1")
    life.keeper.keep_position("tail", 5)
    assert life.keeper.flush()
    with closing(sqlite3.connect(life.path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    life.clock.turn(60)
    life.bans.expire(count)
    return networks


def test_what_can_be_read_of_a_damaged_store_is_in_force(life: Life) -> None:
    """A page that is spoiled costs what was on it, nothing else."""
    networks = fill(life, 2000)
    life.keeper.stop()
    spoil_page(life.path, leaves(life.path, "ban")[1])
    spoil_page(life.path, leaves(life.path, "kept")[2])
    life.begin()
    assert len(aside(life)) == 1
    saved = life.banned()
    assert 1900 < len(saved) < 2000
    assert life.keeper.positions == {"tail": 5}
    assert 1800 < len(list(life.keeper.kept("jails"))) < 2000
    assert sum(life.bans.bans_before(network, "other") == 3 for network in networks) > 1900
    assert life.keeper.flush()
    some = max(saved)
    assert life.keeper.find_lines(some, "sshd") == (f"line of {some}",)
    life.begin()
    assert life.banned() == saved


def test_values_of_which_some_are_damaged_are_told_once(life: Life) -> None:
    """The damage is found when half of them is told already."""
    count = 12_000
    for number in range(count):
        life.keeper.keep_value("jails", f"{number}", "1")
    life.keeper.flush()
    life.keeper.stop()
    life.begin()
    values = life.keeper.kept("jails")
    told = [next(values)]
    spoil_page(life.path, leaves(life.path, "kept")[-3])
    reopen(life)
    told += values
    assert len(aside(life)) == 1
    assert len(told) == len(set(told))
    assert count - 300 < len(told) < count


def test_a_store_that_is_damaged_at_work_loses_little(life: Life) -> None:
    """Memory has the bans and those of before, the old file values and lines."""
    networks = fill(life, 2000)
    spoil_page(life.path, leaves(life.path, "ban")[1])
    reopen(life)
    some = sorted(networks)[90]
    life.keeper.lift_ban(some, "sshd")
    life.bans.remove(some, "sshd")
    assert not life.keeper.flush()
    assert len(aside(life)) == 1
    assert life.keeper.flush()
    life.begin()
    assert life.banned() == networks - {some}
    assert all(life.bans.bans_before(network, "other") == 3 for network in networks)
    assert len(list(life.keeper.kept("jails"))) == 2000
    found = [life.keeper.find_lines(network, "sshd") for network in networks]
    assert found.count(()) < 100


def test_more_bans_than_may_wait_are_all_written_again(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are written in groups."""
    networks = {ip_network(number) for number in range(1000)}
    for network in networks:
        life.ban(network)
    assert life.keeper.flush()
    monkeypatch.setattr(collector_module, "MOST_PENDING", 500)
    monkeypatch.setattr("webfail2ban.keeping.keeper.GROUP", 300)
    life.path.write_bytes(b"garbage" * 5000)
    reopen(life)
    life.ban(NETWORK)
    life.keeper.flush()
    assert life.keeper.flush()
    life.begin()
    assert life.banned() == networks | {NETWORK}

"""A start needs no room on the disk, nor a store that can be read at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_network
from math import inf
from pathlib import Path

import pytest

from tests.fulldisk import full_disk
from tests.keeping.lives import NETWORK, NEVER, Failing, Life
from webfail2ban.bans import BanTable
from webfail2ban.errors import StoreError
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Ban
from webfail2ban.store import SqliteStore
from webfail2ban.testing import Clock


def test_a_start_on_a_full_disk_has_the_bans_in_force(life: Life) -> None:
    """It is told; what changes is written when there is room, the trouble is over even if not."""
    life.ban()
    life.keeper.keep_position("tail", 1)
    life.keeper.keep_value("jails", "a", "1")
    life.keeper.stop()
    with full_disk():
        life.begin()
        assert life.banned() == {NETWORK}
        assert life.keeper.positions == {"tail": 1}
        assert life.keeper.trouble
        assert list(life.keeper.kept("jails")) == [("a", "1")]
        life.ban(ip_network("192.0.2.2"))
        assert not life.keeper.flush()
        assert life.keeper.trouble
    assert life.keeper.flush()
    assert not life.keeper.trouble
    life.keeper.stop()
    with full_disk():
        life.begin()
        assert not life.keeper.flush()
    assert life.keeper.flush()
    assert not life.keeper.trouble
    assert len(life.banned()) == 2


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Have somebody else hold a database so that it can't even be read."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_start_goes_on_without_a_store_that_cant_be_read(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    """What it holds is in force as soon as it can be, beside what has happened since."""
    again, lifted, new = (ip_network(f"192.0.2.{number}") for number in (2, 3, 4))
    for network in (NETWORK, again, lifted):
        life.ban(network, ("old",))
    life.keeper.keep_position("tail", 1)
    life.keeper.keep_position("syslog", 1)
    life.keeper.stop()
    changed = []
    with locked(life.path):
        caplog.clear()
        life.store = Failing(life.path)
        life.keeper = Keeper(life.store, life.clock, flush=NEVER, patience=0.0)
        life.bans = BanTable(life.clock)
        life.keeper.start(life.bans, lambda: changed.append(life.banned()))
        assert life.banned() == set()
        assert list(life.keeper.kept("jails")) == []
        assert "nothing that the store holds is in force until it can be read" in caplog.messages
        for network in (again, lifted, new):
            end = life.clock() + 10
            life.bans.add(ban := Ban(network, "sshd", life.clock(), end, "why", 0, ("new",)))
            life.keeper.keep_bans([ban])
        life.bans.remove(lifted, "sshd")
        life.keeper.lift_ban(lifted, "sshd")
        life.keeper.keep_position("tail", 2)
        assert not life.keeper.flush()
        assert not changed
    assert life.keeper.flush()
    assert changed == [{NETWORK, again, new}]
    assert life.keeper.positions == {"tail": 2, "syslog": 1}
    assert life.keeper.find_lines(again, "sshd") == ("new",)
    life.begin()
    assert life.banned() == {NETWORK, again, new}
    (ban,) = life.bans.get(again)
    assert ban.until == inf
    assert life.keeper.positions == {"tail": 2, "syslog": 1}


def test_a_start_without_a_disk_to_write_on_goes_on(life: Life) -> None:
    """There is nothing to read yet; the store is made when there is room."""
    life.keeper.stop()
    for file in life.path.parent.iterdir():
        file.unlink()
    with full_disk():
        life.store = Failing(life.path)
        life.keeper = Keeper(life.store, life.clock, flush=NEVER, patience=0.0)
        life.bans = BanTable(life.clock)
        life.keeper.start(life.bans)
        life.ban()
        assert not life.keeper.flush()
    assert life.keeper.flush()
    life.begin()
    assert life.banned() == {NETWORK}


def test_a_store_in_use_refuses_the_start(life: Life, clock: Clock) -> None:
    """Another engine has it."""
    second = Keeper(SqliteStore(life.path), clock)
    with pytest.raises(StoreError, match="another webfail2ban uses it"):
        second.start(BanTable(clock))
    second.stop()

"""What changes is written in groups; what fails is written later; nothing waits for it."""

import logging
import re
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_network
from math import inf
from pathlib import Path

import gevent
import pytest
from gevent.lock import Semaphore

from tests.waiting import wait_until
from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.errors import StoreError, StoreUnavailableError
from webfail2ban.keeping import collector as collector_module
from webfail2ban.keeping import storekeeper as storekeeper_module
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Ban
from webfail2ban.store import Changes, SqliteStore
from webfail2ban.testing import Clock

NETWORK = ip_network("192.0.2.1")

#: Longer than any test: groups are written when the test says so.
NEVER = 3600.0


class Failing(SqliteStore):
    """A store whose writes fail as long as there is a reason.

    Attributes:
        reason: Why it fails.
        calls: How often it was asked to write.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, patience=0.05)
        self.reason = ""
        self.calls = 0

    def save(self, changes: Changes) -> None:
        self.calls += 1
        if self.reason:
            raise StoreUnavailableError(str(self), self.reason)
        super().save(changes)


class Life:
    """Keepers of one store, one after the other, each with a ban table."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.store = Failing(path)
        self.keeper = Keeper(self.store, clock, flush=NEVER)
        self.bans = BanTable(clock)

    def begin(self, flush: float = NEVER) -> None:
        """Begin, or begin again after a sudden end."""
        gevent.killall(self.keeper._greenlets)
        self.store.close()
        self.store = Failing(self.path)
        self.keeper = Keeper(self.store, self.clock, flush=flush)
        self.bans = BanTable(self.clock)
        self.keeper.start(self.bans)

    def ban(self, network: Network = NETWORK, lines: tuple[str, ...] = ()) -> None:
        """Ban as the engine does."""
        added = self.bans.add(Ban(network, "sshd", self.clock(), inf, "why", 0, lines))
        assert added
        self.keeper.keep_bans([added])

    def banned(self) -> set[Network]:
        return {ban.network for ban in self.bans}


@pytest.fixture
def life(tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> Iterator[Life]:
    caplog.set_level(logging.INFO)
    life = Life(tmp_path / "store.sqlite3", clock)
    life.begin()
    yield life
    life.keeper.stop()


def test_what_was_kept_is_there_after_a_sudden_end(life: Life) -> None:
    """Bans in force, positions, values of plugins."""
    life.ban()
    life.keeper.keep_position("tail", {"offset": 7})
    life.keeper.keep_value("jails", "a", "1")
    life.keeper.keep_value("other", "b", "2", life.clock() - 1)
    assert life.keeper.flush()
    life.begin()
    assert life.banned() == {NETWORK}
    assert life.keeper.positions == {"tail": {"offset": 7}}
    assert list(life.keeper.kept("jails")) == [("a", "1")]
    assert list(life.keeper.kept("other")) == []


def test_what_is_forgotten_stays_forgotten(life: Life) -> None:
    """Each in its own way."""
    life.ban()
    life.keeper.keep_position("tail", 1)
    life.keeper.keep_value("jails", "a", "1")
    life.keeper.flush()
    life.keeper.lift_ban(NETWORK, "sshd")
    life.keeper.keep_position("tail", None)
    life.keeper.keep_value("jails", "a", None)
    life.keeper.flush()
    life.begin()
    assert (life.banned(), life.keeper.positions) == (set(), {})
    assert list(life.keeper.kept("jails")) == []


def test_past_bans_come_back_too(life: Life) -> None:
    """Who comes again is known."""
    end = life.clock() + 10
    life.bans.add(ban := Ban(NETWORK, "sshd", life.clock(), end, "why", 3))
    life.keeper.keep_bans([ban])
    life.keeper.flush()
    life.clock.turn(60)
    life.begin()
    assert life.banned() == set()
    assert life.bans.bans_before(NETWORK, "sshd") == 4
    (past,) = life.keeper.find_history(NETWORK)
    assert (past.until, past.count) == (end, 3)


def test_changes_are_written_by_themselves(life: Life) -> None:
    """Before anybody who was told could know better."""
    life.begin(flush=0.01)
    life.ban()
    wait_until(lambda: not life.keeper.collector.pending, "it is written", gevent.sleep)
    assert life.store.find_lines(NETWORK, "sshd") == ()
    assert life.store.load_bans(0, 0.0)[0][0]


def test_a_stop_writes_what_is_left(life: Life) -> None:
    """However shortly before it came."""
    life.ban()
    life.keeper.stop(10.0)
    life.begin()
    assert life.banned() == {NETWORK}


def test_a_half_is_never_written(life: Life) -> None:
    """The group ends at the end of the whole, though the next one begins at once."""
    written = []

    def flush() -> None:
        written.append(life.keeper.flush())

    with life.keeper.whole():
        life.keeper.keep_value("jails", "count", "1")
        flushing = gevent.spawn(flush)
        gevent.sleep(0)
        gevent.sleep(0)
        assert life.store.calls == 0
        life.keeper.keep_position("tail", 1)
    with life.keeper.whole():
        life.keeper.keep_value("jails", "count", "2")
        flushing.join()
        assert written == [True]
    life.begin()
    assert list(life.keeper.kept("jails")) == [("count", "1")]
    assert life.keeper.positions == {"tail": 1}


def test_lines_of_a_ban_are_found(life: Life) -> None:
    """Those that wait to be written, and those that are."""
    life.ban(lines=("one", "two"))
    assert life.keeper.find_lines(NETWORK, "sshd") == ("one", "two")
    life.keeper.flush()
    assert life.keeper.find_lines(NETWORK, "sshd") == ("one", "two")
    assert life.keeper.find_lines(NETWORK, "other") == ()


def test_without_a_store_the_last_lines_are_known(clock: Clock) -> None:
    """And nothing else is kept."""
    keeper = Keeper(now=clock)
    keeper.start(BanTable(clock))
    keeper.keep_bans([Ban(NETWORK, "sshd", 0.0, inf, "why", 0, ("one",))])
    keeper.keep_position("tail", 1)
    keeper.keep_value("jails", "a", "1")
    keeper.lift_ban(ip_network("192.0.2.2"), "sshd")
    assert keeper.flush()
    assert keeper.find_lines(NETWORK, "sshd") == ("one",)
    assert keeper.find_history(NETWORK) == ()
    assert list(keeper.kept("jails")) == []
    assert keeper.positions == {"tail": 1}
    keeper.stop()


def test_trouble_is_told_once_when_it_begins_and_once_when_it_ends(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    """What changed meanwhile is written then."""
    caplog.clear()
    life.store.reason = "the disk is full"
    life.ban()
    assert not life.keeper.flush()
    life.ban(ip_network("192.0.2.2"))
    assert not life.keeper.flush()
    assert life.keeper.collector.pending == 2
    storekeeper = life.keeper.storekeeper
    assert storekeeper
    assert storekeeper.failures == 2
    assert storekeeper.trouble.endswith("the disk is full")
    assert storekeeper.pause == 2 * storekeeper_module.FIRST_PAUSE
    life.store.reason = ""
    assert life.keeper.flush()
    assert (storekeeper.trouble, storekeeper.pause, life.keeper.collector.pending) == ("", 0.0, 0)
    assert len(caplog.messages) == 2
    assert caplog.messages[0].endswith(
        "the disk is full; verdicts go on from memory, what changes waits to be written"
    )
    assert caplog.messages[1].startswith("the store works again after ")
    life.begin()
    assert len(life.banned()) == 2


def test_nobody_waits_for_a_store_that_hangs(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bans go on meanwhile."""
    hanging = Semaphore(0)
    save = life.store.save

    def hang(changes: Changes) -> None:
        hanging.acquire()
        save(changes)

    monkeypatch.setattr(life.store, "save", hang)
    life.ban()
    flushing = gevent.spawn(life.keeper.flush)
    gevent.sleep(0)
    life.ban(ip_network("192.0.2.2"))
    assert len(life.banned()) == 2
    assert not flushing.ready()
    hanging.release()
    assert flushing.get(timeout=10)


def test_what_waits_is_bounded(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bans that found no room are taken from the table, other changes are lost and counted."""
    monkeypatch.setattr(collector_module, "MOST_PENDING", 3)
    networks = {ip_network(number) for number in range(10)}
    for network in networks:
        life.ban(network)
        life.keeper.keep_value("jails", str(network), "1")
    assert life.keeper.collector.pending == 6
    assert life.keeper.collector.dropped == 14
    monkeypatch.undo()
    assert life.keeper.flush()
    assert life.keeper.flush()
    life.begin()
    assert life.banned() == networks
    assert len(list(life.keeper.kept("jails"))) == 3


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


@contextmanager
def full_disk() -> Iterator[None]:
    """Let nothing be written into any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


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


def test_old_rows_are_deleted_by_themselves(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a ban ended longer ago than anybody wants to know."""
    monkeypatch.setattr("webfail2ban.keeping.keeper.PURGE", 0.01)
    store = SqliteStore(tmp_path / "store.sqlite3")
    keeper = Keeper(store, clock, purge_age=100.0, flush=0.01)
    keeper.start(BanTable(clock))
    keeper.keep_bans([Ban(NETWORK, "sshd", clock(), clock() + 10, "why")])
    keeper.flush()
    clock.turn(109)
    assert keeper.find_history(NETWORK)
    clock.turn(2)
    wait_until(lambda: not keeper.find_history(NETWORK), "it is gone", gevent.sleep)
    keeper.stop()

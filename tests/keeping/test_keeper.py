"""What changes is written in groups; what fails is written later; nothing waits for it."""

from ipaddress import ip_network
from math import inf
from pathlib import Path

import gevent
import pytest
from gevent.lock import Semaphore

from tests.keeping.lives import NETWORK, Life
from tests.waiting import wait_until
from webfail2ban.bans import BanTable
from webfail2ban.keeping import collector as collector_module
from webfail2ban.keeping import storekeeper as storekeeper_module
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.model import Ban
from webfail2ban.store import Changes, SqliteStore
from webfail2ban.testing import Clock


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

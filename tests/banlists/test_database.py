"""The bans in fail2ban's database."""

import sqlite3
from collections.abc import Iterator
from ipaddress import ip_network
from math import inf
from pathlib import Path

import pytest

from tests.banlists.fail2ban_database import Fail2BanDatabase
from webfail2ban.banlists import Census, Defaults, Fault, read_database
from webfail2ban.errors import InputFileError
from webfail2ban.model import Ban

NOW = 1_800_000_000

DEFAULTS = Defaults(NOW, duration=900)


@pytest.fixture
def written(fail2ban_tree: Path, tmp_path: Path) -> Iterator[Fail2BanDatabase]:
    """A database that fail2ban's own code has open."""
    with Fail2BanDatabase(fail2ban_tree, tmp_path / "fail2ban.sqlite3") as database:
        yield database


def read(path: Path) -> tuple[list[Ban | Fault], Census]:
    census = Census()
    return list(read_database(path, DEFAULTS, census)), census


def test_what_is_in_force_comes_along(written: Fail2BanDatabase) -> None:
    """With its end, its number, its lines; while fail2ban has the file open."""
    matches = [["", "2027-01-15 08:00:00", " bad 192.0.2.1"], "a line"]
    written.ban(id="192.0.2.1", since=NOW - 60, count=3, matches=matches)
    written.ban(id="2001:db8::1", since=NOW - 50, jail="dovecot", length=-1, failures=1)
    written.ban(id="198.51.100.0/24", since=NOW - 40, failures=0)
    reason = "banned by fail2ban"
    lines = ("2027-01-15 08:00:00 bad 192.0.2.1", "a line")
    first = (ip_network("192.0.2.1"), "sshd", NOW - 60, NOW + 3540, f"{reason}: 5 failures")
    assert read(written.path) == (
        [
            Ban(*first, 2, lines),
            Ban(ip_network("2001:db8::1"), "dovecot", NOW - 50, inf, f"{reason}: 1 failure"),
            Ban(ip_network("198.51.100.0/24"), "sshd", NOW - 40, NOW + 3560, reason),
        ],
        Census(),
    )


def test_what_is_over_stays_behind(written: Fail2BanDatabase) -> None:
    """It is counted; a later ban of the same address stands for the earlier ones."""
    written.ban(id="192.0.2.1", since=NOW - 3600)
    written.ban(id="192.0.2.2", since=NOW - 9000)
    written.ban(id="192.0.2.2", since=NOW - 10, count=2)
    bans, census = read(written.path)
    assert [(ban.count, ban.since) for ban in bans if isinstance(ban, Ban)] == [(1, NOW - 10)]
    assert census == Census(over=1)


def test_what_is_no_address_is_named(written: Fail2BanDatabase) -> None:
    """fail2ban can ban users; the others come along."""
    written.ban(id="root", since=NOW)
    written.ban(id="192.0.2.1", since=NOW)
    (fault, ban), _ = read(written.path)
    assert isinstance(fault, Fault)
    assert "'root' ['sshd']" in fault.message
    assert isinstance(ban, Ban)


def test_a_number_without_an_end_is_named(tmp_path: Path) -> None:
    """SQLite takes anything in any column; the others come along."""
    path = tmp_path / "odd.sqlite3"
    with sqlite3.connect(path) as odd:
        odd.execute("CREATE TABLE fail2banDb (version INTEGER)")
        odd.execute("CREATE TABLE bans (x)")
        odd.execute("CREATE TABLE bips (ip, jail, timeofban, bantime, bancount, data)")
        rows = [("192.0.2.1", NOW, 9, inf), ("192.0.2.2", NOW, "x", 1), ("192.0.2.3", NOW, 9, 1)]
        odd.executemany("INSERT INTO bips VALUES (?, 'sshd', ?, ?, ?, NULL)", rows)
    first, second, third = read(path)[0]
    assert isinstance(first, Fault)
    assert isinstance(second, Fault)
    assert isinstance(third, Ban)


def test_a_length_that_nobody_knows_is_assumed(tmp_path: Path) -> None:
    """As an old version left it: without the column, without the table, or as -2."""
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE fail2banDb (version INTEGER)")
        old.execute("CREATE TABLE bans (jail TEXT, ip TEXT, timeofban INTEGER, data JSON)")
        rows = [("192.0.2.1", NOW - 20), ("192.0.2.1", NOW - 10), ("192.0.2.2", NOW - 900)]
        old.executemany("INSERT INTO bans VALUES ('sshd', ?, ?, 'no JSON')", rows)
    reason = "banned by fail2ban"
    only = Ban(ip_network("192.0.2.1"), "sshd", NOW - 10, NOW + 890, reason, 1)
    assert read(path) == ([only], Census(over=1, assumed=1))
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE bips (ip, jail, timeofban, bantime, bancount, data)")
        old.execute("INSERT INTO bips VALUES ('192.0.2.1', 'sshd', ?, -2, 2, NULL)", (NOW - 10,))
    assert read(path) == ([only], Census(assumed=1))


def test_a_writer_is_waited_for(written: Fail2BanDatabase) -> None:
    """Reading takes no part of what is being written."""
    written.ban(id="192.0.2.1", since=NOW)
    with sqlite3.connect(written.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM bips")
        assert len(read(written.path)[0]) == 1
        other.execute("COMMIT")
    assert not read(written.path)[0]


def test_a_write_ahead_log_is_read_too(fail2ban_tree: Path, tmp_path: Path) -> None:
    """Some operators switch it on."""
    with Fail2BanDatabase(fail2ban_tree, tmp_path / "fail2ban.sqlite3") as written:
        written.ban(id="192.0.2.1", since=NOW)
    with sqlite3.connect(written.path) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("UPDATE bips SET ip = '192.0.2.2'")
        other.commit()
        assert Path(f"{written.path}-wal").stat().st_size
        (ban,), _ = read(written.path)
    assert isinstance(ban, Ban)
    assert ban.network == ip_network("192.0.2.2")


def test_nothing_is_written(written: Fail2BanDatabase) -> None:
    """Not even beside the file."""
    written.ban(id="192.0.2.1", since=NOW)
    before = {path: path.read_bytes() for path in written.path.parent.iterdir()}
    read(written.path)
    assert {path: path.read_bytes() for path in written.path.parent.iterdir()} == before


def test_damage_is_seen_before_anything_is_read(written: Fail2BanDatabase, tmp_path: Path) -> None:
    """A page in the middle that is something else."""
    for number in range(200):
        written.ban(id=f"192.0.2.{number}", since=NOW, matches=["x" * 200])
    data = bytearray(written.path.read_bytes())
    for page in range(8192, len(data), 4096):
        data[page : page + 64] = b"\xff" * 64
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(data)
    with pytest.raises(InputFileError, match=r"damaged\.sqlite3: is damaged"):
        next(read_database(damaged, DEFAULTS, Census()))


def test_what_is_no_database_of_fail2bans_is_an_error(tmp_path: Path) -> None:
    """Missing, a directory, another kind of file, another program's tables."""
    with sqlite3.connect(tmp_path / "other.sqlite3") as other:
        other.execute("CREATE TABLE bans (x)")
    (tmp_path / "text").write_text("192.0.2.1\n" * 100)
    (tmp_path / "empty").touch()
    for name, why in (
        ("nowhere", "No such file"),
        (".", "Is a directory"),
        ("text", "is damaged, or no database"),
        ("other.sqlite3", "is no database of fail2ban's"),
        ("empty", "is no database of fail2ban's"),
    ):
        with pytest.raises(InputFileError, match=why):
            read(tmp_path / name)

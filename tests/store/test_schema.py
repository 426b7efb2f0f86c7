"""The ladder from one version of the tables to the next."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from webfail2ban.store.schema import LADDER, ForeignError, climb

#: A rung that a later version may have.
NEXT = ("ALTER TABLE ban ADD COLUMN country TEXT NOT NULL DEFAULT '??'",)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_empty_file_climbs_to_the_top(connection: sqlite3.Connection) -> None:
    """And stays there."""
    climb(connection)
    assert version(connection) == len(LADDER)
    climb(connection)
    assert version(connection) == len(LADDER)


def test_what_an_older_version_kept_stays(connection: sqlite3.Connection) -> None:
    """Only the rungs that are missing are climbed."""
    climb(connection)
    connection.execute("INSERT INTO ban VALUES (1, 1, 32, 'sshd', 0, 1, 0, 'why')")
    climb(connection, (*LADDER, NEXT))
    assert version(connection) == len(LADDER) + 1
    assert connection.execute("SELECT jail, country FROM ban").fetchall() == [("sshd", "??")]


def test_a_rung_is_climbed_whole_or_not_at_all(connection: sqlite3.Connection) -> None:
    """Whatever breaks in the middle of it."""
    with pytest.raises(sqlite3.OperationalError):
        climb(connection, (*LADDER, (*NEXT, "ALTER TABLE nothing DROP COLUMN at_all")))
    assert version(connection) == len(LADDER)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(ban)")]
    assert "country" not in columns


def test_a_newer_version_is_refused(connection: sqlite3.Connection) -> None:
    """Its tables mean something else."""
    climb(connection, (*LADDER, NEXT))
    with pytest.raises(ForeignError, match="newer webfail2ban"):
        climb(connection)

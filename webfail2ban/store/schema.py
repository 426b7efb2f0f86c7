"""The tables, and the ladder that brings those of an older version up to date.

Each rung leads from one version to the next, in one transaction with the new number: a program
that is killed on the ladder stands on a rung, never between two. A rung is never changed once it
was released; a change of the tables is one more rung.
"""

import sqlite3
from collections.abc import Sequence

#: Marks a file as ours (https://www.sqlite.org/pragma.html#pragma_application_id): "wf2b".
APPLICATION_ID = 0x77663262

#: One rung each: what leads from version 0, an empty file, to 1, from there to 2, and so on.
#:
#: `ban` has one row for each network and jail, so a client that comes again and again takes no
#: more room than one that came once; `count` tells how often it was banned before. Rows are
#: numbered in the order in which they come, so that new ones are written side by side and a start
#: reads them in one go. Lines are in a table of their own, because a start needs none.
LADDER: tuple[Sequence[str], ...] = (
    (
        """
        CREATE TABLE ban (
            id INTEGER PRIMARY KEY,
            address NOT NULL, -- IPv4: a number; IPv6: 32 hexadecimal digits
            prefix INTEGER NOT NULL,
            jail TEXT NOT NULL,
            since REAL NOT NULL,
            until REAL NOT NULL,
            count INTEGER NOT NULL,
            reason TEXT NOT NULL,
            UNIQUE (address, prefix, jail)
        )
        """,
        "CREATE TABLE ban_lines (ban INTEGER PRIMARY KEY, lines TEXT NOT NULL)",
        """
        CREATE TABLE kept (
            id INTEGER PRIMARY KEY,
            plugin TEXT NOT NULL,
            name TEXT NOT NULL,
            content TEXT NOT NULL,
            until REAL NOT NULL,
            UNIQUE (plugin, name)
        )
        """,
        "CREATE TABLE position (source TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID",
    ),
)


class ForeignError(Exception):
    """The file is somebody else's, or a newer version's; its text says which."""


def climb(connection: sqlite3.Connection, ladder: Sequence[Sequence[str]] = LADDER) -> None:
    """Bring the tables up to date.

    Args:
        connection: Without an open transaction.
        ladder: The rungs.

    Raises:
        ForeignError: the file isn't ours, or is of a newer version.
        sqlite3.Error: it can't be done; the file is as it was, or on a rung in between.
    """
    version = _find_version(connection, len(ladder))
    for number, rung in enumerate(ladder[version:], version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in rung:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def is_current(connection: sqlite3.Connection) -> bool:
    """Return whether the tables are up to date.

    Raises:
        ForeignError: the file isn't ours, or is of a newer version.
        sqlite3.Error: it can't be read.
    """
    return _find_version(connection, len(LADDER)) == len(LADDER)


def _find_version(connection: sqlite3.Connection, newest: int) -> int:
    """Return the version of the tables, 0 in an empty file; refuse what we don't know."""
    version = _read(connection, "user_version")
    owner = _read(connection, "application_id")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if owner != APPLICATION_ID and (owner or version or tables):
        raise ForeignError("it is a database of another program; choose another store.path")
    if version > newest:
        raise ForeignError(
            f"a newer webfail2ban wrote it (version {version}, this one knows {newest}); "
            "install that one again, or choose another store.path"
        )
    return version


def _read(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])

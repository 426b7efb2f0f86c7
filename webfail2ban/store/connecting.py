"""Connections to a database: to write it or, where nothing can be written, to read it.

Whoever opens a database with a write-ahead log writes: the log's index is a file that SQLite makes
anew after each clean end. A full disk has no room for it, a file system that became read-only takes
none. What is stored can be read all the same, with the index in our own memory.
"""

import sqlite3
from pathlib import Path

from webfail2ban.store import files, schema

#: Bytes of the write-ahead log that stay on the disk when it isn't needed.
LOG_SIZE = 32 * 2**20

#: Kibibytes of the database in memory. The kernel holds the rest.
CACHE = 8192

#: How to read a file that nothing can be written to (https://www.sqlite.org/uri.html): as one that
#: doesn't change. That leaves its log out, so one that has a log is read without locks instead,
#: which take no index. `files.Lock` keeps other engines away.
WITHOUT_LOG = "immutable=1"
WITH_LOG = "vfs=unix-none"


def connect_to_write(path: Path, patience: float) -> sqlite3.Connection:
    """Connect to a database, and bring its tables up to date.

    Args:
        path: The file, which may be empty.
        patience: Seconds to wait for somebody who locks it.

    Raises:
        schema.ForeignError: the file isn't ours.
        sqlite3.Error: it can't be used, or not be written.
    """
    # The keeper's thread is the only one that uses it; it isn't always the same one.
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False
    )
    try:
        _set(
            connection,
            "auto_vacuum = INCREMENTAL",  # before the first table; later it does nothing
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"journal_size_limit = {LOG_SIZE}",
        )
        schema.climb(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection | None:
    """Connect to a database without writing anything.

    Returns:
        The connection; None if there are no tables, or those of an older version.

    Raises:
        schema.ForeignError: the file isn't ours.
        sqlite3.Error: it can't be read.
    """
    connection = _connect_to_read(path)
    try:
        # Before the first look at the file: then there is no index beside it.
        _set(connection, "locking_mode = EXCLUSIVE")
        if schema.is_current(connection):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def connect_to_damaged(path: Path) -> sqlite3.Connection:
    """Connect to a database of which not all can be read.

    Raises:
        sqlite3.Error: nothing of it can be.
    """
    connection = _connect_to_read(path)
    try:
        # Otherwise a file that was cut off would not be read at all.
        _set(connection, "locking_mode = EXCLUSIVE", "writable_schema = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    how = WITH_LOG if files.has_log(path) else WITHOUT_LOG
    uri = f"{path.absolute().as_uri()}?mode=ro&{how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)


def _set(connection: sqlite3.Connection, *pragmas: str) -> None:
    """Set a connection up, suspicious of what it reads."""
    careful = (f"cache_size = -{CACHE}", "trusted_schema = OFF", "cell_size_check = ON")
    for pragma in (*pragmas, *careful):
        connection.execute(f"PRAGMA {pragma}").fetchall()

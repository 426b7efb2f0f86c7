"""A store in a file: SQLite with a write-ahead log.

What is written is there after the process was killed. After a power failure the last seconds may
be missing, all together: then positions are as old as bans and counts, and followed logs are read
again from there. To lose less, each group would have to wait for the disk, several times a second
beside the mail server's own; so only `CHECKPOINT` does.

A group is handed over as one text, in few statements. Each statement takes Python's lock once,
however many rows it writes: with one statement a row, each row would wait for a busy thread.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from json.encoder import encode_basestring_ascii as quote
from pathlib import Path
from typing import Any

from webfail2ban.addresses import Network
from webfail2ban.errors import StoreDamagedError, StoreError, StoreUnavailableError
from webfail2ban.model import Ban
from webfail2ban.store import columns, files, schema, statements
from webfail2ban.store.changes import Changes, pack_address, unpack_text
from webfail2ban.store.interface import BanColumns

log = logging.getLogger(__name__)

#: Seconds to wait for somebody who locks the database: changes wait in memory meanwhile.
PATIENCE = 1.0

#: Rows that are handed over at once: joining their fragments holds Python's lock for some 50
#: microseconds.
CHUNK = 2000

#: Rows that are read at once, and rows that one step of `purge` looks at.
PAGE = 10_000

#: Bytes of the write-ahead log that stay on the disk when it isn't needed.
LOG_SIZE = 32 * 2**20

#: Kibibytes of the database in memory. The kernel holds the rest.
CACHE = 8192

#: Seconds after which what was written is made to outlive a power failure, too.
CHECKPOINT = 10.0

#: Pages of the file that are given back after each step of `purge`.
VACUUM = 2000

#: SQLite's codes for what isn't a database, or not a whole one any more.
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

#: The low byte of an extended error code is the code itself.
CODE = 0xFF


class SqliteStore:
    """A store in a file.

    Args:
        path: The file.
        patience: Seconds to wait for somebody who locks it.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._lock = files.Lock(path)
        self._connection: sqlite3.Connection | None = None
        self._checkpoint_at = 0.0

    def __str__(self) -> str:
        """Name the file."""
        return str(self._path)

    def open(self) -> None:
        """Open the file, or make it; bring its tables up to date.

        Raises:
            StoreError: another program uses it, or a newer version wrote it.
        """
        try:
            self._path.parent.mkdir(files.DIRECTORY_MODE, parents=True, exist_ok=True)
            self._lock.take()
            files.make_room(self._path)
        except OSError as error:
            raise StoreUnavailableError(str(self), error.strerror or str(error)) from error
        with self._explained():
            # The keeper's thread is the only one that uses it; it isn't always the same one.
            connection = sqlite3.connect(
                self._path,
                timeout=self._patience,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _prepare(connection)
            except schema.ForeignError as error:
                raise StoreError(str(self), str(error)) from error
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection

    def close(self) -> None:
        """Write the log back into the file, and close it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        self._lock.release()

    def set_aside(self) -> str:
        """Rename the file with what belongs to it, and return its new path."""
        connection, self._connection = self._connection, None
        try:
            # First the names: closing writes into the file, and deletes what belongs to it.
            aside = files.set_aside(self._path)
        except OSError as error:
            raise StoreUnavailableError(str(self), error.strerror or str(error)) from error
        finally:
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
        return str(aside)

    def load_bans(self, after: int, ended_after: float) -> tuple[BanColumns, int | None]:
        """Return some bans, and where to go on."""
        upto = after + PAGE
        (found,) = self._fetch(columns.LOAD_BANS, (after, upto, ended_after))
        with self._explained():
            part = columns.make_columns(*map(json.loads, found))
        ((last,),) = self._fetch("SELECT ifnull(max(id), 0) FROM ban", ())
        return part, upto if upto < last else None

    def load_values(
        self, plugin: str, after: int, now: float
    ) -> tuple[Sequence[tuple[str, str]], int | None]:
        """Return some of what a plugin keeps, and where to go on."""
        found = self._fetch(
            # With the plus sign the index isn't used: it would lead all over the file.
            "SELECT name, content, id FROM kept "
            "WHERE id > ? AND +plugin = ? AND until > ? ORDER BY id LIMIT ?",
            (after, _escape(plugin), now, PAGE),
        )
        with self._explained():
            pairs = [(unpack_text(name), str(json.loads(text)[0])) for name, text, _ in found]
        return pairs, _find_next(found)

    def load_positions(self) -> dict[str, Any]:
        """Return where the sources stand."""
        found = self._fetch("SELECT source, position FROM position", ())
        with self._explained():
            return {unpack_text(source): json.loads(position)[0] for source, position in found}

    def save(self, changes: Changes) -> None:
        """Write changes in one transaction, into a new file if somebody deleted ours."""
        if not self._path.exists():
            self._write_again()
        with self._explained(), self._transaction() as connection:
            for kind, fragments in (
                (statements.SAVE_LIFTED, changes.lifted),
                (statements.SAVE_BANS, changes.bans),
                (statements.SAVE_DROPPED_VALUES, changes.dropped_values),
                (statements.SAVE_VALUES, changes.values),
                (statements.SAVE_DROPPED_POSITIONS, changes.dropped_positions),
                (statements.SAVE_POSITIONS, changes.positions),
            ):
                for text in _join(fragments):
                    for statement in kind:
                        connection.execute(statement, (text,))
        self._make_last()

    def find_lines(self, network: Network, jail: str) -> tuple[str, ...]:
        """Return the lines that led to a ban."""
        found = self._fetch(
            "SELECT lines FROM ban_lines JOIN ban ON ban = id "
            "WHERE address = ? AND prefix = ? AND jail = ?",
            (*_name(network), _escape(jail)),
        )
        with self._explained():
            return tuple(json.loads(found[0][0])) if found else ()

    def find_history(self, network: Network) -> Sequence[Ban]:
        """Return the last ban of exactly this network in each jail."""
        found = self._fetch(
            "SELECT jail, since, until, reason, count FROM ban "
            "WHERE address = ? AND prefix = ? ORDER BY since, id",
            _name(network),
        )
        with self._explained():
            return [
                Ban(network, unpack_text(jail), since, until, unpack_text(reason), count)
                for jail, since, until, reason, count in found
            ]

    def purge(self, after: int, ended_before: float, now: float) -> int | None:
        """Delete some of what is old, and give room back."""
        upto = after + PAGE
        with self._explained(), self._transaction() as connection:
            connection.execute(
                "DELETE FROM ban WHERE id > ? AND id <= ? AND until <= ?",
                (after, upto, ended_before),
            )
            connection.execute(
                "DELETE FROM ban_lines WHERE ban > ? AND ban <= ? AND ban NOT IN "
                "(SELECT id FROM ban WHERE id > ? AND id <= ?)",
                (after, upto, after, upto),
            )
            connection.execute(
                "DELETE FROM kept WHERE id > ? AND id <= ? AND until <= ?", (after, upto, now)
            )
        ((last,),) = self._fetch(
            "SELECT max(ifnull((SELECT max(id) FROM ban), 0), "
            "ifnull((SELECT max(id) FROM kept), 0))",
            (),
        )
        with self._explained():
            # `execute` would stop after one page: this pragma gives a row without columns for each.
            self._opened().executescript(f"PRAGMA incremental_vacuum({VACUUM})")
        return upto if upto < last else None

    def _write_again(self) -> None:
        """Make the file that somebody deleted once more: it is still open, and holds everything.

        Raises:
            StoreError: that isn't possible now.
        """
        connection = self._opened()
        try:
            with files.copying(self._path) as copy:
                with self._explained(), closing(sqlite3.connect(copy)) as again:
                    connection.backup(again)
                # First of all the old one: closing deletes what belongs to a file of its name.
                self._connection = None
                connection.close()
        except OSError as error:
            raise StoreUnavailableError(str(self), error.strerror or str(error)) from error
        self._lock.release()  # its file may be gone, too
        self.open()
        log.warning("%s was deleted; all that it held is written again", self)

    def _fetch(self, statement: str, parameters: Sequence[object]) -> list[Any]:
        with self._explained():
            return self._opened().execute(statement, parameters).fetchall()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreUnavailableError(str(self), "it isn't open")
        return self._connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all that is done to the connection, or nothing."""
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # Some errors have rolled back already (https://www.sqlite.org/lang_transaction.html).
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say in the store's words what is wrong.

        Raises:
            StoreUnavailableError: it can be tried again.
            StoreDamagedError: it can't.
        """
        try:
            yield
        except sqlite3.Error as error:
            # What can't be decoded has no code of SQLite's.
            code = getattr(error, "sqlite_errorcode", None)
            if code is None or code & CODE in DAMAGE:
                raise StoreDamagedError(str(self), str(error)) from error
            raise StoreUnavailableError(str(self), str(error)) from error
        except (TypeError, ValueError, LookupError) as error:
            raise StoreDamagedError(str(self), f"what it holds is not ours: {error}") from error

    def _make_last(self) -> None:
        """Bring what is written into the file now and then, past a power failure."""
        now = time.monotonic()
        if now >= self._checkpoint_at:
            self._checkpoint_at = now + CHECKPOINT
            self._fetch("PRAGMA wal_checkpoint(PASSIVE)", ())


def _prepare(connection: sqlite3.Connection) -> None:
    """Set a connection up.

    Raises:
        schema.ForeignError: the file isn't ours.
        sqlite3.Error: it can't be used.
    """
    for pragma in (
        "auto_vacuum = INCREMENTAL",  # before the first table; later it does nothing
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"journal_size_limit = {LOG_SIZE}",
        f"cache_size = -{CACHE}",
        "trusted_schema = OFF",
        "cell_size_check = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    schema.climb(connection)


def _join(fragments: Mapping[Any, str]) -> Iterator[str]:
    """Yield JSON arrays of fragments, each of a bounded number."""
    left = iter(fragments.values())
    while chunk := list(islice(left, CHUNK)):
        yield f"[{','.join(chunk)}]"


def _find_next(found: Sequence[Sequence[Any]]) -> int | None:
    """Return where to go on behind some rows, whose last column is their number."""
    return int(found[-1][-1]) if len(found) == PAGE else None


def _name(network: Network) -> tuple[int | str, int]:
    address = int(network.network_address)
    return pack_address(address, network.version), network.prefixlen


def _escape(text: str) -> str:
    """Return a text as it is stored."""
    return quote(text)[1:-1]

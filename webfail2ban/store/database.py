"""A database's file: opened, if only to be read; written again; set aside.

Every error of SQLite's becomes one of the store's, which says whether it may be tried again.
"""

import errno
import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from webfail2ban.errors import StoreDamagedError, StoreError, StoreUnavailableError
from webfail2ban.store import connecting, files, schema

log = logging.getLogger(__name__)

#: Seconds to wait for somebody who locks the database: changes wait in memory meanwhile.
PATIENCE = 1.0

#: Seconds after which what was written is made to outlive a power failure, too.
CHECKPOINT = 10.0

#: SQLite's codes for what isn't a database, or not a whole one any more.
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

#: Its codes for what somebody else has.
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

#: The low byte of an extended error code is the code itself.
CODE = 0xFF


class Database:
    """A database in a file.

    Args:
        path: The file.
        patience: Seconds to wait for somebody who locks it.

    Attributes:
        obstacle: Why it can be read and not be written now; nothing if it can.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._lock = files.Lock(path)
        self._connection: sqlite3.Connection | None = None
        self._checkpoint_at = 0.0
        self.obstacle = ""

    def __str__(self) -> str:
        """Name the file."""
        return str(self._path)

    def open(self) -> None:
        """Open the file, or make it; bring its tables up to date.

        Raises:
            StoreError: another program uses it, a newer version wrote it, nobody may write there.
        """
        self._disconnect()
        self.obstacle = ""
        try:
            self._connection = self._connect()
        except StoreUnavailableError as error:
            self._connection = self._connect_to_read(error)
            self.obstacle = error.reason

    def _connect(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(files.DIRECTORY_MODE, parents=True, exist_ok=True)
            self._lock.take()
            files.make_room(self._path)
        except OSError as error:
            raise self._excuse(error) from error
        with self._explained():
            return connecting.connect_to_write(self._path, self._patience)

    def _connect_to_read(self, error: StoreUnavailableError) -> sqlite3.Connection:
        """Connect where nothing can be written; raise the error that said so if that fails, too."""
        cause = error.__cause__
        if isinstance(cause, sqlite3.Error) and _code(cause) in LOCKED:
            raise error
        try:
            with self._explained():
                connection = connecting.connect_to_read(self._path)
        except StoreUnavailableError:
            connection = None
        if connection is None:
            raise error
        return connection

    def close(self) -> None:
        """Write the log back into the file, and close it."""
        self._disconnect()
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

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _be_writable(self) -> None:
        """Try to write again, where there was no room.

        Raises:
            StoreError: there is still none.
        """
        if not self.obstacle:
            return
        try:
            self.open()
        except StoreError as error:
            self.obstacle = error.reason  # it is to be opened again
            raise
        if self.obstacle:
            raise StoreUnavailableError(str(self), self.obstacle)

    def _excuse(self, error: OSError) -> StoreError:
        """Say whether it is the machine that doesn't let us, or whoever set it up."""
        reason = error.strerror or str(error)
        if error.errno == errno.EROFS and not self._path.exists():
            return StoreError(str(self), reason)
        if error.errno in files.PASSING:
            return StoreUnavailableError(str(self), reason)
        return StoreError(str(self), f"{reason}; choose another store.path, or let us write there")

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
        self._be_writable()
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
            StoreError: the file isn't ours.
        """
        try:
            yield
        except schema.ForeignError as error:
            raise StoreError(str(self), str(error)) from error
        except sqlite3.Error as error:
            code = _code(error)
            if code is None or code in DAMAGE:
                raise StoreDamagedError(str(self), str(error)) from error
            shortage = files.find_shortage(self._path)
            reason = f"{shortage} ({error})" if shortage else str(error)
            raise StoreUnavailableError(str(self), reason) from error
        except (TypeError, ValueError, LookupError) as error:
            raise StoreDamagedError(str(self), f"what it holds is not ours: {error}") from error

    def _make_last(self) -> None:
        """Bring what is written into the file now and then, past a power failure."""
        now = time.monotonic()
        if now >= self._checkpoint_at:
            self._checkpoint_at = now + CHECKPOINT
            self._fetch("PRAGMA wal_checkpoint(PASSIVE)", ())


def _code(error: sqlite3.Error) -> int | None:
    """Return what SQLite calls an error; what can't be decoded has no code."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & CODE

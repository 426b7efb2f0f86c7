"""The files of a database: made for nobody else, used by one engine, set aside when damaged."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from webfail2ban.errors import StoreError

#: The directory is for the owner, its group may look into it.
DIRECTORY_MODE = 0o750

#: Log lines name users and clients, so the files are for the owner only.
FILE_MODE = 0o600

#: What SQLite keeps beside a database (https://www.sqlite.org/tempfiles.html).
COMPANIONS = ("-wal", "-shm")

#: Why nothing can be written at present, although everybody may: no fault of the configuration's.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})

#: Besides these, what a machine in trouble says, and what passes.
PASSING = NO_ROOM | {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE}

#: Bytes that a database needs at least to be opened.
LITTLE = 2**16


class Lock:
    """Tells a second engine that there is one.

    Args:
        database: The path of the database; the lock is a file beside it, which stays.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock, until this process ends or releases it.

        Raises:
            StoreError: another process has it.
            OSError: the file can't be made; if there is no room for it, nobody else has it.
        """
        if self._descriptor is not None:
            return
        descriptor = _open(self._database.with_name(f"{self._database.name}.lock"))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise StoreError(
                str(self._database),
                "another webfail2ban uses it; stop that one, or give this one a store.path of its "
                "own",
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: Path) -> int:
    """Open a file, which is made if there is none and can be."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    except OSError as error:
        if error.errno not in NO_ROOM or not path.exists():
            raise
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def has_log(database: Path) -> bool:
    """Return whether a write-ahead log holds what isn't in the database itself."""
    with suppress(FileNotFoundError):
        return _sibling(database, "-wal").stat().st_size > 0
    return False


def find_shortage(database: Path) -> str:
    """Return why nothing can be written where a database is, in words; nothing if it can be."""
    try:
        system = os.statvfs(database.parent)
    except OSError:
        return ""
    if system.f_flag & os.ST_RDONLY:
        return "the file system is read-only"
    if system.f_bavail * system.f_frsize < LITTLE or (system.f_files and not system.f_favail):
        return "the disk is full"
    return ""


def make_room(database: Path) -> None:
    """Make the directory and an empty file, unless they are there.

    Raises:
        OSError: that isn't possible.
    """
    database.parent.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
    os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))


@contextmanager
def copying(database: Path) -> Iterator[Path]:
    """Have a copy of a database written, which takes its place when the context ends well.

    Yields:
        Where to write it: an empty file beside it.

    Raises:
        OSError: that isn't possible.
    """
    copy = _sibling(database, ".copy")
    copy.unlink(missing_ok=True)
    make_room(copy)
    try:
        yield copy
        for companion in COMPANIONS:
            _sibling(database, companion).unlink(missing_ok=True)
        copy.rename(database)
    finally:
        copy.unlink(missing_ok=True)


def set_aside(database: Path) -> Path:
    """Rename a database with its companions; nothing is deleted.

    Returns:
        Where it is now.

    Raises:
        OSError: that isn't possible.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = database.with_name(f"{database.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = database.with_name(f"{database.name}.damaged-{stamp}-{number}")
    for companion in COMPANIONS:
        with suppress(FileNotFoundError):
            _sibling(database, companion).rename(_sibling(aside, companion))
    with suppress(FileNotFoundError):
        database.rename(aside)
    return aside


def _sibling(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")

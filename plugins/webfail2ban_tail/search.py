"""Finding the file that a position speaks of, wherever rotation has put it."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from webfail2ban_tail.generations import COMPRESSED, later_names
from webfail2ban_tail.logfile import LogFile
from webfail2ban_tail.position import DECISIVE, Identity, Position

#: How often to look again when a rotation gets in between; each look takes less time than one.
LOOKS = 20


def open_at(path: Path, position: Position) -> LogFile | None:
    """Open the file of a position at its place.

    The file with the same device and inode is preferred: it is the log itself, perhaps under the
    name that rotation gave it. Else any file that holds what was read is as good: the copy that
    copytruncate made, or the log itself after it was moved to another disk.

    Args:
        path: The path of the log. The file may lie beside it.
        position: Where reading stopped.

    Returns:
        The file; None if it is gone, was compressed or moved away.
    """
    known = _take_stock(path)
    same = [
        other
        for other, status in known.items()
        if (status.st_dev, status.st_ino) == position.identity
    ]
    for other in (*same, *_list_copies(path, position, known)):
        file = _open_matching(other, position)
        if file:
            return file
    return None


def open_next(path: Path, file: LogFile) -> LogFile | None:
    """Open the file that was written after another one, at its beginning.

    Args:
        path: The path of the log.
        file: The one that was read to its end and isn't at the path any more.

    Returns:
        The next generation if the log was rotated more than once, else what is at the path now;
        None if nothing is there.

    Raises:
        OSError: it can't be opened.
    """
    following: LogFile | None = None
    for _ in range(LOOKS):
        known = _take_stock(path)
        chosen = next(_list_later(path, file, known), path)
        with suppress(FileNotFoundError):
            following = LogFile(chosen)
            if chosen in known and following.identity == _identity(known[chosen]):
                return following
            following.close()  # it was rotated again in between
    with suppress(FileNotFoundError):
        return LogFile(path)
    return None


def _list_later(path: Path, file: LogFile, known: Mapping[Path, os.stat_result]) -> Iterator[Path]:
    """Yield the generations of a log that came after a file, oldest first."""
    written = os.fstat(file.descriptor).st_mtime_ns
    for place, status in known.items():
        if place != path and _identity(status) == file.identity:
            beside = {other.name: other for other in known if other.parent == place.parent}
            for name in later_names(path.name, beside, place.name):
                # An older one has its name by chance.
                if beside[name] != path and known[beside[name]].st_mtime_ns >= written:
                    yield beside[name]
            return


def _take_stock(path: Path) -> dict[Path, os.stat_result]:
    """Return a log and the regular files beside it as they were at one moment.

    A rotation renames them one after the other: what is listed while it does shows some of them
    twice and some not at all. Two looks that see the same saw no rotation.
    """
    known = dict(_list_files(path))
    for _ in range(LOOKS):
        again = dict(_list_files(path))
        if {place: _identity(status) for place, status in again.items()} == {
            place: _identity(status) for place, status in known.items()
        }:
            return again
        known = again
    return known


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def _list_files(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield a log and the regular files beside it with their status."""
    for other in (path, *_list_siblings(path)):
        status = _read_status(other)
        if status:
            yield other, status


def _list_siblings(path: Path) -> Iterator[Path]:
    """Yield what lies beside a log, and beside what it is a link to, but nothing compressed."""
    directories = dict.fromkeys((path.parent, Path(os.path.realpath(path)).parent))
    for directory in directories:
        with suppress(OSError):
            for sibling in sorted(directory.iterdir()):
                if sibling != path and sibling.suffix not in COMPRESSED:
                    yield sibling


def _list_copies(
    path: Path, position: Position, known: Mapping[Path, os.stat_result]
) -> Iterator[Path]:
    """Yield what may hold the same text, the log itself first, then the newest."""
    if position.offset < DECISIVE:
        return
    if path in known:
        yield path
    for other in sorted(known, key=lambda other: known[other].st_mtime_ns, reverse=True):
        if known[other].st_size >= position.offset and other.name.startswith(path.stem):
            yield other


def _read_status(path: Path) -> os.stat_result | None:
    """Return the status of a regular file, None for anything else."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _open_matching(path: Path, position: Position) -> LogFile | None:
    try:
        file = LogFile(path)
    except OSError:
        return None
    if position.matches(file.descriptor):
        file.seek(position.offset, cut=position.cut)
        return file
    file.close()
    return None

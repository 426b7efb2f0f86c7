"""Finding the file that a position speaks of, wherever rotation has put it."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from webfail2ban_tail.generations import COMPRESSED, later_names
from webfail2ban_tail.logfile import LogFile, identify
from webfail2ban_tail.position import DECISIVE, Position


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
    known = dict(_list_files(path))
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
    written = os.fstat(file.descriptor).st_mtime_ns
    for later in _list_later(path, file):
        status = _read_status(later)
        if status and status.st_mtime_ns >= written:  # an older one has its name by chance
            return LogFile(later)
    with suppress(FileNotFoundError):
        return LogFile(path)
    return None


def _list_later(path: Path, file: LogFile) -> list[Path]:
    """Return the generations of a log that came after a file, oldest first."""
    siblings = list(_list_siblings(path))
    for sibling in siblings:
        if identify(sibling) == file.identity:
            beside = {other.name: other for other in siblings if other.parent == sibling.parent}
            return [beside[name] for name in later_names(path.name, beside, sibling.name)]
    return []


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

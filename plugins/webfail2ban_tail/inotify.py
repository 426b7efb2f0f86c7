"""Knowing that something happened to files, where the kernel tells: inotify(7).

inotify_simple hands out the kernel's descriptor, which is waited for like a socket; other
libraries read it in a thread, or a loop, of their own.
"""

import errno
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import gevent

from webfail2ban_tail.logfile import LogFile
from webfail2ban_tail.watch import Changes, Watch

try:
    from inotify_simple import INotify, flags
except ImportError:  # it needs modules that only Unix has
    INotify = None

log = logging.getLogger(__name__)

#: Seconds between two looks at everything while the kernel tells what happens. It tells nothing of
#: what other hosts do to a network file system, and of links to directories.
SAFETY_NET = 30.0

#: What is wrong with a directory that has gone since it was listed; its parent tells of that.
GONE = (errno.ENOENT, errno.ENOTDIR)

#: gevent's loop calls the events of a descriptor by number, as libev does: EV_READ.
READABLE = 1


def open_watch(interval: float, *, inotify: bool = True) -> Watch:
    """Return the best way there is to know of changes.

    Args:
        interval: Seconds between two looks where the kernel doesn't tell.
        inotify: Whether it may be asked to.
    """
    if not inotify:
        return Watch(interval)
    try:
        return InotifyWatch(interval)
    except (OSError, AttributeError, TypeError) as error:  # no instance left, no such function
        log.warning("there is no inotify (%s): files are looked at each %g s", error, interval)
        return Watch(interval)


class InotifyWatch(Watch):
    """Waits until the kernel tells of a change.

    Args:
        interval: Seconds between two looks from the moment that the kernel watches no more.

    Raises:
        OSError: the kernel has no instance of inotify left.
        AttributeError, TypeError: the system has no inotify.
    """

    def __init__(self, interval: float) -> None:
        super().__init__(SAFETY_NET)
        self._fallback = interval
        self._inotify = INotify(nonblocking=True)
        self._readable = gevent.get_hub().loop.io(self._inotify.fileno(), READABLE)
        self._directories = WatchTable()
        self._files = WatchTable()
        self._open: dict[Path, LogFile] = {}
        changed = flags.CREATE | flags.DELETE | flags.MOVED_FROM | flags.MOVED_TO | flags.ATTRIB
        itself = flags.DELETE_SELF | flags.MOVE_SELF
        self._directory_mask = changed | itself | flags.ONLYDIR
        self._file_mask = flags.MODIFY | flags.ATTRIB | itself

    def watch_directories(self, directories: Iterable[Path]) -> None:
        """Watch these directories from now on, and no others."""
        wanted = set(directories)
        for path in self._directories.paths - wanted:
            self._remove(self._directories.set(path, None))
        for path in wanted:  # again, too: another directory may have the name now
            number = self._add(path, self._directory_mask)
            self._remove(self._directories.set(path, number))

    def watch_file(self, path: Path, file: LogFile | None) -> bool:
        """Watch a log's open file from now on instead of the one before; None for none.

        Returns:
            Whether it wasn't watched before: it may have changed in the meantime.
        """
        if self._open.get(path) is file:
            return False
        if file is None:
            del self._open[path]
            self._remove(self._files.set(path, None))
            return False
        self._open[path] = file
        # Through the descriptor, for another file may have the path by now.
        number = self._add(Path(f"/proc/self/fd/{file.descriptor}"), self._file_mask)
        self._remove(self._files.set(path, number))
        return True

    def wait(self, seconds: float) -> Changes:
        """Wait for changes or for `wake`, some seconds at most."""
        self._readable.start(self._woken.set)
        try:
            self._woken.wait(seconds)
        finally:
            self._readable.stop()
        self._woken.clear()
        return self._collect()

    def close(self) -> None:
        """Watch nothing any more."""
        self._readable.close()
        self._inotify.close()

    def _collect(self) -> Changes:
        """Return what the kernel has told."""
        events = self._inotify.read(timeout=0)
        numbers = {event.wd for event in events}
        changes = Changes(
            frozenset(self._files.find(numbers)),
            frozenset(self._directories.find(numbers)),
            everything=any(event.mask & flags.Q_OVERFLOW for event in events),
        )
        for event in events:
            if event.mask & flags.IGNORED:  # the kernel has removed the watch
                self._files.drop(event.wd)
                self._directories.drop(event.wd)
        return changes

    def _add(self, path: Path, mask: int) -> int | None:
        """Ask for a watch; return its number, None if there is none to be had."""
        try:
            return int(self._inotify.add_watch(path, mask))
        except OSError as error:
            if error.errno not in GONE and self.interval != self._fallback:
                self.interval = self._fallback
                reason = error.strerror
                if error.errno == errno.ENOSPC:
                    reason = "fs.inotify.max_user_watches is used up"
                log.warning(
                    "not everything can be watched (%s): files are looked at each %g s",
                    reason,
                    self.interval,
                )
            return None

    def _remove(self, number: int | None) -> None:
        if number is not None:
            with suppress(OSError):  # the kernel has removed it already
                self._inotify.rm_watch(number)


class WatchTable:
    """Which paths the kernel's watch numbers stand for; several for the same directory or file."""

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}
        self._paths: defaultdict[int, set[Path]] = defaultdict(set)

    @property
    def paths(self) -> set[Path]:
        """The paths that are watched."""
        return set(self._numbers)

    def set(self, path: Path, number: int | None) -> int | None:
        """Note a path's number, None for none; return the one that nobody needs any more."""
        before = self._numbers.pop(path, None)
        if number is not None:
            self._numbers[path] = number
            self._paths[number].add(path)
        if before is None or before == number:
            return None
        self._paths[before].discard(path)
        if self._paths[before]:
            return None
        del self._paths[before]
        return before

    def find(self, numbers: Iterable[int]) -> Iterator[Path]:
        """Yield the paths that numbers stand for."""
        for number in numbers:
            yield from self._paths.get(number, ())

    def drop(self, number: int) -> None:
        """Forget a number."""
        for path in self._paths.pop(number, ()):
            del self._numbers[path]

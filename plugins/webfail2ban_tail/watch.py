"""Knowing that something happened to files, where nobody tells: look at them all, and wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gevent.event import Event

from webfail2ban_tail.logfile import LogFile


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened since the last time.

    Attributes:
        files: The logs, by their paths, whose open file has changed.
        directories: The directories in which a name, or somebody's rights, have changed.
        everything: Whether anything may have happened.
    """

    files: frozenset[Path] = frozenset()
    directories: frozenset[Path] = frozenset()
    everything: bool = False


class Watch:
    """Waits, and is told of nothing.

    Args:
        interval: Seconds between two looks.

    Attributes:
        interval: Seconds between two looks at everything, which the owner takes by himself.
    """

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._woken = Event()

    def watch_directories(self, directories: Iterable[Path]) -> None:
        """Watch these directories from now on, and no others."""

    def watch_file(self, path: Path, file: LogFile | None) -> bool:
        """Watch a log's open file from now on instead of the one before; None for none.

        Returns:
            Whether it wasn't watched before: it may have changed in the meantime.
        """
        del path, file
        return False

    def wait(self, seconds: float) -> Changes:
        """Wait for changes or for `wake`, some seconds at most."""
        self._woken.wait(seconds)
        self._woken.clear()
        return Changes()

    def wake(self) -> None:
        """End the waiting."""
        self._woken.set()

    def close(self) -> None:
        """Watch nothing any more."""

"""The reading itself: whatever has changed is read, a block of each log in turn."""

from collections.abc import Iterable
from math import inf
from pathlib import Path

import gevent
from gevent.event import Event

from webfail2ban import LogLines, Sensor
from webfail2ban_tail.inotify import open_watch
from webfail2ban_tail.linger import LINGER
from webfail2ban_tail.roster import Entry, Roster
from webfail2ban_tail.settings import TailSettings
from webfail2ban_tail.watch import Changes, Watch

#: Seconds between two readings of a log that is being written to: many small blocks cost more than
#: a large one, and no ban comes too late for it.
PAUSE = 0.02

#: Files open at once. Beyond it those that were read least lately are closed: a process may have
#: 1024 descriptors where nobody has raised that.
MAX_OPEN = 512

#: Seconds that the search of a last block may take when the sensor ends.
LAST_BLOCK = 5.0


class Loop:
    """Reads the followed logs as they grow.

    Args:
        settings: What to follow, and how.
        sensor: Takes the lines.
        linger: Seconds for which a rotated file must have been left alone.
        max_open: Files open at once.
    """

    def __init__(
        self,
        settings: TailSettings,
        sensor: Sensor,
        *,
        linger: float = LINGER,
        max_open: int = MAX_OPEN,
    ) -> None:
        self.roster = Roster(settings, sensor, linger)
        self._settings = settings
        self._sensor = sensor
        self._max_open = max_open
        self._watch = Watch(settings.poll)
        self._open: dict[Path, None] = {}  # in the order in which they were last read
        self._timers: dict[Path, float] = {}
        self._look_at = -inf  # when everything is looked at next
        self._stopping = False
        self._ended = Event()
        self._ended.set()

    def run(self) -> None:
        """Read until `stop` is called."""
        self._ended.clear()
        self._watch = open_watch(self._settings.poll, inotify=self._settings.inotify)
        try:
            due = self._look_around()
            while not self._stopping:
                due = self._read_round(due)
                due |= self._wait(busy=bool(due))
        finally:
            self._watch.close()
            self._ended.set()

    def stop(self) -> None:
        """End reading behind the block that is being searched, and close all files."""
        self._stopping = True
        self._watch.wake()
        if self._ended.wait(LAST_BLOCK):
            self.roster.keep_end()
        for entry in self.roster.entries.values():
            entry.follower.close()

    def _read_round(self, due: Iterable[Path]) -> set[Path]:
        """Read a block of each log that is due; return those that may have more."""
        more = set()
        for path in due:
            entry = self.roster.entries.get(path)
            if entry and not self._stopping and self._read_block(entry):
                more.add(path)
                gevent.sleep(0)  # other sources have their turn
        self.roster.keep()
        return more

    def _read_block(self, entry: Entry) -> bool:
        """Read a block of a log; return whether there may be more."""
        follower = entry.follower
        now = self._sensor.now()
        block = follower.read(now)
        changed = self._note_file(entry)
        if block is None:
            self.roster.keep_position(entry)
            return changed
        if block.texts:
            self._sensor.emit(LogLines(block.texts, entry.source, live=follower.live))
            entry.lines += len(block.texts)
            entry.last_line = now
        follower.advance(block, now)
        self.roster.keep_position(entry)
        return True

    def _note_file(self, entry: Entry) -> bool:
        """Watch a log's open file; return whether it may have changed before that."""
        follower, path = entry.follower, entry.follower.path
        self._timers.pop(path, None)
        if follower.wake_at < inf:
            self._timers[path] = follower.wake_at
        self._open.pop(path, None)
        if follower.file:
            self._open[path] = None
            while len(self._open) > self._max_open:
                oldest = next(iter(self._open))
                del self._open[oldest]
                self.roster.entries[oldest].follower.rest()
        elif follower.position:
            return False  # it rests, and stays watched
        return self._watch.watch_file(path, follower.file)

    def _wait(self, *, busy: bool) -> set[Path]:
        """Return the logs to which something has happened; unless busy, wait for that."""
        if not busy:
            gevent.sleep(PAUSE)
        now = self._sensor.now()
        self._look_at = min(self._look_at, now + self._watch.interval)  # the clock may be set back
        wake_at = min([self._look_at, *self._timers.values()])
        changes = self._watch.wait(0.0 if busy else max(wake_at - now, 0.0))
        now = self._sensor.now()
        if changes.everything or now >= self._look_at:
            return self._look_around()
        return self._find_due(changes, now)

    def _find_due(self, changes: Changes, now: float) -> set[Path]:
        due = {path for path, wake_at in self._timers.items() if wake_at <= now}
        due |= changes.files
        if changes.directories:
            before = set(self.roster.entries)
            appeared = self._update()
            due |= set(self.roster.entries) - before
            for directory in changes.directories | appeared:
                due |= self.roster.directories.get(directory, set())
        return due

    def _look_around(self) -> set[Path]:
        """Look at everything; return all logs."""
        self._update()
        self._look_at = self._sensor.now() + self._watch.interval
        return set(self.roster.entries)

    def _update(self) -> set[Path]:
        """Look which logs and directories are there; return the directories that are new."""
        appeared: set[Path] = set()
        while True:
            before = set(self.roster.directories)
            self.roster.update()
            self._watch.watch_directories(self.roster.directories)
            new = set(self.roster.directories) - before
            if not new:
                return appeared
            appeared |= new  # something may have happened in them before they were watched

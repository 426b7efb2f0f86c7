"""Which logs are followed: what the globs lead to now, and what was followed before."""

import logging
import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webfail2ban import Sensor, SourceStatus
from webfail2ban_tail.beginning import Beginning
from webfail2ban_tail.follower import Follower
from webfail2ban_tail.lines import Splitter
from webfail2ban_tail.logfile import identify
from webfail2ban_tail.patterns import (
    drop_generations,
    drop_links,
    expand,
    is_pattern,
    list_directories,
)
from webfail2ban_tail.position import Position
from webfail2ban_tail.settings import TailSettings

log = logging.getLogger(__name__)

#: The name under which is kept what was followed before.
SOURCE = "tail"

#: Seconds after which a log that a glob led to is given up, if it was there when it was last seen:
#: its file system may not be mounted, or its container be starting.
ABSENCE = 86_400.0

#: Seconds for which nobody may have read so that lines which came meanwhile are still new: another
#: sensor takes over, or the program was started again at once.
SHORT = 10.0


@dataclass(slots=True)
class Entry:
    """A followed log.

    Attributes:
        follower: Reads it.
        source: Its name as a log source.
        kept: The position that was last kept.
        seen_at: When its path was last among those that the globs led to.
        lines: How many lines it brought.
        last_line: When the last one came; None before the first.
    """

    follower: Follower
    source: str
    kept: Position | None
    seen_at: float
    lines: int = 0
    last_line: float | None = None

    def tell(self) -> SourceStatus:
        """Say how the log stands."""
        state = "waits for the file"
        if self.follower.trouble:
            state = f"can't be read: {self.follower.trouble}"
        elif self.follower.position:
            state = f"read up to byte {self.follower.position.offset}"
        return SourceStatus(self.source, self.lines, self.follower.cut_lines, self.last_line, state)


class Roster:
    """The followed logs.

    Args:
        settings: What to follow, and how.
        sensor: Knows where the logs stood.
        linger: Seconds for which a rotated file must have been left alone.

    Attributes:
        entries: The followed logs by their paths.
        directories: The directories in which something may happen, with the logs that it may
            happen to.
    """

    def __init__(self, settings: TailSettings, sensor: Sensor, linger: float) -> None:
        self.entries: dict[Path, Entry] = {}
        self.directories: dict[Path, set[Path]] = {}
        self._settings = settings
        self._sensor = sensor
        self._linger = linger
        self._splitter = Splitter(settings.max_line, settings.encoding)
        self._beginning = Beginning(settings.start, sensor.now, self._splitter)
        self._patterns = [_absolute(path) for path in settings.files]
        self._mentioned: set[Path] = set()
        memory = sensor.position(SOURCE)
        self._before = _read_memory(memory)
        self._live = _read_live(memory, sensor.now())
        self._kept: Any = None

    def update(self) -> None:
        """Look which logs are there now."""
        now = self._sensor.now()
        found = self._find()
        if self._kept is None:
            for path in self._list_known():
                found.setdefault(path, path)
        for path, pattern in found.items():
            if path in self.entries:
                self.entries[path].seen_at = now
            else:
                self.entries[path] = self._begin(path, pattern, now)
        for path in [path for path in self.entries if path not in found]:
            self._forget(path, now)
        self.directories = self._find_directories()

    def keep(self) -> None:
        """Keep what is followed, so that what is new can be told from what was there before."""
        memory = self._memory()
        if memory != self._kept:
            self._kept = memory
            self._sensor.keep_position(SOURCE, memory)

    def keep_end(self) -> None:
        """Keep which logs were read as they were written, up to now: what comes next is new."""
        live = [str(path) for path, entry in self.entries.items() if entry.follower.live]
        ended = {"live": live, "ended": self._sensor.now()}
        self._sensor.keep_position(SOURCE, {**self._memory(), **ended})

    def _memory(self) -> dict[str, Any]:
        return {
            "patterns": [str(pattern) for pattern in self._patterns],
            "paths": [str(path) for path in self.entries],
        }

    def keep_position(self, entry: Entry) -> None:
        """Keep where a log stands, if it has moved on."""
        position = entry.follower.position
        if position != entry.kept:
            entry.kept = position
            self._sensor.keep_position(entry.source, position.to_json() if position else None)

    def _find(self) -> dict[Path, Path]:
        """Return the logs that are there, or are named, each with its path or glob."""
        found = {path: path for path in self._patterns if not is_pattern(path)}
        for pattern in self._patterns:
            paths = expand(pattern, self._settings.exclude)
            if not paths:
                self._mention(pattern, logging.INFO, "nothing is there yet: %s")
            if is_pattern(pattern):
                for path in drop_generations(paths):
                    if self._is_log(path):
                        found.setdefault(path, pattern)
        return {path: found[path] for path in drop_links(found)}

    def _is_log(self, path: Path) -> bool:
        if path in self.entries:
            return True
        try:
            status = path.stat()
        except OSError:
            return False
        if stat.S_ISREG(status.st_mode):
            return True
        self._mention(path, logging.WARNING, "not followed, because it is no regular file: %s")
        return False

    def _mention(self, path: Path, level: int, sentence: str) -> None:
        """Log something about a path, once."""
        if path not in self._mentioned:
            self._mentioned.add(path)
            log.log(level, sentence, path)

    def _list_known(self) -> Iterator[Path]:
        """Yield what was followed before, and forget what nobody wants any more."""
        for path in map(Path, self._before["paths"]):
            if any(path == pattern or path.match(str(pattern)) for pattern in self._patterns):
                if self._sensor.position(name_source(path)) is not None:
                    yield path
            else:
                self._sensor.keep_position(name_source(path), None)

    def _begin(self, path: Path, pattern: Path, now: float) -> Entry:
        source = name_source(path)
        position = None
        kept = self._sensor.position(source)
        if kept is not None:
            try:
                position = Position.from_json(kept)
            except ValueError as error:
                log.warning("%s is taken for new: %s", path, error)
        new = self._kept is None and str(pattern) not in self._before["patterns"]
        follower = Follower(
            path,
            self._splitter,
            position=position,
            beginning=self._beginning if new and identify(path) is not None else None,
            linger=self._linger,
        )
        follower.live = self._kept is None and position is not None and str(path) in self._live
        return Entry(follower, source, position, now)

    def _forget(self, path: Path, now: float) -> None:
        """Give up a log that isn't there any more, once it has been read."""
        entry = self.entries[path]
        entry.seen_at = min(entry.seen_at, now)
        if entry.follower.file is None and now - entry.seen_at > ABSENCE:
            entry.follower.forget()
        if entry.follower.position is None:
            self.keep_position(entry)
            del self.entries[path]

    def _find_directories(self) -> dict[Path, set[Path]]:
        found: defaultdict[Path, set[Path]] = defaultdict(set)
        for pattern in self._patterns:
            for directory in list_directories(pattern):
                found[directory] = set()
        for path in self.entries:
            found[path.parent].add(path)
            if path.is_symlink():
                found[Path(os.path.realpath(path)).parent].add(path)
        return {directory: paths for directory, paths in found.items() if directory.is_dir()}


def name_source(path: Path) -> str:
    """Return a log's name as a log source, without what can't be printed."""
    shown = (
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in str(path)
    )
    return f"{SOURCE}:{''.join(shown)}"


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _read_memory(kept: Any) -> dict[str, list[str]]:
    """Return what `keep` kept; nothing if that was long ago, or never."""
    try:
        return {key: [str(item) for item in kept[key]] for key in ("patterns", "paths")}
    except (TypeError, KeyError):
        return {"patterns": [], "paths": []}


def _read_live(kept: Any, now: float) -> set[str]:
    """Return the logs that were read as they were written until just now (`Roster.keep_end`)."""
    try:
        return set(kept["live"]) if 0 <= now - kept["ended"] < SHORT else set()
    except (TypeError, KeyError):
        return set()

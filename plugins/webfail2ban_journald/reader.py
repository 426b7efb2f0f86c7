"""Reading the journal from where it stood, also when the program that reads it ends."""

import logging
from collections.abc import Callable, Sequence
from math import inf

import gevent
from gevent.event import Event

from webfail2ban import LogLine, Sensor, SourceStatus, show_duration
from webfail2ban_journald import command
from webfail2ban_journald.child import CHUNK, Child
from webfail2ban_journald.export import Entry, ExportError, ExportReader
from webfail2ban_journald.line import MICRO, SOURCE, make_line, read_time
from webfail2ban_journald.position import Position
from webfail2ban_journald.settings import JournaldSettings

log = logging.getLogger("webfail2ban.journald")

#: Seconds between two readings while entries come: many small blocks cost more than a large one,
#: and no ban comes too late for it.
PAUSE = 0.02

#: Seconds before journalctl is started again: doubled each time until it brings something.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0

#: Seconds of silence after which another journalctl goes on: nobody can tell a journal in which
#: nothing happens from a program that hangs, and to go on costs next to nothing.
SILENCE = 300.0

#: Seconds after which a journalctl that hasn't ended has found a journal: else it ends at once.
SETTLED = 5.0

#: Seconds that the search of a last block may take when the sensor ends.
LAST_BLOCK = 5.0

#: What journalctl says of a cursor that isn't one.
BAD_CURSOR = "Failed to seek to cursor"


class Reader:
    """Reads the journal, each entry once.

    Args:
        settings: Which journal, and from when on.
        words: Which entries of it; none for all.
        sensor: Takes the lines.
        silence: Seconds of silence after which another child goes on.
        start_child: Starts the program.

    Attributes:
        child: The program that reads; None between two.
        lines: How many lines there were.
        last_line: When the last one came; None before the first.
        trouble: Why nothing can be read; empty if it can.
        starts: How often the program was started.
    """

    def __init__(
        self,
        settings: JournaldSettings,
        words: Sequence[str],
        sensor: Sensor,
        *,
        silence: float = SILENCE,
        start_child: Callable[[Sequence[str]], Child] = Child,
    ) -> None:
        self.child: Child | None = None
        self.lines = 0
        self.last_line: float | None = None
        self.trouble = ""
        self.starts = 0
        self._settings = settings
        self._words = words
        self._sensor = sensor
        self._silence = silence
        self._start_child = start_child
        self._position = Position.load(sensor.position(SOURCE))
        self._stopped = Event()
        self._ended = Event()
        self._ended.set()

    def run(self) -> None:
        """Read until `stop` is called."""
        self._ended.clear()
        try:
            if self._position is None and self._settings.age < inf:
                begin = self._sensor.now() - self._settings.age
                self._keep(Position(max(round(begin * MICRO), 0)))
            pause = FIRST_PAUSE
            while not self._stopped.is_set():
                lines = self.lines
                trouble = self._follow()
                if self.lines > lines:
                    pause = FIRST_PAUSE
                if trouble and not self._stopped.is_set():
                    self._report(trouble, pause)
                    self._stopped.wait(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._ended.set()

    def stop(self) -> None:
        """End reading behind the block that is being searched."""
        self._stopped.set()
        if self.child:
            self.child.kill()
        self._ended.wait(LAST_BLOCK)

    def tell(self) -> SourceStatus:
        """Return how the journal stands."""
        if self.trouble:
            state = f"can't be read: {self.trouble}"
        elif self._position is None or not self._position.cursor:
            state = "waits for the first entry"
        else:
            age = max(round(self._sensor.now() - self._position.time / MICRO), 0)
            state = f"read up to an entry that is {show_duration(age)} old"
        return SourceStatus(SOURCE, self.lines, 0, self.last_line, state)

    def _follow(self) -> str:
        """Read with one child until it ends; return what is wrong, nothing if it was replaced."""
        position = self._position
        try:
            child = self._start_child(command.follow(self._settings, self._words, position))
        except OSError as error:
            return f"{command.PROGRAM}: {error.strerror or error}"
        self.starts += 1
        self.child = child
        if self._stopped.is_set():  # while it was started
            child.kill()
        trouble = ""
        try:
            silent = self._read(child)
        except ExportError as error:
            silent, trouble = False, str(error)
        finally:
            self.child = None
            words = child.end()
        if words.startswith(BAD_CURSOR) and self._position == position and position is not None:
            self._keep(Position(position.time + 1))
        return "" if silent else trouble or f"{command.PROGRAM} ended: {words}"

    def _read(self, child: Child) -> bool:
        """Read what a child writes until it ends; return whether it was silent for too long."""
        reader = ExportReader(self._settings.max_line)
        live_since = round(self._sensor.now() * MICRO)
        done = self._position.cursor if self._position else ""
        data = child.read(min(SETTLED, self._silence))
        if data is None:
            self.trouble = ""
            data = child.read(self._silence)
        while data:
            if self._stopped.is_set():
                return False
            entries = reader.receive(data)
            if entries and done:  # it is written again, if it is still there
                entries = entries[entries[0].get("__CURSOR") == done :]
                done = ""
            self.trouble = ""
            if entries:
                self._take(entries, live_since)
            gevent.sleep(0 if len(data) == CHUNK else PAUSE)  # other sources have their turn
            data = child.read(self._silence)
        return data is None

    def _take(self, entries: Sequence[Entry], live_since: int) -> None:
        """Have entries searched, and keep where the journal stands."""
        limit = self._settings.max_line
        made = (make_line(entry, limit, live_since) for entry in entries)
        lines: list[LogLine] = [line for line in made if line]
        if lines:
            self._sensor.emit(lines)
            self.lines += len(lines)
            self.last_line = self._sensor.now()
        self._keep(Position(read_time(entries[-1]), entries[-1].get("__CURSOR", "")))

    def _keep(self, position: Position) -> None:
        self._position = position
        self._sensor.keep_position(SOURCE, position.dump())

    def _report(self, trouble: str, pause: float) -> None:
        """Say what is wrong, once."""
        if trouble != self.trouble:
            log.warning(
                "the journal can't be read, next attempt in %s: %s", show_duration(pause), trouble
            )
        self.trouble = trouble

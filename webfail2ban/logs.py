"""What webfail2ban says about itself: one line an event, on standard error.

Whatever a client can choose (a user name, a SPOE argument) may end up in a log line, so control
characters are made visible, and no event is ever more than one line.
"""

import contextlib
import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quote
from typing import Any, TextIO

from webfail2ban.config import LogSettings

#: What an entry says besides its text, in JSON: plain names, and values that JSON knows.
Fields = Mapping[str, str | float | None]

#: A text, and what gives the fields where machines read it.
Entry = tuple[str, Callable[[], Fields]]


#: Shown instead of a control character: its number, as rsyslog writes it.
_HARMLESS = {code: f"#{code:03o}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))}
#: Line and paragraph separators, and what turns the direction of writing: a line could show
#: something else than what it says.
_HARMLESS |= {
    code: f"#{code:04X}"
    for code in (0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0x061C)
}


def harmless(text: str) -> str:
    """Return text as one line without control characters."""
    return text if text.isprintable() else text.translate(_HARMLESS)


class LineFormatter(logging.Formatter):
    """For people: time, level, where, what."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process
        self._second = 0  # whose stamps are kept: a flood of bans logs thousands in each
        self._begins: dict[str, str] = {}

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line."""
        text = record.getMessage()
        if record.exc_info:
            error = _error(record)
            text += "" if error in text else f": {error}"
            text += " | " + " < ".join(_where(record))
        return self._begin(record.created, record.levelname) + harmless(text)

    def write(
        self, created: float, level: str, _logger: str, entries: Sequence[Entry]
    ) -> list[str]:
        """Write each text as one line; it says what the fields do."""
        begin = self._begin(created, level)
        return [begin + harmless(text) for text, _ in entries]

    def _begin(self, created: float, level: str) -> str:
        """Return what stands before the text."""
        second = int(created)
        if second != self._second:
            self._second = second
            self._begins.clear()
        begin = self._begins.get(level)
        if begin is None:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(second))
            begin = self._begins[level] = f"{stamp} {level.lower():7} {self._process}: "
        return begin


class JsonFormatter(logging.Formatter):
    """For machines: one JSON object a line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one JSON object."""
        entry: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = _error(record)
            entry["where"] = _where(record)
        entry.update(getattr(record, "fields", {}))
        return json.dumps(entry, default=str)

    def write(self, created: float, level: str, logger: str, entries: Sequence[Entry]) -> list[str]:
        """Write each text and its fields as one JSON object, the one that `format` writes."""
        begin = (
            f'{{"time": {round(created, 3)}, "level": "{level.lower()}", '
            f'"process": "{self._process}", "logger": "{logger}", "message": '
        )
        written: list[str] = []
        for text, describe in entries:
            fields = describe().items()
            more = "".join([f', "{name}": {json.dumps(value)}' for name, value in fields])
            written.append(f"{begin}{quote(text)}{more}}}")
        return written


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes to standard error, one line also where an entry can't be written.

    Entries that are held are written together, always before any later one.
    """

    def __init__(self, stream: TextIO, formatter: "LineFormatter | JsonFormatter") -> None:
        super().__init__(stream)
        self.setFormatter(formatter)
        self._writer = formatter
        self._held: list[str] = []

    def hold(self, created: float, level: str, logger: str, entries: Sequence[Entry]) -> None:
        """Write entries a little later: with the next one, or when `write_held` is called.

        Args:
            created: When they were said, in seconds since the epoch.
            level: Their level's name.
            logger: Who said them.
            entries: What.
        """
        self._held += self._writer.write(created, level, logger, entries)

    def write_held(self) -> None:
        """Write the entries that are held."""
        if self._held:
            held, self._held = self._held, []
            with contextlib.suppress(OSError, ValueError):  # as with any entry: it is lost
                self.stream.write("\n".join(held) + "\n")
                self.stream.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Write an entry, behind those that are held."""
        self.write_held()
        super().emit(record)

    def flush(self) -> None:
        """Write everything."""
        self.write_held()
        super().flush()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that there was something; an exception's text may itself raise."""
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(harmless(f"{record.name}: unwritable: {record.msg!r:.200}") + "\n")


def _error(record: logging.LogRecord) -> str:
    """Return an exception's type and sentence."""
    assert record.exc_info is not None  # noqa: S101 - the callers looked
    kind, error, _ = record.exc_info
    return f"{kind.__name__}: {error}" if kind else "no exception"


def _where(record: logging.LogRecord) -> list[str]:
    """Return the places of an exception, the innermost first."""
    assert record.exc_info is not None  # noqa: S101 - the callers looked
    frames = traceback.extract_tb(record.exc_info[2])
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)]


def configure(settings: LogSettings, process: str) -> None:
    """Send everything that is logged to standard error.

    Args:
        settings: The section ``log``.
        process: Which process speaks: engine or sensor.
    """
    formatter = JsonFormatter if settings.format == "json" else LineFormatter
    handler = LineHandler(sys.stderr, formatter(process))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # Nothing that is logged names a thread, a process or a line of ours, and finding out costs a
    # third of each entry (logging HOWTO, Optimization).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 - documented for this

"""What webfail2ban says about itself: one line an event, on standard error.

Whatever a client can choose (a user name, a SPOE argument) may end up in a log line, so control
characters are made visible, and no event is ever more than one line.
"""

import json
import logging
import sys
import time
import traceback
from typing import Any

from webfail2ban.config import LogSettings

#: Shown instead of a control character: its number, as rsyslog writes it.
_HARMLESS = {code: f"#{code:03o}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))}
_HARMLESS |= {0x2028: "#2028", 0x2029: "#2029"}


def harmless(text: str) -> str:
    """Return text as one line without control characters."""
    return text.translate(_HARMLESS)


class LineFormatter(logging.Formatter):
    """For people: time, level, where, what."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process
        self._second = 0  # whose stamp is kept: a flood of bans logs thousands in each
        self._stamp = ""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line."""
        second = int(record.created)
        if second != self._second:
            self._second = second
            self._stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(second))
        text = record.getMessage()
        if record.exc_info:
            text += " | " + " < ".join(_where(record))
        return f"{self._stamp} {record.levelname.lower():7} {self._process}: {harmless(text)}"


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
            entry["where"] = _where(record)
        entry.update(getattr(record, "fields", {}))
        return json.dumps(entry, default=str)


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
    handler = logging.StreamHandler(sys.stderr)
    formatter = JsonFormatter if settings.format == "json" else LineFormatter
    handler.setFormatter(formatter(process))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # Nothing that is logged names a thread or a process, and finding out costs for each entry.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

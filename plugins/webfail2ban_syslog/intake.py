"""From messages to log lines: what all ways of receiving have in common."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from webfail2ban import LogLine, Notices, Sensor
from webfail2ban_syslog.framing import shorten
from webfail2ban_syslog.message import NIL, TRAILER, parse

log = logging.getLogger(__name__)

#: The name of this log source in its lines.
SOURCE = "syslog"


@dataclass(slots=True)
class Counters:
    """What happened since the start.

    Attributes:
        received: Messages from senders that may send; empty ones don't count.
        cut: Of these, how many were longer than ``max_line``.
        refused: Datagrams and connections of senders that may not send.
        crowded: Connections that were too many.
        lost: Datagrams that the kernel had no room for while lines were searched.
        last_line: When the last message came; None before the first.
    """

    received: int = 0
    cut: int = 0
    refused: int = 0
    crowded: int = 0
    lost: int = 0
    last_line: float | None = None


class Intake:
    """Reads messages and hands them to the sensor, a block at a time.

    A line's time is the time of receipt: a sender's clock may be wrong, its zone isn't in the old
    form of stamps, and a failure in the past or the future would count differently.

    Args:
        sensor: Takes the lines.
        counters: Told of every message.
        limit: The longest message, in bytes.
        program: The program of messages that name none; empty if that isn't known.
    """

    def __init__(self, sensor: Sensor, counters: Counters, limit: int, program: str) -> None:
        self.counters = counters
        self.limit = limit
        self.notices = Notices(log, sensor.now)
        self._sensor = sensor
        self._program = program

    def take(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Hand over a block of messages, each with its sender's address or name.

        Blocks while they are searched.
        """
        now = self._sensor.now()
        lines = [
            self._read(sender, message, now)
            for sender, message in messages
            if message.strip(TRAILER)
        ]
        if lines:
            self.counters.received += len(lines)
            self.counters.last_line = now
            self._sensor.emit(lines)

    def refuse(self, address: str) -> None:
        """Count what a sender sent who may not, and say so now and then."""
        self.counters.refused += 1
        self.notices.warn("%s may not send syslog messages: syslog.allow doesn't name it", address)

    def _read(self, sender: str, data: bytes, now: float) -> LogLine:
        if len(data) > self.limit:
            data = self._cut(sender, data)
        message = parse(data)
        text = message.show(sender, self._program or NIL)
        return LogLine(text, SOURCE, now, message.program or self._program)

    def _cut(self, sender: str, data: bytes) -> bytes:
        self.counters.cut += 1
        self.notices.warn("%s sent a message of more than %d bytes, it is cut", sender, self.limit)
        return shorten(data, self.limit)

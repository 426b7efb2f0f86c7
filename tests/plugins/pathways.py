"""The ways on which a line comes to a jail, from its bytes on: real files, real syslog."""

import socket
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Group

from tests.plugins.journald.journals import Journal, serialize
from tests.waiting import PATIENCE, wait_until
from webfail2ban import EngineSettings, LogLine
from webfail2ban_jails import Jails, JailsSettings
from webfail2ban_journald import Journald, JournaldSettings
from webfail2ban_syslog import Syslog, SyslogSettings
from webfail2ban_tail import Tail, TailSettings

#: Who fails last on every way, so that a test knows that everything before was searched.
LAST = "198.51.100.99"


class SearchingSensor:
    """The sensor's side of a log source, and the jails that search its lines at once.

    Attributes:
        failed: Who failed according to the jails.
        texts: The lines.
    """

    def __init__(self, jails: dict[str, Any]) -> None:
        self.failed: list[str] = []
        self.texts: list[str] = []
        self.greenlets = Group()
        self._positions: dict[str, Any] = {}
        self._jails = Jails()
        self._jails.configure(JailsSettings.model_validate(jails), EngineSettings())
        self._jails.prepare_sensor(self)

    def now(self) -> float:
        return time.time()

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        self.greenlets.spawn(function, *args)

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        """Call nothing: a test is over before."""

    def give_way(self) -> None:
        gevent.sleep(0)

    def emit(self, lines: Sequence[LogLine]) -> None:
        self.texts.extend(line.text for line in lines)
        self.failed.extend(str(failure.address) for failure in self._jails.detect(lines))

    def position(self, source: str) -> Any:
        return self._positions.get(source)

    def keep_position(self, source: str, position: Any) -> None:
        self._positions[source] = position

    def kept_sockets(self) -> dict[str, Any]:
        return {}

    def kept_socket(self, name: str) -> None:
        """There is none."""

    def keep_socket(self, name: str, sock: object, note: Any = None) -> None:
        """Nobody comes after us."""


class Pathway:
    """A way for messages, from the program that writes them to the jails.

    Args:
        directory: Takes files.
        jails: The section `jails`.

    Attributes:
        protocol: Over which syslog is sent; empty where it isn't.
        sensor: What came out at the other end.
    """

    protocol = ""

    def __init__(self, directory: Path, jails: dict[str, Any]) -> None:
        self.sensor = SearchingSensor(jails)
        self._source = self.configure(directory)
        self._source.start_sensor(self.sensor)

    def configure(self, directory: Path) -> Tail | Syslog | Journald:
        """Return the log source."""
        raise NotImplementedError

    def write(self, messages: Sequence[bytes]) -> None:
        """Send messages that begin with their program's name."""
        raise NotImplementedError

    def find(self, *messages: bytes, program: bytes = b"dovecot") -> list[str]:
        """Send messages of a program; return who failed according to them."""
        last = f"dovecot: auth failed, method=PLAIN, rip={LAST}".encode()
        self.write([*(program + b": " + message for message in messages), last])
        wait_until(lambda: LAST in self.sensor.failed, "the last failure", gevent.sleep)
        return self.sensor.failed[:-1]

    def stop(self) -> None:
        """Stop the log source."""
        self._source.stop_sensor()
        self.sensor.greenlets.kill()


def file_line(message: bytes) -> bytes:
    """Return a message as a line that rsyslog writes now."""
    return datetime.now(UTC).isoformat().encode() + b" mail " + message


def syslog_message(message: bytes) -> bytes:
    """Return a message with the header that rsyslog sends."""
    return b"<134>Nov 21 10:00:00 mail " + message


class FilePath(Pathway):
    """A file, as rsyslog writes it."""

    def configure(self, directory: Path) -> Tail:
        self._log = directory / "mail.log"
        source = Tail()
        source.configure(TailSettings(files=(self._log,)))
        return source

    def write(self, messages: Sequence[bytes]) -> None:
        with self._log.open("ab") as log:
            log.writelines(file_line(message) + b"\n" for message in messages)


class JournalPath(Pathway):
    """The systemd journal."""

    def configure(self, directory: Path) -> Journald:
        self._journal = Journal(directory / "journal")
        source = Journald()
        settings = {"directory": self._journal.directory}
        source.configure(JournaldSettings.model_validate(settings), EngineSettings())
        return source

    def write(self, messages: Sequence[bytes]) -> None:
        parts = [message.partition(b": ") for message in messages]
        self._journal.write(
            *(serialize(text, SYSLOG_IDENTIFIER=program.decode()) for program, _, text in parts)
        )


class SyslogPath(Pathway):
    """Syslog; how a message is framed and sent is the ways' own."""

    protocol = "udp"

    def configure(self, directory: Path) -> Syslog:
        del directory
        self._syslog = Syslog()
        settings = {"address": "127.0.0.1:0", "protocols": [self.protocol]}
        self._syslog.configure(SyslogSettings.model_validate(settings))
        return self._syslog

    @property
    def address(self) -> tuple[str, int]:
        """Where messages arrive."""
        endpoint = self._syslog.endpoints[self.protocol]
        return str(endpoint.address), endpoint.port

    def write(self, messages: Sequence[bytes]) -> None:
        self.send([syslog_message(message) for message in messages])

    def send(self, messages: Sequence[bytes]) -> None:
        """Send whole messages."""
        raise NotImplementedError


class UdpPath(SyslogPath):
    """A message a datagram."""

    def send(self, messages: Sequence[bytes]) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for message in messages:
                sender.sendto(message, self.address)
                gevent.sleep(0)  # the kernel may have room for few


class StreamPath(SyslogPath):
    """A stream with a newline behind each message (RFC 6587, 3.4.2)."""

    protocol = "tcp"

    def send(self, messages: Sequence[bytes]) -> None:
        data = b"".join(map(self.frame, messages))
        # While the kernel has no room for all of it, the other end must have its turn.
        gevent.get_hub().threadpool.apply(self._send_all, (data,))

    def frame(self, message: bytes) -> bytes:
        return message + b"\n"

    def _send_all(self, data: bytes) -> None:
        with socket.create_connection(self.address, timeout=PATIENCE) as sender:
            sender.sendall(data)


class CountedPath(StreamPath):
    """A stream with a length before each message (RFC 6587, 3.4.1)."""

    def frame(self, message: bytes) -> bytes:
        return f"{len(message)} ".encode() + message


#: All ways, by name.
PATHWAYS: dict[str, type[Pathway]] = {
    "file": FilePath,
    "journal": JournalPath,
    "udp": UdpPath,
    "tcp": StreamPath,
    "counted": CountedPath,
}

"""The plugin: opens its sockets when the sensor starts and reads them until it ends.

The engine keeps them open from one sensor to the next, so that what arrives in between waits in the
kernel, and takes the open connections over in the same way.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from gevent import socket

from webfail2ban import (
    Json,
    Sensor,
    SettingsProblem,
    SourceStatus,
    Status,
    hookimpl,
    parse_address,
)
from webfail2ban_syslog.datagrams import DatagramReceiver
from webfail2ban_syslog.handover import Listener, leave_connection, take_connections
from webfail2ban_syslog.intake import SOURCE, Counters, Intake
from webfail2ban_syslog.listeners import open_tcp, open_udp, open_unix
from webfail2ban_syslog.senders import Senders
from webfail2ban_syslog.settings import Endpoint, SyslogSettings, find_problems
from webfail2ban_syslog.streams import StreamReceiver

log = logging.getLogger(__name__)

#: Seconds between two looks at how many datagrams the kernel dropped.
LOSS_CHECK = 60.0


class Syslog:
    """Receives syslog messages and emits them as log lines.

    Attributes:
        counters: What happened since the start.
        endpoints: Where it listens, by ``udp`` and ``tcp``; the port is the real one if the
            settings say 0.
    """

    Settings = SyslogSettings

    def __init__(self) -> None:
        self.counters = Counters()
        self.endpoints: dict[str, Endpoint] = {}
        self._settings = SyslogSettings()
        self._opened = ExitStack()

    @hookimpl
    def configure(self, settings: SyslogSettings) -> None:
        """Keep the settings."""
        self._settings = settings

    @hookimpl
    def check_settings(self, settings: SyslogSettings) -> Iterator[SettingsProblem]:
        """Ask for the senders' names where others than this host can send."""
        return find_problems(settings)

    @hookimpl
    def start_sensor(self, sensor: Sensor) -> None:
        """Open the sockets and begin to receive.

        Raises:
            ListenError: one of them can't be opened; none stays open then.
        """
        intake = Intake(sensor, self.counters, self._settings.max_line, self._settings.program)
        senders = Senders(self._settings.senders)
        with ExitStack() as opened:
            if "udp" in self._settings.protocols:
                self._receive_udp(sensor, intake, senders, opened)
            if "tcp" in self._settings.protocols:
                self._receive_tcp(sensor, intake, senders, opened)
            if self._settings.socket is not None:
                self._receive_unix(sensor, intake, self._settings.socket, opened)
            self._opened = opened.pop_all()

    @hookimpl
    def report(self) -> Json:
        """Tell how much came, and what didn't become a line."""
        counters = self.counters
        places = ", ".join(f"{name} {place}" for name, place in self.endpoints.items())
        state = f"listens on {places}" if places else "listens"
        if counters.refused:
            state += f"; {counters.refused} refused: syslog.allow doesn't name their senders"
        if counters.crowded:
            state += f"; {counters.crowded} turned away: syslog.max_connections were open"
        dropped = counters.refused + counters.crowded + counters.lost
        return asdict(SourceStatus(SOURCE, counters.received, dropped, counters.last_line, state))

    @hookimpl
    def status(self, report: Any) -> Status:
        """Pass on how much came."""
        return Status(sources=[SourceStatus(**report)] if report else ())

    @hookimpl
    def stop_sensor(self) -> None:
        """End reading; whoever keeps the sockets decides what becomes of them."""
        self._opened.close()

    def _receive_udp(
        self, sensor: Sensor, intake: Intake, senders: Senders, opened: ExitStack
    ) -> None:
        endpoint = self._settings.endpoint
        listener = Listener(sensor, f"udp {endpoint}", lambda: open_udp(endpoint))
        self._note("udp", listener)

        def find(address: tuple[str, int]) -> str | None:
            return senders.find(address[0])

        self._receive_datagrams(sensor, listener, find, intake, opened)

    def _receive_unix(self, sensor: Sensor, intake: Intake, path: Path, opened: ExitStack) -> None:
        listener = Listener(sensor, f"unix {path}", lambda: open_unix(path))
        log.info("receiving syslog on unix %s", path)
        name: str = socket.gethostname()

        def find(_address: object) -> str:
            return name  # the kernel let it write, and it is on this host

        self._receive_datagrams(sensor, listener, find, intake, opened)

    def _receive_datagrams(
        self,
        sensor: Sensor,
        listener: Listener,
        find: Callable[[Any], str | None],
        intake: Intake,
        opened: ExitStack,
    ) -> None:
        receiver = DatagramReceiver(
            listener.sock, find, intake, listener.note or 0, listener.write_note
        )
        opened.callback(receiver.close)
        sensor.spawn(receiver.run)
        sensor.every(LOSS_CHECK, receiver.count_lost)

    def _receive_tcp(
        self, sensor: Sensor, intake: Intake, senders: Senders, opened: ExitStack
    ) -> None:
        endpoint = self._settings.endpoint
        listener = Listener(sensor, f"tcp {endpoint}", lambda: open_tcp(endpoint))
        self._note("tcp", listener)
        receiver = StreamReceiver(
            listener.sock,
            senders,
            intake,
            partial(leave_connection, sensor),
            self._settings,
        )
        opened.callback(receiver.close)
        for connection, note in take_connections(sensor):
            receiver.adopt(connection, note)
        receiver.start()

    def _note(self, protocol: str, listener: Listener) -> None:
        """Keep and tell where we really listen."""
        host, port, *_ = listener.sock.getsockname()
        self.endpoints[protocol] = Endpoint(parse_address(host), port)
        log.info("receiving syslog on %s %s", protocol, self.endpoints[protocol])

"""The plugin: opens its sockets when the sensor starts and reads them until it ends."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from gevent import socket

from webfail2ban import Sensor, SettingsProblem, hookimpl, parse_address
from webfail2ban_syslog.datagrams import DatagramReceiver
from webfail2ban_syslog.intake import Counters, Intake
from webfail2ban_syslog.listeners import open_tcp, open_udp, open_unix
from webfail2ban_syslog.notices import log
from webfail2ban_syslog.senders import Senders
from webfail2ban_syslog.settings import Endpoint, SyslogSettings, find_problems
from webfail2ban_syslog.streams import StreamReceiver

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
                self._receive_tcp(intake, senders, opened)
            if self._settings.socket is not None:
                self._receive_unix(sensor, intake, self._settings.socket, opened)
            self._opened = opened.pop_all()

    @hookimpl
    def stop_sensor(self) -> None:
        """Close the sockets."""
        self._opened.close()

    def _receive_udp(
        self, sensor: Sensor, intake: Intake, senders: Senders, opened: ExitStack
    ) -> None:
        listener = open_udp(self._settings.endpoint)
        self._note("udp", listener)

        def find(address: tuple[str, int]) -> str | None:
            return senders.find(address[0])

        self._receive_datagrams(sensor, DatagramReceiver(listener, find, intake), opened)

    def _receive_unix(self, sensor: Sensor, intake: Intake, path: Path, opened: ExitStack) -> None:
        listener = open_unix(path)
        opened.callback(path.unlink, missing_ok=True)
        log.info("receiving syslog on unix %s", path)
        name: str = socket.gethostname()

        def find(_address: object) -> str:
            return name  # the kernel let it write, and it is on this host

        self._receive_datagrams(sensor, DatagramReceiver(listener, find, intake), opened)

    def _receive_datagrams(
        self, sensor: Sensor, receiver: DatagramReceiver, opened: ExitStack
    ) -> None:
        opened.callback(receiver.close)
        sensor.spawn(receiver.run)
        sensor.every(LOSS_CHECK, receiver.count_lost)

    def _receive_tcp(self, intake: Intake, senders: Senders, opened: ExitStack) -> None:
        listener = open_tcp(self._settings.endpoint)
        self._note("tcp", listener)
        receiver = StreamReceiver(
            listener,
            senders,
            intake,
            self._settings.max_connections,
            self._settings.idle_timeout,
        )
        opened.callback(receiver.close)
        receiver.start()

    def _note(self, protocol: str, listener: socket.socket) -> None:
        """Keep and tell where we really listen."""
        host, port, *_ = listener.getsockname()
        self.endpoints[protocol] = Endpoint(parse_address(host), port)
        log.info("receiving syslog on %s %s", protocol, self.endpoints[protocol])

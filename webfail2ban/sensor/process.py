"""The sensor's own process: loads the plugins, reads logs, searches them, sends failures.

It is told everything by the engine and reads no configuration file: the first message holds the
settings. It ends when the engine says so, and when the engine is gone.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gevent
from gevent import socket
from gevent.pool import Group

from webfail2ban import logs
from webfail2ban.config import Configuration
from webfail2ban.errors import PluginError, WebFail2BanError
from webfail2ban.hosts import PluginHost
from webfail2ban.isolation import Isolation
from webfail2ban.loader import Plugins, load
from webfail2ban.model import LogLine
from webfail2ban.plugin_settings import check_settings, configure
from webfail2ban.sensor.channel import Channel
from webfail2ban.sensor.outbox import Outbox

#: Seconds between two signs of life.
HEARTBEAT = 2.0


class SensorHost(PluginHost):
    """What the sensor offers to one plugin."""

    def __init__(self, plugin: str, process: "SensorProcess") -> None:
        super().__init__(plugin, time.time, process.isolation, process.greenlets)
        self._process = process

    def emit(self, lines: Sequence[LogLine]) -> None:
        """Search log lines."""
        self._process.search(lines)

    def position(self, source: str) -> Any:
        """Return where a source stood."""
        return self._process.positions.get(source)

    def keep_position(self, source: str, position: Any) -> None:
        """Keep where a source stands."""
        self._process.outbox.add_position(source, position)


class SensorProcess:
    """The sources, the detectors, and what they found.

    Args:
        channel: To the engine.
        plugins: The loaded plugins, configured.
        positions: Where the sources stood.
    """

    def __init__(self, channel: Channel, plugins: Plugins, positions: Mapping[str, Any]) -> None:
        self._channel = channel
        self._plugins = plugins
        self._detectors = plugins.implementers("detect")
        self.positions = positions
        self.outbox = Outbox()
        self.isolation = Isolation(time.time)
        self.greenlets = Group()

    def start(self) -> None:
        """Start the sources.

        Raises:
            PluginError: one can't start.
        """
        for name, start in self._plugins.implementers("start_sensor"):
            try:
                start(sensor=SensorHost(name, self))
            except Exception as error:
                raise PluginError(f"plugin {name}: {error}") from error

    def search(self, lines: Sequence[LogLine]) -> None:
        """Ask each detector for the failures in a block of lines."""
        for name, detect in self._detectors:
            try:
                self.outbox.add_failures(detect(lines=lines) or ())
            except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
                self.isolation.failed(name, "detect", error)

    def send(self) -> None:
        """Send what is found, and a sign of life when nothing is, until the engine is gone."""
        while True:
            self.outbox.wait(HEARTBEAT)
            self._channel.send(self.outbox.take())

    def stop(self) -> None:
        """Stop the plugins and send what they found last."""
        for name, stop in reversed(self._plugins.implementers("stop_sensor")):
            try:
                stop()
            except Exception as error:  # noqa: BLE001 - the others are stopped all the same
                self.isolation.failed(name, "stop_sensor", error)
        self.greenlets.kill()
        while self.outbox.pending:
            self._channel.send(self.outbox.take())


def main(descriptor: int) -> int:
    """Be the sensor.

    Args:
        descriptor: The file descriptor of the socket pair's end.

    Returns:
        The exit status.
    """
    # A terminal's Ctrl-C and a container's stop reach the whole group; only the engine decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    channel = Channel(socket.socket(fileno=descriptor))
    messages = channel.receive()
    first = next(messages, None)
    if first is None:
        return 0
    try:
        process = _prepare(channel, first)
    except WebFail2BanError as error:
        channel.send({"refused": str(error).splitlines()})
        return 2
    channel.send({"ready": os.getpid()})
    sender = gevent.spawn(process.send)
    stopped = any("stop" in message for message in messages)
    sender.kill()
    if stopped:
        process.stop()
    channel.close()
    return 0


def _prepare(channel: Channel, first: Mapping[str, Any]) -> SensorProcess:
    plugins = load(first["plugins"], [Path(directory) for directory in first["plugin_dirs"]])
    configuration = Configuration.restore(first["configuration"], plugins.models)
    logs.configure(configuration.engine.log, process="sensor")
    check_settings(plugins, configuration)
    configure(plugins, configuration)
    process = SensorProcess(channel, plugins, first["positions"])
    process.start()
    return process

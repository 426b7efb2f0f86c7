"""The sensor's own process: loads the plugins, reads logs, searches them, sends failures.

It is told everything by the engine and reads no configuration file: the first message holds the
settings. It ends when the engine says so, and when the engine is gone.
"""

import ctypes
import gc
import logging
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gevent
from gevent import socket
from gevent.pool import Group

from webfail2ban import logs
from webfail2ban.config import Configuration
from webfail2ban.errors import ConfigurationError, Problem, WebFail2BanError
from webfail2ban.hosting.hosts import PluginHost
from webfail2ban.hosting.isolation import FAULTS, Isolation, log_escaped
from webfail2ban.hosting.lifecycle import Lifecycle
from webfail2ban.hosting.loader import Plugins, load
from webfail2ban.hosting.settings import check_settings, configure
from webfail2ban.model import Json, LogLine
from webfail2ban.sensor.channel import Channel, Message, dump
from webfail2ban.sensor.outbox import Outbox
from webfail2ban.sensor.sockets import Inheritance, SocketName
from webfail2ban.sensor.strictness import Strictness

log = logging.getLogger(__name__)

#: Seconds to wait for more before something is sent: each message interrupts the verdicts.
GATHER = 0.005

#: Seconds between two signs of life.
HEARTBEAT = 2.0

#: Seconds for plugins' greenlets to end once they are killed: one may hold on to itself.
KILLED = 0.5

#: Asks the kernel for a signal when the parent ends: PR_SET_PDEATHSIG of <linux/prctl.h>.
PARENT_DEATH_SIGNAL = 1


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
        self._process.keep_position(source, position)

    def kept_sockets(self) -> dict[str, Json]:
        """Return the names of what this plugin kept in an earlier sensor, each with its note."""
        return self._process.inheritance.notes(self.plugin)

    def kept_socket(self, name: str) -> socket.socket | None:
        """Take the socket that an earlier sensor kept under a name; None if there is none."""
        return self._process.inheritance.take(self.plugin, name)

    def keep_socket(self, name: str, sock: socket.socket | None, note: Json = None) -> None:
        """Keep a socket open for the next sensor, or close what was kept."""
        self._process.keep_socket(SocketName(self.plugin, name), sock, note)


class SensorProcess:
    """The sources, the detectors, and what they found.

    Args:
        channel: To the engine.
        plugins: The loaded plugins, configured.

    Attributes:
        positions: Where the sources stand.
        inheritance: The sockets that an earlier sensor kept.
    """

    def __init__(self, channel: Channel, plugins: Plugins) -> None:
        self._channel = channel
        self._detectors = plugins.implementers("detect")
        self._reporters = plugins.implementers("report")
        self._stopped = False
        self.positions: dict[str, Any] = {}
        self.inheritance = Inheritance()
        self.outbox = Outbox()
        self.isolation = Isolation(time.time)
        self.greenlets = Group()
        self._lifecycle = Lifecycle(plugins, self.isolation, "sensor")

    def prepare(self) -> None:
        """Let the plugins get ready; another sensor may still be reading.

        Raises:
            PluginError: one can't.
        """
        self._lifecycle.prepare(lambda plugin: SensorHost(plugin, self))

    def start(self, positions: Mapping[str, Any]) -> None:
        """Start the sources, and close the inherited sockets that none of them took.

        Args:
            positions: Where they stood.

        Raises:
            PluginError: one can't start.
        """
        self.positions.update(positions)
        self._lifecycle.start(lambda plugin: SensorHost(plugin, self))
        for name in self.inheritance.refuse():
            self.keep_socket(name, None)

    def keep_socket(self, name: SocketName, sock: socket.socket | None, note: Json = None) -> None:
        """Give a duplicate of a socket to the engine, or have it close what it has."""
        try:
            if sock is None:
                self._channel.send({"drop": name})
            else:
                self._channel.send({"keep": name, "note": note}, sock.fileno())
        except OSError as error:
            log.debug("a socket couldn't be kept: %s", error)

    def search(self, lines: Sequence[LogLine]) -> None:
        """Ask each detector for the failures in a block of lines."""
        self.outbox.begin_block()
        for name, detect in self._detectors:
            try:
                self.outbox.add_failures(detect(lines=lines) or ())
            except FAULTS as error:
                self.isolation.failed(name, "detect", error)
        self.outbox.end_block()

    def keep_position(self, source: str, position: Any) -> None:
        """Keep where a source stands, here and, behind the failures before it, in the engine."""
        self.outbox.add_position(source, position)
        self.positions[source] = position

    def send(self) -> None:
        """Send what is found, and a sign of life when nothing is.

        How the plugins stand goes first: until then the engine knows of no source, and says so to
        whoever looks after a restart or a reload. It ends when all is sent after the stop, and when
        the engine is gone.
        """
        reported = -HEARTBEAT
        try:
            while self.outbox.pending or not self._stopped:
                if self._reporters and time.monotonic() - reported >= HEARTBEAT:
                    waiting = len(self.outbox)
                    self._channel.send({"reports": self.report(), "waiting": waiting})
                    reported = time.monotonic()
                self.outbox.wait(HEARTBEAT)
                if self.outbox.pending:
                    gevent.sleep(GATHER)
                self._channel.send_json(self.outbox.take())
        except OSError as error:
            log.debug("the engine is gone: %s", error)

    def report(self) -> dict[str, Json]:
        """Ask each plugin how its half in the sensor stands."""
        reports: dict[str, Json] = {}
        for name, report in self._reporters:
            try:
                said = report()
                dump(said)
            except FAULTS as error:
                self.isolation.failed(name, "report", error)
            else:
                reports[name] = said
        return reports

    def stop(self) -> None:
        """Stop the plugins; what they found last is sent before `send` ends."""
        self._lifecycle.stop()
        self.greenlets.kill(timeout=KILLED)
        self._stopped = True
        self.outbox.wake()


def main(descriptor: int) -> int:
    """Be the sensor.

    Args:
        descriptor: The file descriptor of the socket pair's end.

    Returns:
        The exit status.
    """
    # A terminal's Ctrl-C and a container's stop reach the whole group; only the engine decides.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _end_with_engine()
    log_escaped()
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        return _report_refusal(channel)
    except ConnectionError as error:  # it stopped, or gave us up, while we got ready
        log.debug("the engine is gone: %s", error)
        return 0
    finally:
        channel.close()


def _report_refusal(channel: Channel) -> int:
    """Live, and tell the engine why if that can't be; return the exit status.

    Raises:
        ConnectionError: the engine is gone.
    """
    try:
        _live(channel)
    except WebFail2BanError as error:
        channel.send({"refused": str(error).splitlines()})
        return 2
    return 0


def _live(channel: Channel) -> None:
    """Do what the engine says, in this order: get ready, start, stop.

    Raises:
        WebFail2BanError: a plugin can't get ready or start.
        ConnectionError: the engine is gone.
    """
    messages = channel.receive()
    first = next(messages, None)
    if first is None:
        return
    process = _prepare(channel, first)
    channel.send({"prepared": os.getpid()})
    positions = _inherit(process, channel, messages)
    if positions is None:
        return
    process.start(positions)
    channel.send({"ready": os.getpid()})
    sender = gevent.spawn(process.send)
    if any("stop" in message for message in messages):
        process.stop()
        sender.join()  # never killed: half a message would spoil all that follow


def _inherit(
    process: SensorProcess, channel: Channel, messages: Iterator[Message]
) -> Mapping[str, Any] | None:
    """Wait for the start, and take what the sensor before us left.

    Returns:
        Where the sources stood; None if there is to be no start.
    """
    for message in messages:
        if "inherit" not in message:
            return message.get("start")
        name = SocketName(*message["inherit"])
        process.inheritance.add(name, channel.take_file(), message["note"])
    return None


def _end_with_engine() -> None:
    """Have the kernel end this process with the engine.

    The channel's end tells it too, but only a process that listens: an expression that runs for
    ever on a line would outlive an engine that was killed.
    """
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _prepare(channel: Channel, first: Mapping[str, Any]) -> SensorProcess:
    plugins = load(first["plugins"], [Path(directory) for directory in first["plugin_dirs"]])
    configuration = Configuration.restore(first["configuration"], plugins.models)
    logs.configure(configuration.engine.log, process="sensor")
    for warning in _check(plugins, configuration, first["strictness"]):
        log.warning("%s", warning)
    configure(plugins, configuration)
    process = SensorProcess(channel, plugins)
    process.prepare()
    # The filters stay as long as the process does: the garbage collector, which a flood keeps
    # busy, needn't look at them again and again.
    gc.collect()
    gc.freeze()
    return process


def _check(
    plugins: Plugins, configuration: Configuration, strictness: Strictness
) -> Sequence[Problem]:
    """Check the plugins' settings, and return what is worth a warning.

    Raises:
        ConfigurationError: something is wrong, and it is the first start.
    """
    if strictness == Strictness.CHECKED:
        return []
    try:
        again = strictness == Strictness.AGAIN
        warnings = check_settings(plugins, configuration, again=again)
    except ConfigurationError as error:
        if strictness == Strictness.FIRST:
            raise
        return error.problems
    return warnings if strictness == Strictness.FIRST else []  # said once

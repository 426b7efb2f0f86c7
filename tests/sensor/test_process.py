"""The sensor's side, without a process of its own; with one, see test_supervisor.py."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address
from typing import Any

import gevent
import pytest
from gevent import socket, subprocess
from gevent.socket import socketpair

from tests.plugged import plugged
from tests.sensor.conftest import Stage
from webfail2ban import hookimpl
from webfail2ban.errors import PluginError
from webfail2ban.model import Failure, Json, LogLine
from webfail2ban.sensor import process as process_module
from webfail2ban.sensor.channel import Channel, Message, unpack_failure
from webfail2ban.sensor.process import SensorHost, SensorProcess
from webfail2ban.sensor.sockets import SocketName
from webfail2ban.turns import give_way

LINES = [LogLine("one", "test"), LogLine("two", "test")]


class Finder:
    """Finds a failure in each line.

    Attributes:
        sensor: What it may ask of the sensor.
    """

    sensor: SensorHost

    @hookimpl
    def start_sensor(self, sensor: SensorHost) -> None:
        self.sensor = sensor

    @hookimpl
    def detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
        for line in lines:
            yield Failure("finder", IPv4Address(1), 0.0, lines=(line.text,))

    @hookimpl
    def stop_sensor(self) -> None:
        self.sensor.emit([LogLine("last", "test")])
        self.sensor.keep_position("test", "end")


class Silent:
    @hookimpl
    def detect(self) -> None:
        """Find nothing."""


class Breaking:
    @hookimpl
    def detect(self) -> Iterable[Failure]:
        raise SystemExit(1)


class Reporting:
    """Tells how it stands."""

    @hookimpl
    def report(self) -> Json:
        return {"lines": 3}


class ReportsNonsense:
    @hookimpl
    def report(self) -> Any:
        return object()


class Sloppy:
    """Makes failures that can't cross."""

    @hookimpl
    def detect(self) -> Iterable[Failure]:
        nonsense: Any = "192.0.2.1"
        return [Failure("sloppy", nonsense, 0.0)]


class CannotStart:
    @hookimpl
    def start_sensor(self) -> None:
        raise LookupError("no such log")


class Ends:
    """Both ends of the channel, and the process at one of them."""

    def __init__(self, **plugins: object) -> None:
        ours, theirs = socketpair()
        self.engine, self.sensor = Channel(ours), Channel(theirs)
        self.process = SensorProcess(self.sensor, plugged(**plugins))
        self.messages = self.engine.receive()

    def next(self) -> Message:
        with gevent.Timeout(10):
            return next(self.messages)

    def close(self) -> None:
        self.engine.close()
        self.sensor.close()


def texts(message: Message) -> list[str]:
    return [unpack_failure(values).lines[0] for values in message["failures"]]


def test_lines_become_failures() -> None:
    """Of every plugin that detects, in the order of the configuration."""
    ends = Ends(silent=Silent(), finder=Finder())
    ends.process.search(LINES)
    sender = gevent.spawn(ends.process.send)
    assert texts(ends.next()) == ["one", "two"]
    sender.kill()
    ends.close()


@pytest.mark.parametrize("bad", [Breaking, Sloppy])
def test_a_plugin_that_fails_loses_only_its_own(bad: type) -> None:
    """Also if what it found is nonsense."""
    ends = Ends(bad=bad(), finder=Finder())
    ends.process.search(LINES)
    assert len(ends.process.outbox) == 2
    assert ends.process.isolation.failures == {("bad", "detect"): 1}
    ends.close()


def test_a_plugin_that_cannot_start_is_named() -> None:
    """The sensor refuses to start, and says why."""
    ends = Ends(broken=CannotStart())
    with pytest.raises(PluginError, match="plugin broken: LookupError: no such log"):
        ends.process.start({})
    ends.close()


def test_a_position_is_what_was_kept_last() -> None:
    """First what the engine knew, then what the plugin kept; None once it is forgotten."""
    finder = Finder()
    ends = Ends(finder=finder)
    ends.process.start({"tail": 5})
    assert finder.sensor.position("tail") == 5
    assert finder.sensor.position("unknown") is None
    finder.sensor.keep_position("tail", 6)
    assert finder.sensor.position("tail") == 6
    finder.sensor.keep_position("tail", None)
    assert finder.sensor.position("tail") is None
    ends.close()


def test_a_position_that_cannot_be_kept_changes_nothing() -> None:
    """The plugin is told, by its own name in the log if it doesn't care."""
    finder = Finder()
    ends = Ends(finder=finder)
    ends.process.start({"tail": 5})
    with pytest.raises(TypeError):
        finder.sensor.keep_position("tail", b"bytes")
    assert finder.sensor.position("tail") == 5
    ends.close()


def test_emit_lets_nobody_else_run() -> None:
    """A position that is kept right after it stands and falls with what was found."""
    finder = Finder()
    ends = Ends(finder=finder)
    ends.process.start({})
    others = gevent.spawn(pytest.fail, "somebody ran")
    finder.sensor.emit(LINES)
    finder.sensor.keep_position("test", 2)
    others.kill()
    message = ends.process.outbox.take()
    assert "one" in message
    assert '"positions":{"test":2}' in message
    ends.close()


def test_a_sign_of_life_is_sent_when_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine kills a sensor that says nothing for long."""
    monkeypatch.setattr(process_module, "HEARTBEAT", 0.01)
    ends = Ends()
    sender = gevent.spawn(ends.process.send)
    for _ in range(3):
        assert ends.next() == {"failures": [], "positions": {}, "dropped": 0}
    sender.kill()
    ends.close()


def test_how_the_plugins_stand_is_sent_at_once() -> None:
    """What can't cross is the fault of the plugin that said it, and only of that one."""
    ends = Ends(nonsense=ReportsNonsense(), reporting=Reporting())
    sender = gevent.spawn(ends.process.send)
    assert ends.next() == {"reports": {"reporting": {"lines": 3}}, "waiting": 0}
    assert ends.process.isolation.failures == {("nonsense", "report"): 1}
    ends.process.outbox.wake()
    assert ends.next() == {"failures": [], "positions": {}, "dropped": 0}
    sender.kill()
    ends.close()


def test_how_the_plugins_stand_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With each sign of life."""
    monkeypatch.setattr(process_module, "HEARTBEAT", 0.01)
    ends = Ends(reporting=Reporting())
    sender = gevent.spawn(ends.process.send)
    sent = [ends.next() for _ in range(4)]
    assert ["reports" in message for message in sent] == [True, False, True, False]
    sender.kill()
    ends.close()


def test_what_is_found_last_is_sent() -> None:
    """Failures and positions of the stop itself among it; then sending ends."""
    finder = Finder()
    ends = Ends(finder=finder)
    ends.process.start({})
    ends.process.search(LINES)
    sender = gevent.spawn(ends.process.send)
    ends.process.stop()
    sender.join(10)
    assert sender.successful()
    ends.sensor.close()
    messages = list(ends.messages)
    assert [text for message in messages for text in texts(message)] == ["one", "two", "last"]
    assert messages[0]["positions"] == {"test": "end"}
    ends.close()


def test_a_stop_waits_until_a_busy_engine_has_taken_everything() -> None:
    """No message is cut off in the middle, which would spoil all that follow."""
    ends = Ends(finder=Finder())
    ends.process.start({})
    ends.process.search([LogLine(f"{number} {'x' * 5000}", "test") for number in range(1000)])
    sender = gevent.spawn(ends.process.send)
    give_way()
    ends.process.stop()
    received = 0
    while received < 1001:
        received += len(ends.next()["failures"])
    sender.get(timeout=10)
    ends.close()


def test_sending_ends_when_the_engine_is_gone() -> None:
    """That is no error of the sensor's."""
    ends = Ends(finder=Finder())
    ends.engine.close()
    ends.process.search(LINES)
    gevent.spawn(ends.process.send).get(timeout=10)
    ends.close()


class Listening:
    """A log source with two sockets of its own.

    Attributes:
        found: What an earlier sensor left.
    """

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    @hookimpl
    def start_sensor(self, sensor: SensorHost) -> None:
        self.found = sensor.kept_sockets()
        taken = sensor.kept_socket("udp")
        if taken is not None:
            taken.close()
        assert sensor.kept_socket("unknown") is None
        with socket.socket() as sock:
            sensor.keep_socket("tcp", sock, {"backlog": 3})


def test_sockets_are_taken_kept_and_refused() -> None:
    """What no plugin takes at its start is given up, and the engine told."""
    listening = Listening()
    ends = Ends(listening=listening)
    for name in ("udp", "old"):
        file = socket.socket().detach()
        ends.process.inheritance.add(SocketName("listening", name), file, name)
    ends.process.start({})
    assert listening.found == {"udp": "udp", "old": "old"}
    assert ends.next() == {"keep": ["listening", "tcp"], "note": {"backlog": 3}}
    with socket.socket(fileno=ends.engine.take_file()) as kept:
        assert kept.type == socket.SOCK_STREAM
    assert ends.next() == {"drop": ["listening", "old"]}
    ends.close()


def test_an_engine_that_is_gone_before_the_start_is_no_fault(stage: Stage) -> None:
    """It may stop while a reload's sensor gets ready: nobody needs a traceback of that."""
    ours, theirs = socketpair()
    channel = Channel(ours)
    with theirs:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "webfail2ban.sensor", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stderr=subprocess.PIPE,
        )
    channel.send(stage.settings | {"strictness": "checked"})
    channel.close()
    _, said = child.communicate()
    assert child.returncode == 0, said
    assert b"Traceback" not in said

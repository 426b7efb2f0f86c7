"""A sensor that keeps the lines instead of searching them, and a plugin that feeds it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gevent
import pytest
from gevent.event import Event
from gevent.pool import Group

from tests import waiting
from tests.waiting import PATIENCE
from webfail2ban import LogLine
from webfail2ban.testing import FakeSensor
from webfail2ban_syslog import Syslog, SyslogSettings


class KeepingSensor(FakeSensor):
    """Keeps what a log source emits, and its sockets."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1_800_000_000.0
        self.blocks: list[int] = []
        self.repeated: list[Callable[[], object]] = []
        self.greenlets = Group()
        self._arrived = Event()

    def now(self) -> float:
        return self.time

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        self.greenlets.spawn(function, *args)

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        assert seconds > 0
        self.repeated.append(function)

    def emit(self, lines: Iterable[LogLine]) -> None:
        lines = list(lines)
        self.lines.extend(lines)
        self.blocks.append(len(lines))
        self._arrived.set()

    def position(self, source: str) -> Any:
        raise AssertionError(f"{source} has no position")

    def keep_position(self, source: str, position: Any) -> None:
        raise AssertionError(f"{source} has no position, {position}")

    def wait_for(self, count: int) -> list[str]:
        """Wait for that many lines and return all texts."""
        with gevent.Timeout(PATIENCE):
            while len(self.lines) < count:
                self._arrived.clear()
                self._arrived.wait()
        return [line.text for line in self.lines]


@pytest.fixture
def sensor() -> Iterator[KeepingSensor]:
    sensor = KeepingSensor()
    yield sensor
    assert not [greenlet.exception for greenlet in sensor.greenlets if greenlet.exception]
    sensor.greenlets.kill()
    for name in tuple(sensor.sockets):
        sensor.keep_socket(name, None)


@pytest.fixture
def start(sensor: KeepingSensor) -> Iterator[Callable[..., Syslog]]:
    """Start the plugin with settings; the port is free and the host this one unless they say."""
    started: list[Syslog] = []

    def start(**settings: Any) -> Syslog:
        plugin = Syslog()
        plugin.configure(SyslogSettings.model_validate({"address": "127.0.0.1:0", **settings}))
        plugin.start_sensor(sensor)
        started.append(plugin)
        return plugin

    yield start
    for plugin in started:
        plugin.stop_sensor()


def wait_until(condition: Callable[[], object]) -> None:
    """Let the others work until a condition holds."""
    waiting.wait_until(condition, "the condition", gevent.sleep)

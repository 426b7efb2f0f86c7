"""What the tests of the log source `tail` share: a sensor and a reader, both by name no mocks."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.pool import Group

from tests.plugins.tail.writing import write
from tests.waiting import wait_until
from webfail2ban import LogLine, testing
from webfail2ban_tail.follower import Follower
from webfail2ban_tail.lines import Splitter
from webfail2ban_tail.linger import LINGER
from webfail2ban_tail.loop import Loop
from webfail2ban_tail.position import Position
from webfail2ban_tail.settings import TailSettings

#: A moment in 2023, where fake clocks begin.
NOW = 1_700_000_000.0


class FakeSensor(testing.FakeSensor):
    """The sensor's side of a log source: collects lines, keeps positions as JSON, has a clock.

    The clock stands still unless it is set, or `read_clock` is another.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks = 0
        self.time = NOW
        self.read_clock: Callable[[], float] = lambda: self.time
        self.greenlets = Group()
        self._positions: dict[str, str] = {}

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    def now(self) -> float:
        return self.read_clock()

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        self.greenlets.spawn(function, *args)

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        raise NotImplementedError

    def emit(self, lines: Iterable[LogLine]) -> None:
        self.lines.extend(lines)
        self.blocks += 1
        gevent.sleep(0)

    def position(self, source: str) -> Any:
        return json.loads(self._positions.get(source, "null"))

    def keep_position(self, source: str, position: Any) -> None:
        if position is None:
            self._positions.pop(source, None)
        else:
            self._positions[source] = json.dumps(position)

    @property
    def sources(self) -> set[str]:
        return set(self._positions)

    def wait_for(self, *texts: str) -> None:
        """Wait until exactly these lines have come."""
        self.wait_until(lambda: len(self.lines) >= len(texts))
        assert self.texts == list(texts)

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        wait_until(condition, f"what is waited for, with {len(self.lines)} lines", gevent.sleep)


class Reader:
    """Reads one log as the loop does, from a position that survives restarts as JSON."""

    def __init__(self, path: Path, limit: int = 8192) -> None:
        self.path = path
        self.now = NOW
        self.texts: list[str] = []
        self.kept: str | None = None
        self._splitter = Splitter(limit)
        self.follower = self._follow()

    def _follow(self) -> Follower:
        position = Position.from_json(json.loads(self.kept)) if self.kept else None
        return Follower(self.path, self._splitter, position=position)

    def read(self) -> list[str]:
        """Read all there is now, and return the lines."""
        texts: list[str] = []
        while block := self.follower.read(self.now):
            texts += block.texts
            self.follower.advance(block, self.now)
            self._keep()
        self._keep()
        self.texts += texts
        return texts

    def write_and_read(self, first: int, last: int) -> None:
        """Write lines of these numbers, and read them before anything else happens."""
        write(self.path, first, last)
        self.read()

    def read_block(self) -> None:
        """Read one block, if there is one."""
        block = self.follower.read(self.now)
        if block:
            self.texts += block.texts
            self.follower.advance(block, self.now)
        self._keep()

    def restart(self) -> None:
        """Begin anew from the position that was kept."""
        self.follower.close()
        self.follower = self._follow()

    def pass_time(self, seconds: float = LINGER) -> None:
        self.now += seconds

    def read_on(self, times: int = 1) -> list[str]:
        """Read until so many rotated files have been left."""
        texts = self.read()
        for _ in range(times):
            self.pass_time()
            texts += self.read()
        return texts

    def _keep(self) -> None:
        position = self.follower.position
        self.kept = json.dumps(position.to_json()) if position else None


@pytest.fixture
def sensor() -> FakeSensor:
    return FakeSensor()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The path of a log that isn't there yet."""
    return tmp_path / "mail.log"


@pytest.fixture
def reader(log: Path) -> Iterator[Reader]:
    reader = Reader(log)
    yield reader
    reader.follower.close()


@pytest.fixture
def follow(sensor: FakeSensor) -> Iterator[Callable[..., Loop]]:
    """Start a loop that follows what its settings name, without lingering; stopped at the end."""
    sensor.read_clock = time.time  # for the loop waits in earnest
    loops = []

    def start(*files: Path, linger: float = 0.0, max_open: int = 512, **settings: Any) -> Loop:
        parsed = TailSettings(files=files, **settings)
        loop = Loop(parsed, sensor, linger=linger, max_open=max_open)
        loops.append(loop)
        sensor.spawn(loop.run)
        return loop

    yield start
    for loop in loops:
        loop.stop()
    sensor.greenlets.kill()

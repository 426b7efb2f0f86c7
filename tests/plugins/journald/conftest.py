"""What the tests of the log source `journald` share: a journal, and readers beside greenlets."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.plugins.journald.journals import Journal
from tests.waiting import wait_until
from webfail2ban import testing
from webfail2ban_journald.matches import join_matches, parse_match
from webfail2ban_journald.reader import Reader
from webfail2ban_journald.settings import JournaldSettings


class FakeSensor(testing.FakeSensor):
    """The sensor's side of a log source: collects lines, keeps positions as JSON, knows the time.

    Attributes:
        kept_with: How many lines there were each time that a position was kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept_with: list[int] = []
        self._positions: dict[str, str] = {}

    @property
    def texts(self) -> list[str]:
        return [line.text.partition("]: ")[2] for line in self.lines]

    def now(self) -> float:
        return time.time()

    def position(self, source: str) -> Any:
        return json.loads(self._positions.get(source, "null"))

    def keep_position(self, source: str, position: object) -> None:
        self._positions[source] = json.dumps(position)
        self.kept_with.append(len(self.lines))


class Reading:
    """Readers of one journal, one after the other; they share a sensor's positions and lines."""

    def __init__(self, journal: Journal) -> None:
        self.sensor = FakeSensor()
        self._journal = journal
        self._readers: list[Reader] = []

    def begin(self, *matches: str, silence: float = 300.0, **settings: Any) -> Reader:
        """Begin to read, from the journal's beginning unless told otherwise."""
        checked = JournaldSettings.model_validate(
            {"directory": self._journal.directory, "start": "beginning", **settings}
        )
        words = join_matches(map(parse_match, matches))
        reader = Reader(checked, words, self.sensor, silence=silence)
        self._readers.append(reader)
        gevent.spawn(reader.run)
        return reader

    def wait_for(self, *texts: str) -> None:
        """Wait until exactly these messages have come."""
        wait_until(
            lambda: len(self.sensor.lines) >= len(texts), f"{len(texts)} lines", gevent.sleep
        )
        assert self.sensor.texts == list(texts)

    def read_all(self, *texts: str, **settings: Any) -> None:
        """Read with one more reader, until these messages have come."""
        reader = self.begin(**settings)
        self.wait_for(*texts)
        reader.stop()

    def stop(self) -> None:
        """Stop all readers."""
        for reader in self._readers:
            reader.stop()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal without an entry."""
    return Journal(tmp_path / "journal")


@pytest.fixture
def reading(journal: Journal) -> Iterator[Reading]:
    """Readers of that journal."""
    reading = Reading(journal)
    yield reading
    reading.stop()


#: Waits until something is true, beside greenlets.
Until = Callable[[Callable[[], object], str], object]


@pytest.fixture
def until() -> Until:
    """Waiting that lets greenlets run."""
    return lambda look, what: wait_until(look, what, gevent.sleep)

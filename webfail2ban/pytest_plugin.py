"""Fixtures for the tests of plugins; pytest finds them wherever webfail2ban is installed.

Each is named after what it gives, behind the program's name, so that none is in the way of others.
"""

from collections.abc import Callable, Iterator, Mapping

import pytest

from webfail2ban.model import Json
from webfail2ban.testing import Clock, EngineBox, FakeEngine, FakeSensor

#: Boxes plugins: takes what `EngineBox` takes, but the clock.
BoxPlugins = Callable[..., EngineBox]


@pytest.fixture
def webfail2ban_clock() -> Clock:
    """A clock to turn, the same for all that a test asks for here."""
    return Clock()


@pytest.fixture
def webfail2ban_engine(webfail2ban_clock: Clock) -> FakeEngine:
    """What a plugin's `start_engine` is handed."""
    return FakeEngine(webfail2ban_clock)


@pytest.fixture
def webfail2ban_sensor(webfail2ban_clock: Clock) -> FakeSensor:
    """What a plugin's `start_sensor` is handed."""
    return FakeSensor(webfail2ban_clock)


@pytest.fixture
def webfail2ban_box(webfail2ban_clock: Clock) -> Iterator[BoxPlugins]:
    """Box plugins: ``webfail2ban_box({"mine": {"limit": 3}}, mine=Mine)``; see `EngineBox`."""
    boxes: list[EngineBox] = []

    def box_plugins(settings: Mapping[str, Json] | None = None, **plugins: object) -> EngineBox:
        box = EngineBox(settings or {}, webfail2ban_clock, **plugins)
        boxes.append(box)
        return box

    yield box_plugins
    for box in boxes:
        box.close()

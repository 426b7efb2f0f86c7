import pytest

from webfail2ban.testing import Clock, FakeEngine, FakeSensor


@pytest.fixture
def clock() -> Clock:
    """A clock to turn."""
    return Clock()


@pytest.fixture
def engine(clock: Clock) -> FakeEngine:
    """What a plugin sees of the engine."""
    return FakeEngine(clock)


@pytest.fixture
def sensor(clock: Clock) -> FakeSensor:
    """What a plugin sees of the sensor."""
    return FakeSensor(clock)

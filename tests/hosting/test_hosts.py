import logging
from collections.abc import Iterator

import gevent
import pytest
from gevent import Timeout
from gevent.pool import Group

from tests.waiting import wait_until
from webfail2ban.hosting.hosts import PluginHost
from webfail2ban.hosting.isolation import Isolation
from webfail2ban.testing import Clock
from webfail2ban.turns import give_way

PAUSE = 0.005


class Failing:
    """A function that raises a number of times.

    Attributes:
        calls: How often it was called.
    """

    def __init__(self, times: int, error: BaseException | None = None) -> None:
        self.calls = 0
        self._times = times
        self._error = error or LookupError("lost")

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error


@pytest.fixture
def greenlets() -> Iterator[Group]:
    group = Group()
    yield group
    group.kill()


@pytest.fixture
def isolation(clock: Clock) -> Isolation:
    return Isolation(clock)


@pytest.fixture
def host(clock: Clock, isolation: Isolation, greenlets: Group) -> PluginHost:
    return PluginHost("syslog", clock, isolation, greenlets)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the host sleeps, without sleeping it."""
    slept: list[float] = []
    sleep = gevent.sleep

    def note(seconds: float) -> None:
        slept.append(seconds)
        sleep(0)

    monkeypatch.setattr(gevent, "sleep", note)
    return slept


def test_the_time_is_the_one_that_was_passed_in(host: PluginHost, clock: Clock) -> None:
    """So that tests can turn it."""
    clock.turn(5)
    assert host.now() == clock.time


def test_a_function_runs_beside_everything_else(host: PluginHost, greenlets: Group) -> None:
    """Once, if it returns."""
    seen: list[int] = []
    host.spawn(seen.append, 5)
    assert not seen
    greenlets.join()
    assert seen == [5]


def test_a_function_that_raises_is_run_again(
    host: PluginHost, greenlets: Group, isolation: Isolation, pauses: list[float]
) -> None:
    """After pauses that double up to a minute."""
    failing = Failing(9)
    host.spawn(failing)
    greenlets.join()
    assert failing.calls == 10
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert isolation.failures == {("syslog", "Failing"): 9}


def test_the_pause_is_short_again_after_a_long_run(
    host: PluginHost, greenlets: Group, clock: Clock, pauses: list[float]
) -> None:
    """What ran for minutes was well."""
    runs = iter([0.0, 0.0, 61.0, 0.0])

    def run() -> None:
        clock.turn(next(runs, 0.0))
        if len(pauses) < 4:
            raise LookupError

    host.spawn(run)
    greenlets.join()
    assert pauses == [1, 2, 1, 2]


@pytest.mark.parametrize("fault", [SystemExit(3), Timeout(3600)])
def test_a_function_cannot_end_the_process(
    host: PluginHost, greenlets: Group, isolation: Isolation, pauses: list[float], fault: Timeout
) -> None:
    """Neither with sys.exit nor with a timeout that it forgot to catch."""
    failing = Failing(1, fault)
    host.spawn(failing)
    greenlets.join()
    assert failing.calls == 2
    assert len(pauses) == 1
    assert isolation.failures.total() == 1


def test_every_goes_on_after_a_failure(
    host: PluginHost, isolation: Isolation, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named by its plugin and function."""
    failing = Failing(2)
    host.every(PAUSE, failing)
    wait_until(lambda: failing.calls >= 4, "it is called again", gevent.sleep)
    assert isolation.failures == {("syslog", "Failing"): 2}
    assert "plugin syslog failed in Failing: LookupError: lost" in caplog.text


def test_every_waits_before_the_first_call(
    host: PluginHost, greenlets: Group, pauses: list[float]
) -> None:
    """Whoever wants one at once makes it."""
    seen: list[list[float]] = []

    def look() -> None:
        seen.append(list(pauses))
        raise gevent.GreenletExit

    host.every(7, look)
    greenlets.join()
    assert seen == [[7]]


@pytest.mark.parametrize("seconds", [0, -1])
def test_every_needs_a_pause(host: PluginHost, seconds: float) -> None:
    """Without one nothing else would ever run."""
    with pytest.raises(ValueError, match="is no pause"):
        host.every(seconds, Failing(0))


def test_what_was_started_ends_with_the_process(
    host: PluginHost, greenlets: Group, caplog: pytest.LogCaptureFixture
) -> None:
    """That is no failure."""
    caplog.set_level(logging.INFO)
    host.spawn(gevent.sleep, 3600)
    host.every(3600, Failing(0))
    give_way()
    greenlets.kill()
    assert len(greenlets) == 0
    assert not caplog.records

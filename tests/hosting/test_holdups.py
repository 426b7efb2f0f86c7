from collections.abc import Callable

import gevent
import pytest
from gevent import Timeout

from webfail2ban.hosting.holdups import LONGEST, RECENT, Holdups
from webfail2ban.testing import Clock


class Bench:
    """Hold-ups by a timer that the test turns."""

    def __init__(self, clock: Clock) -> None:
        self.timer = Clock(0.0)
        self.holdups = Holdups(clock, self.timer)

    def measure(
        self, seconds: float, act: Callable[[], object] = str, hook: str = "opinion"
    ) -> bool:
        began = self.holdups.begin()
        act()
        self.timer.turn(seconds)
        return self.holdups.end(began, "geoip", hook)


@pytest.fixture
def bench(clock: Clock) -> Bench:
    return Bench(clock)


def test_who_computes_for_long_is_named_and_counted(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """With the plugin, the hook, and how long."""
    assert bench.measure(0.3)
    assert bench.holdups.counts == {("geoip", "opinion"): 1}
    assert caplog.messages == ["plugin geoip held up all verdicts for 300 ms in opinion"]


def test_who_is_quick_is_not(bench: Bench) -> None:
    """Up to the limit."""
    assert not bench.measure(0.99 * LONGEST)
    assert not bench.holdups.counts
    assert not [*bench.holdups.find_problems()]


def test_who_waits_lets_the_others_run(bench: Bench) -> None:
    """However long: gevent knows of it."""
    assert not bench.measure(0.3, lambda: gevent.sleep(0.001))
    assert not bench.holdups.counts


def test_a_limit_of_the_plugins_own_is_no_wait(bench: Bench) -> None:
    """It starts a timer, which changes the loop's time and nothing else."""

    def compute() -> None:
        with Timeout(5):
            pass

    assert bench.measure(0.3, compute)


def test_it_is_among_what_is_wrong_for_a_while(bench: Bench, clock: Clock) -> None:
    """With the worst of it; later ones begin anew."""
    bench.measure(0.02)
    bench.measure(0.3)
    bench.measure(0.1)
    said = "held up all verdicts for up to 300 ms, 3 times: it computes, or waits without gevent"
    assert [*bench.holdups.find_problems()] == [f"geoip: opinion {said}"]
    clock.turn(RECENT)
    assert not [*bench.holdups.find_problems()]
    bench.measure(0.02)
    (problem,) = bench.holdups.find_problems()
    assert "up to 20 ms:" in problem
    assert bench.holdups.counts["geoip", "opinion"] == 4


def test_it_is_named_once_a_minute(
    bench: Bench, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Each hook by itself, then with the number of the others."""
    for _ in range(100):
        bench.measure(0.3)
    bench.measure(0.3, hook="ban")
    clock.turn(60)
    bench.measure(0.2)
    assert len(caplog.messages) == 3
    assert caplog.messages[2].endswith("for 200 ms in opinion (100 times since it was last named)")

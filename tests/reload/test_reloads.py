from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent.event import Event

from tests.waiting import wait_until
from webfail2ban.reload.reloads import Reloads
from webfail2ban.reload.result import ReloadResult


class Stage:
    """Reloads that wait until they may go on.

    Attributes:
        begun: How many have begun.
        go: Lets them end.
    """

    def __init__(self) -> None:
        self.begun = 0
        self.go = Event()
        self.act: Callable[[], object] = lambda: None
        self.reloads = Reloads(self._reload)

    def wait_for(self, count: int) -> None:
        """Wait until so many have begun."""
        wait_until(lambda: self.begun == count, f"{count} reloads", gevent.sleep)

    def _reload(self) -> ReloadResult:
        self.begun += 1
        number = self.begun
        self.act()
        self.go.wait()
        return ReloadResult(ok=True, changed=(str(number),))


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.reloads.stop()


def test_who_asks_while_one_runs_shares_the_next(stage: Stage) -> None:
    """The file may have changed since the running one read it."""
    stage.reloads.start()
    first = gevent.spawn(stage.reloads.reload)
    stage.wait_for(1)
    others = [gevent.spawn(stage.reloads.reload) for _ in range(5)]
    for _ in range(5):
        stage.reloads.request()
    gevent.sleep(0)
    assert stage.begun == 1
    stage.go.set()
    assert first.get(timeout=10).changed == ("1",)
    assert {other.get(timeout=10).changed for other in others} == {("2",)}
    assert stage.begun == 2


def test_what_is_wanted_before_the_start_is_done_then(stage: Stage) -> None:
    """A signal may come early."""
    stage.go.set()
    stage.reloads.request()
    stage.reloads.start()
    stage.wait_for(1)


def test_a_fault_of_ours_is_no_end(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """It is told and logged, and the next reload is done."""

    def fail() -> None:
        raise LookupError("nobody knows")

    stage.go.set()
    stage.reloads.start()
    stage.act = fail
    assert stage.reloads.reload().problems == ("a fault of ours: LookupError: nobody knows",)
    assert caplog.messages == ["the reload failed: a fault of ours"]
    stage.act = lambda: None
    assert stage.reloads.reload().ok


def test_who_waits_at_the_end_is_told(stage: Stage) -> None:
    """Also who asks afterwards."""
    stage.reloads.start()
    waiting = [gevent.spawn(stage.reloads.reload) for _ in range(2)]
    stage.wait_for(1)
    waiting.append(gevent.spawn(stage.reloads.reload))
    gevent.sleep(0)
    stage.reloads.stop()
    ended = ReloadResult.failed("the program ends")
    assert [greenlet.get(timeout=10) for greenlet in waiting] == [ended] * 3
    assert stage.reloads.reload() == ended

from collections.abc import Iterator

import gevent
import pytest

from tests.plugged import plugged
from tests.waiting import wait_until
from webfail2ban import hookimpl
from webfail2ban.errors import PluginError, WebFail2BanError
from webfail2ban.hosting.isolation import Isolation
from webfail2ban.hosting.lifecycle import Lifecycle
from webfail2ban.testing import Clock

#: What the plugins of one test did.
done: list[str] = []


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    done.clear()
    yield
    done.clear()


class Diary:
    """A plugin that writes down what happens to it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def start_engine(self, engine: object) -> None:
        done.append(f"start {self.name} with {engine}")

    @hookimpl
    def stop_engine(self) -> None:
        done.append(f"stop {self.name}")


class OnlyStops:
    @hookimpl
    def stop_engine(self) -> None:
        done.append("stop only")


class CannotStart(OnlyStops):
    """A plugin that raises what it is given when it is started."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    @hookimpl
    def start_engine(self) -> None:
        raise self.error


class CannotStop(Diary):
    @hookimpl
    def stop_engine(self) -> None:
        raise SystemExit(3)


class StopsForEver(Diary):
    @hookimpl
    def stop_engine(self) -> None:
        gevent.sleep(3600)


class ExplainedError(WebFail2BanError):
    """An error of a plugin's own."""


def lifecycle(**plugins: object) -> tuple[Lifecycle, Isolation]:
    isolation = Isolation(Clock())
    return Lifecycle(plugged(**plugins), isolation, "engine"), isolation


def test_plugins_are_started_in_their_order_and_stopped_in_reverse() -> None:
    """Each with what is its own."""
    both, _ = lifecycle(a=Diary("a"), b=Diary("b"))
    both.start(str.upper)
    both.stop()
    assert done == ["start a with A", "start b with B", "stop b", "stop a"]


def test_a_plugin_without_a_start_is_stopped_too() -> None:
    """It may hold something since it was configured."""
    one, _ = lifecycle(only=OnlyStops())
    one.start(str)
    one.stop()
    assert done == ["stop only"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (KeyError("path"), "plugin b: KeyError: 'path'"),
        (SystemExit(3), "plugin b: SystemExit: 3"),
        (OSError(2, "No such file", "/x"), "plugin b: FileNotFoundError: [Errno 2] No such file"),
        (ExplainedError("the list is empty"), "plugin b: the list is empty"),
    ],
)
def test_one_that_cannot_start_is_named(error: BaseException, sentence: str) -> None:
    """An error that explains itself needs no more than its sentence."""
    broken, _ = lifecycle(a=Diary("a"), b=CannotStart(error), c=Diary("c"))
    with pytest.raises(PluginError) as caught:
        broken.start(str)
    assert str(caught.value).startswith(sentence)


def test_only_what_was_started_is_stopped() -> None:
    """The others hold nothing yet, and would only fail."""
    broken, isolation = lifecycle(a=Diary("a"), b=CannotStart(OSError()), c=Diary("c"))
    with pytest.raises(PluginError):
        broken.start(str)
    done.clear()
    broken.stop()
    assert done == ["stop a"]
    assert not isolation.failures


def test_one_that_cannot_stop_does_not_keep_the_others() -> None:
    """It is named, that's all."""
    three, isolation = lifecycle(a=Diary("a"), b=CannotStop("b"), c=Diary("c"))
    three.start(str)
    done.clear()
    three.stop()
    assert done == ["stop c", "stop a"]
    assert isolation.failures == {("b", "stop_engine"): 1}


def test_one_that_does_not_stop_in_time_is_left_behind() -> None:
    """The grace is for all of them together; who doesn't wait needs none."""
    three, isolation = lifecycle(a=Diary("a"), b=StopsForEver("b"), c=Diary("c"))
    three.start(str)
    done.clear()
    three.stop(0.01)
    assert done == ["stop c", "stop a"]
    assert isolation.failures == {("b", "stop_engine"): 1}


class Prepares:
    """A plugin that gets ready, or can't."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    @hookimpl
    def prepare_sensor(self, sensor: object) -> None:
        if self.error is not None:
            raise self.error
        done.append(f"prepare with {sensor}")


def test_plugins_get_ready_before_they_start() -> None:
    """With what they may ask of the process."""
    lifecycle = Lifecycle(plugged(one=Prepares(), two=Prepares()), Isolation(Clock()), "sensor")
    lifecycle.prepare(str.upper)
    assert done == ["prepare with ONE", "prepare with TWO"]


def test_a_plugin_that_cannot_get_ready_is_named() -> None:
    """As one that can't start."""
    plugins = plugged(one=Prepares(LookupError("no filter")))
    with pytest.raises(PluginError, match="plugin one: LookupError: no filter"):
        Lifecycle(plugins, Isolation(Clock()), "sensor").prepare(str)


def test_a_plugin_that_takes_long_to_start_is_named(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may never start, and everything waits for it."""
    monkeypatch.setattr("webfail2ban.hosting.lifecycle.SLOW_START", 0.001)

    class Slow:
        @hookimpl
        def start_engine(self) -> None:
            wait_until(lambda: caplog.messages, "a warning", gevent.sleep)

    Lifecycle(plugged(slow=Slow()), Isolation(clock), "engine").start(str)
    assert caplog.messages == ["plugin slow hasn't started after 0.001 s; everything waits for it"]

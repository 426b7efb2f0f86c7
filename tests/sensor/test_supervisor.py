"""The engine's side, with a real sensor."""

import os
import shutil
import signal
import sys
import time

import gevent
import pytest
from gevent import subprocess
from gevent.event import Event

from tests.sensor.conftest import Stage
from tests.waiting import descriptors, is_running, wait_until
from webfail2ban.errors import PluginError
from webfail2ban.model import Failure
from webfail2ban.sensor import child as child_module
from webfail2ban.sensor import supervisor as supervisor_module
from webfail2ban.sensor.supervisor import Supervisor


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restart after a moment."""
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE", 0.01)


def gone(pid: int) -> None:
    wait_until(lambda: not is_running(pid), "the sensor ends", gevent.sleep)


def test_failures_cross(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """With everything that the plugin said of them; a clean stop brings what was found last."""
    subprocess.check_call(["true"])  # gevent opens something for its first child, and keeps it
    before = descriptors()
    stage.supervisor.start()
    pid = stage.supervisor.pid
    assert pid
    stage.say("fail 192.0.2.1", "nothing", "fail 2001:db8::1")
    stage.found("192.0.2.1", "2001:db8::1")
    first: Failure = stage.failures[0]
    assert (first.jail, first.time, first.weight) == ("probe", 1.5, 2)
    assert (first.lines, dict(first.fields)) == (("fail 192.0.2.1",), {"a": "b"})
    stage.stands_at(3)
    stage.supervisor.stop(20.0)
    stage.found("192.0.2.1", "2001:db8::1", "192.0.2.99")
    assert stage.supervisor.positions == {"probe": 3, "last": "word"}
    assert not is_running(pid)
    assert stage.supervisor.pid is None
    assert stage.supervisor.restarts == 0
    assert not caplog.messages
    assert descriptors() == before


def test_it_is_prepared_before_anything_can_be_counted(stage: Stage) -> None:
    """It loads everything beside the engine's start, and stands where that says."""
    stage.supervisor.begin()
    wait_until(lambda: stage.supervisor.pid, "its process starts", gevent.sleep)
    pid = stage.supervisor.pid
    stage.say("fail 192.0.2.1", "fail 192.0.2.2")
    stage.supervisor.positions["probe"] = 1
    stage.supervisor.start()
    stage.found("192.0.2.2")
    assert stage.supervisor.pid == pid
    stage.supervisor.stop(20.0)


def test_one_that_never_reads_ends_with_the_engine(stage: Stage) -> None:
    """The engine's own start may fail."""
    stage.supervisor.begin()
    wait_until(lambda: stage.supervisor.pid, "its process starts", gevent.sleep)
    pid = stage.supervisor.pid
    assert pid
    stage.supervisor.stop(20.0)
    gone(pid)
    assert not stage.failures


def test_a_sensor_that_is_killed_is_started_again_where_it_stood(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is read twice; a forgotten source has no position."""
    stage.supervisor.positions["old"] = 1
    stage.supervisor.start()
    stage.say("fail 192.0.2.1", "forget old")
    stage.stands_at(2)
    wait_until(lambda: "old" not in stage.supervisor.positions, "it is forgotten", gevent.sleep)
    pid = stage.supervisor.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    stage.say("fail 192.0.2.2")
    stage.found("192.0.2.1", "192.0.2.2")
    assert stage.supervisor.restarts == 1
    assert caplog.messages == ["the sensor ended: killed by signal 9; starting it again in 0.01 s"]


def test_what_would_refuse_the_first_start_does_not_refuse_the_next(stage: Stage) -> None:
    """A file that has become unreadable is no reason to go deaf on all the others."""
    stage.supervisor.start()
    stage.spoil()
    pid = stage.supervisor.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")
    assert stage.supervisor.restarts == 1


def test_a_warning_is_said_at_the_first_start_only(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    """However often the sensor is started again."""
    stage.doubt()
    stage.supervisor.start()
    pid = stage.supervisor.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")
    stage.supervisor.stop(20.0)
    assert capfd.readouterr().err.count("probe.commands: look odd") == 1


def test_signals_that_are_meant_for_the_engine_do_nothing(stage: Stage) -> None:
    """Ctrl-C and a container's stop may reach every process; the engine alone decides."""
    stage.supervisor.start()
    pid = stage.supervisor.pid
    assert pid
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")
    assert stage.supervisor.pid == pid
    assert os.getsid(pid) != os.getsid(0)


def test_a_sensor_that_hangs_is_killed_and_started_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Something computes in it and won't end."""
    stage.supervisor.start()
    monkeypatch.setattr(supervisor_module, "SILENCE", 0.3)
    monkeypatch.setattr(child_module, "END_LIMIT", 0.05)
    pid = stage.supervisor.pid
    assert pid
    stage.say("hang", "fail 192.0.2.1")
    gone(pid)
    monkeypatch.undo()
    stage.found("192.0.2.1")
    assert caplog.messages[0].startswith("the sensor ended: it gave no sign of life; starting it")


@pytest.mark.parametrize("garbage", ["hello", "{}", '{"failures":[["probe","nobody",0,1,[],{}]]}'])
def test_a_sensor_that_talks_nonsense_is_started_again(
    stage: Stage, caplog: pytest.LogCaptureFixture, garbage: str
) -> None:
    """The engine goes on."""
    stage.supervisor.start()
    stage.say(f"write {garbage}", "fail 192.0.2.1")
    stage.found("192.0.2.1")
    assert stage.supervisor.restarts == 1
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("stage", [", refuse: start"], indirect=True)
def test_a_plugin_that_cannot_start_stops_the_start(stage: Stage) -> None:
    """It is named, and no sensor stays behind."""
    with pytest.raises(PluginError, match=r"^plugin probe: RuntimeError: the lens is dirty$"):
        stage.supervisor.start()
    wait_until(lambda: stage.supervisor.pid is None, "no sensor stays", gevent.sleep)
    assert stage.supervisor.restarts == 0


@pytest.mark.parametrize("stage", [", refuse: crash"], indirect=True)
def test_a_sensor_that_dies_at_the_first_start_stops_the_start(stage: Stage) -> None:
    """A second attempt would hardly be better."""
    with pytest.raises(PluginError, match=r"^the sensor didn't start: exit status 7$"):
        stage.supervisor.start()


def test_a_sensor_that_dies_before_it_has_its_settings_tells_how(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that a pipe broke: the settings of many jails are more than one holds."""
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    supervisor = Supervisor(stage.settings | {"padding": "x" * 10_000_000}, lambda _: None)
    with pytest.raises(PluginError, match=r"^the sensor didn't start: exit status 1$"):
        supervisor.start()


@pytest.mark.parametrize("stage", [", refuse: hang"], indirect=True)
def test_a_sensor_that_hangs_at_the_first_start_stops_the_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a minute otherwise."""
    monkeypatch.setattr(supervisor_module, "START_LIMIT", 0.3)
    monkeypatch.setattr(child_module, "END_LIMIT", 0.05)
    with pytest.raises(PluginError, match=r"^the sensor didn't start: it gave no sign of life$"):
        stage.supervisor.start()


@pytest.mark.parametrize("stage", [", refuse: hang"], indirect=True)
def test_a_start_may_be_given_up(stage: Stage) -> None:
    """Somebody wants the program to end; the sensor that doesn't is killed within the grace."""
    give_up = Event()

    def look() -> None:
        wait_until(lambda: stage.supervisor.pid, "a sensor", gevent.sleep)
        give_up.set()

    looking = gevent.spawn(look)
    stage.supervisor.start(give_up)
    looking.get()
    pid = stage.supervisor.pid
    assert pid
    stage.supervisor.stop(0.1)
    assert not is_running(pid)


def test_a_sensor_that_cannot_start_again_is_tried_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """The engine says why, and goes on."""
    stage.supervisor.start()
    stage.refuse()
    stage.say("exit")
    wait_until(lambda: stage.supervisor.restarts == 2, "another attempt", gevent.sleep)
    assert caplog.messages == [
        "the sensor ended: exit status 3; starting it again in 0.01 s",
        "the sensor refuses to start: plugin probe: RuntimeError: the lens was lost",
        "the sensor ended: exit status 2; starting it again in 0.02 s",
    ]


def test_the_pause_grows_up_to_a_limit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A sensor that dies at once must not take a whole core."""
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervisor_module, "LONGEST_PAUSE", 0.004)
    monkeypatch.setattr(Supervisor, "_run_once", lambda _: "dead")
    stage.supervisor._started.set()
    stage.supervisor.start()
    wait_until(lambda: stage.supervisor.restarts >= 5, "five attempts", gevent.sleep)
    pauses = [text.rpartition(" in ")[2] for text in caplog.messages[:5]]
    assert pauses == ["0.001 s", "0.002 s", "0.004 s", "0.004 s", "0.004 s"]


def test_a_sensor_that_cannot_be_spawned_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The machine may have too many processes for a while."""
    stage.supervisor.start()
    pid = stage.supervisor.pid
    assert pid
    spawn = child_module.subprocess.Popen  # type: ignore[attr-defined]

    def fail(*_arguments: object, **_options: object) -> None:
        monkeypatch.setattr(child_module.subprocess, "Popen", spawn)  # type: ignore[attr-defined]
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(child_module.subprocess, "Popen", fail)  # type: ignore[attr-defined]
    os.kill(pid, signal.SIGKILL)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")
    assert "Resource temporarily unavailable" in caplog.text
    assert stage.supervisor.restarts == 2


def test_what_sensors_drop_adds_up(stage: Stage) -> None:
    """Each counts from its own start."""
    supervisor = stage.supervisor
    dropped = []
    for message in (3, 5, "a new one", 2):
        if isinstance(message, int):
            supervisor._take({"failures": [], "positions": {}, "dropped": message})
        else:
            supervisor._dropped_before = supervisor.dropped
        dropped.append(supervisor.dropped)
    assert dropped == [3, 5, 5, 7]


def test_a_stop_does_not_wait_for_a_pause(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two sensors there is nothing to wait for."""
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE", 3600.0)
    stage.supervisor.start()
    stage.say("exit")
    wait_until(lambda: stage.supervisor.restarts, "the pause", gevent.sleep)
    began = time.monotonic()
    stage.supervisor.stop(3600.0)
    assert time.monotonic() - began < 60


def test_a_stop_kills_a_sensor_that_does_not_end(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """When the grace is over."""
    stage.supervisor.start()
    pid = stage.supervisor.pid
    assert pid
    stage.say("hang")
    wait_until(stage.hangs, "it hangs", gevent.sleep)
    stage.supervisor.stop(0.05)
    assert not is_running(pid)
    assert caplog.messages == ["the sensor didn't end in time and is killed"]


def test_another_sensor_takes_over(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Behind all that the old one found, and where it stood; the change is made in between."""
    stage.supervisor.start()
    old = stage.supervisor.pid
    assert old
    stage.say("fail 192.0.2.1")
    stage.stands_at(1)
    found: list[int] = []
    stage.supervisor.replace(stage.settings, lambda: found.append(len(stage.failures)), 20.0)
    assert found == [2]
    assert stage.supervisor.pid not in {None, old}
    assert not is_running(old)
    stage.say("fail 192.0.2.2")
    stage.found("192.0.2.1", "192.0.2.99", "192.0.2.2")
    assert stage.supervisor.restarts == 0
    assert not caplog.messages


def test_a_sensor_that_cannot_start_does_not_take_over(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """One with the old settings goes on where the old one stood, at once."""
    stage.supervisor.start()
    stage.say("fail 192.0.2.1")
    stage.stands_at(1)
    stage.refuse()
    with pytest.raises(PluginError, match=r"^plugin probe: RuntimeError: the lens was lost$"):
        stage.supervisor.replace(stage.settings, lambda: None, 20.0)
    stage.accept()
    stage.say("fail 192.0.2.2")
    stage.found("192.0.2.1", "192.0.2.99", "192.0.2.2")
    assert "the sensor refuses to start" in caplog.messages[0]


def test_what_cannot_be_installed_does_not_hold(stage: Stage) -> None:
    """What the new sensor has read by then is read, and the old settings hold."""
    stage.supervisor.start()

    def fail() -> None:
        raise PluginError("plugin other: it can't")

    with pytest.raises(PluginError, match=r"^plugin other: it can't$"):
        stage.supervisor.replace(stage.settings, fail, 20.0)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.99", "192.0.2.99", "192.0.2.1")


def test_a_sensor_that_cannot_get_ready_leaves_the_old_one_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads on."""
    stage.supervisor.start()
    old = stage.supervisor.pid
    with pytest.raises(PluginError, match="plugin unknown: there is none of this name"):
        stage.supervisor.replace({**stage.settings, "plugins": ["unknown"]}, lambda: None, 20.0)
    monkeypatch.setattr(supervisor_module, "START_LIMIT", 0.01)
    with pytest.raises(PluginError, match="the new sensor didn't start: it gave no sign of life"):
        stage.supervisor.replace(stage.settings, lambda: None, 20.0)
    assert stage.supervisor.pid == old
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")


def test_an_old_sensor_that_hangs_is_killed_for_its_successor(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """What it hung at isn't read again."""
    stage.supervisor.start()
    stage.say("hang")
    wait_until(stage.hangs, "it hangs", gevent.sleep)
    stage.supervisor.replace(stage.settings, lambda: None, 0.05)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")
    assert caplog.messages == ["the sensor didn't end in time for its successor and is killed"]


def test_a_successor_does_not_wait_for_a_pause(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the old sensor has died there is nothing to wait for."""
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE", 3600.0)
    stage.supervisor.start()
    stage.say("exit")
    wait_until(lambda: stage.supervisor.restarts, "the pause", gevent.sleep)
    stage.supervisor.replace(stage.settings, lambda: None, 20.0)
    stage.say("fail 192.0.2.1")
    stage.found("192.0.2.1")

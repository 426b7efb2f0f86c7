"""The plugin as the sensor calls it."""

import json
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.plugins.tail.conftest import FakeSensor
from tests.plugins.tail.writing import append
from webfail2ban import SourceStatus
from webfail2ban_tail import Tail, TailSettings


@pytest.fixture
def plugin(log: Path) -> Tail:
    plugin = Tail()
    plugin.configure(TailSettings(files=(log,), max_line=256))
    return plugin


def test_is_found_by_its_name() -> None:
    """The configuration's `tail` means this plugin."""
    (found,) = entry_points(group="webfail2ban", name="tail")
    assert found.load() is Tail


def test_brings_its_settings() -> None:
    """The section of its name is checked against its model."""
    assert Tail.Settings is TailSettings


def test_checks_its_settings(plugin: Tail, log: Path) -> None:
    """What is slow to find out is found out on demand."""
    log.mkdir()
    problems = plugin.check_settings(TailSettings(files=(log,)))
    assert [problem.path for problem in problems] == [("files", 0)]


def test_lives_and_ends(plugin: Tail, log: Path, sensor: FakeSensor) -> None:
    """It reads from the start to the end of the sensor."""
    plugin.start_sensor(sensor)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    append(log, "one\ntwo " + "x" * 300 + "\n")
    sensor.wait_for("one", "two")
    plugin.stop_sensor()
    sensor.greenlets.join()
    assert plugin.cut_lines == 1


def test_tells_how_each_log_stands(plugin: Tail, log: Path, sensor: FakeSensor) -> None:
    """From the sensor's half to the engine's, in what JSON can say."""
    plugin.start_sensor(sensor)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    append(log, "one\ntwo\n")
    sensor.wait_for("one", "two")
    report = json.loads(json.dumps(plugin.report()))
    (source,) = Tail().status(report).sources
    assert (source.name, source.lines, source.dropped) == (f"tail:{log}", 2, 0)
    assert source.last_line == sensor.now()
    assert source.state == "read up to byte 8"
    plugin.stop_sensor()
    sensor.greenlets.join()


def test_tells_why_a_log_is_not_read(plugin: Tail, log: Path, sensor: FakeSensor) -> None:
    """It isn't there, or somebody else's."""
    plugin.start_sensor(sensor)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    (source,) = Tail().status(plugin.report()).sources
    assert source == SourceStatus(f"tail:{log}", state="waits for the file")
    plugin.stop_sensor()
    sensor.greenlets.join()


def test_ends_without_a_start(plugin: Tail) -> None:
    """If another plugin fails at the start, all are stopped."""
    plugin.stop_sensor()
    assert plugin.cut_lines == 0

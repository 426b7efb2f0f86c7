"""webfail2ban run as its users run it: real processes, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import LOOPBACK
from tests.waiting import PATIENCE, is_running, wait_until
from webfail2ban.spop import AgentDisconnect
from webfail2ban.testing import SpopClient

#: A plugin in both processes, which does what its settings tell it.
ACTOR = """
import logging, os, signal, threading, time
from ipaddress import ip_network
from pathlib import Path
from socket import socket
from webfail2ban import Ban, Failure, LogLine, Opinion, Settings, hookimpl, parse_address

log = logging.getLogger(__name__)

if Path("hang up").exists():
    os.kill(os.getpid(), signal.SIGHUP)

class ActorSettings(Settings):
    act: str = ""
    flag: Path = Path("flag")

class Actor:
    Settings = ActorSettings
    engine = None

    @hookimpl
    def configure(self, settings):
        self.settings = settings

    @hookimpl
    def start_engine(self, engine):
        self.engine = engine
        log.info("engine: socket of %s", socket.__module__)
        if self.settings.act == "engine fails":
            raise RuntimeError("stage fright")
        if self.settings.act == "prints":
            import gevent
            gevent.spawn(lambda: int("many\\nlines"))

    @hookimpl
    def start_sensor(self, sensor):
        self.sensor = sensor
        log.info("sensor: socket of %s", socket.__module__)
        if self.settings.act == "sensor fails":
            raise RuntimeError("stage fright")
        if self.settings.act == "sensor hangs":
            self.settings.flag.touch()
            while True:
                pass
        if self.settings.act == "sensor hangs later":
            sensor.spawn(self.hang)

    def hang(self):
        while not self.settings.flag.exists():
            time.sleep(0.005)
        self.settings.flag.unlink()
        while True:
            pass

    @hookimpl
    def detect(self, lines):
        return [Failure("actor", parse_address(line.text), 0.0) for line in lines]

    @hookimpl
    def count_failures(self, failures):
        for failure in failures:
            self.engine.ban(Ban(ip_network(failure.address), "actor", 0.0, reason="acted\\nup"))

    @hookimpl
    def stop_sensor(self):
        self.sensor.emit([LogLine("192.0.2.99", "actor")])

    @hookimpl
    def stop_engine(self):
        if self.settings.act == "stop hangs":
            time.sleep(3600)
"""


class Daemon:
    """A program that runs.

    Args:
        directory: Takes its configuration, plugin and log.
        act: What the plugin does.
        **sections: Settings that replace the usual ones.

    Attributes:
        process: The engine.
        flag: A file by which test and plugin tell each other something.
    """

    def __init__(self, directory: Path, act: str = "", **sections: object) -> None:
        plugins = directory / "plugins"
        plugins.mkdir(exist_ok=True)
        (plugins / "actor.py").write_text(ACTOR)
        self.flag = directory / "flag"
        config = directory / "config.yaml"
        settings = {
            "plugins": ["actor"],
            "plugin_dirs": ["plugins"],
            "spoa": {"address": LOOPBACK, "port": 0},
            "store": {"path": "state/store.sqlite3"},
            "api": {"socket": "state/api.sock"},
            "actor": {"act": act, "flag": str(self.flag)},
            **sections,
        }
        config.write_text(json.dumps(settings))  # JSON is YAML
        self._log = directory / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webfail2ban", "run", "--config", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
            )
        self._sensors: set[int] = set()

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")

    @property
    def port(self) -> int:
        """Where it answers, once it is ready."""
        self.says("ready: ")
        return int(self.said.partition("answers HAProxy on ")[2].partition(";")[0].split(":")[-1])

    def says(self, text: str) -> None:
        """Wait until it has said something."""
        wait_until(lambda: text in self.said or self.process.poll() is not None, text)
        assert text in self.said, self.said

    def sensor(self) -> int:
        """Wait for the sensor, and return its process id."""
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        (pid,) = wait_until(lambda: tasks.read_text().split(), "a sensor")
        self._sensors.add(int(pid))
        return int(pid)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self) -> int:
        """Wait for the end, and return the exit status."""
        return self.process.wait(PATIENCE)

    def errors(self) -> list[str]:
        """What the command line says at the end."""
        return [line for line in self.said.splitlines() if line.startswith("error: ")]

    def clean_up(self) -> None:
        self.process.kill()
        self.process.wait()
        for pid in self._sensors:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


class Stage:
    """Starts programs, and ends them with the test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._daemons: list[Daemon] = []

    def start(self, act: str = "", **sections: object) -> Daemon:
        daemon = Daemon(self.directory, act, **sections)
        self._daemons.append(daemon)
        return daemon

    def end(self) -> None:
        for daemon in self._daemons:
            daemon.clean_up()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(stage: Stage, number: signal.Signals) -> None:
    """Clients are told goodbye, what the sensor found last is counted, nothing stays behind."""
    daemon = stage.start(log={"format": "json"})
    with SpopClient((LOOPBACK, daemon.port)) as client:
        sensor = daemon.sensor()
        assert client.check("192.0.2.1")["banned"] == 0
        daemon.signal(number)
        assert client.receive() == AgentDisconnect(0, "normal end")
    assert daemon.ends() == 0
    assert not is_running(sensor)
    entries = [json.loads(line) for line in daemon.said.splitlines()]
    messages = [entry["message"] for entry in entries]
    assert messages[-3:] == [
        f"{number.name}: stopping",
        "ban 192.0.2.99 [actor] for ever: acted\nup",
        "stopped",
    ]
    # Plugins keep what they import, so Python is patched before they are loaded.
    assert "engine: socket of gevent._socket3" in messages
    assert "sensor: socket of gevent._socket3" in messages
    assert {entry["process"] for entry in entries} == {"engine", "sensor"}


def test_a_hangup_before_it_is_ready_does_not_end_it(stage: Stage) -> None:
    """Whoever wants a reload then gets the new configuration anyway."""
    (stage.directory / "hang up").touch()
    daemon = stage.start()
    with SpopClient((LOOPBACK, daemon.port)) as client:
        assert client.check("192.0.2.1")["banned"] == 0


def test_a_second_signal_ends_it_at_once(stage: Stage) -> None:
    """Somebody doesn't want to wait; the sensor goes with it."""
    daemon = stage.start("stop hangs", grace="1h")
    daemon.says("ready: ")
    sensor = daemon.sensor()
    daemon.signal(signal.SIGINT)
    daemon.says("ban 192.0.2.99")
    daemon.signal(signal.SIGINT)
    assert daemon.ends() == 1
    wait_until(lambda: not is_running(sensor), "the sensor ends")


def test_a_stop_keeps_to_its_grace(stage: Stage) -> None:
    """Whoever hangs is left behind: a client, the sensor and a plugin's stop."""
    daemon = stage.start("sensor hangs later", grace="300ms")
    with SpopClient((LOOPBACK, daemon.port)):
        sensor = daemon.sensor()
        daemon.flag.touch()
        wait_until(lambda: not daemon.flag.exists(), "the sensor hangs")
        daemon.signal(signal.SIGTERM)
        assert daemon.ends() == 0
    assert not is_running(sensor)
    assert "the sensor didn't end in time and is killed" in daemon.said


def test_a_plugin_that_does_not_stop_is_left_behind(stage: Stage) -> None:
    """And named."""
    daemon = stage.start("stop hangs", grace="300ms")
    daemon.says("ready: ")
    daemon.signal(signal.SIGTERM)
    assert daemon.ends() == 0
    assert "plugin actor failed in stop_engine: TimeoutError: it didn't stop in time" in daemon.said


def test_a_signal_during_the_start_is_heeded(stage: Stage) -> None:
    """Although the sensor isn't ready, and never will be."""
    daemon = stage.start("sensor hangs", grace="300ms")
    sensor = daemon.sensor()
    wait_until(daemon.flag.exists, "the sensor hangs")
    daemon.signal(signal.SIGTERM)
    assert daemon.ends() == 0
    assert not is_running(sensor)


def test_a_sensor_does_not_outlive_its_engine(stage: Stage) -> None:
    """Not even one that listens to nobody."""
    daemon = stage.start("sensor hangs later")
    daemon.says("ready: ")
    sensor = daemon.sensor()
    daemon.flag.touch()
    wait_until(lambda: not daemon.flag.exists(), "the sensor hangs")
    daemon.signal(signal.SIGKILL)
    daemon.ends()
    wait_until(lambda: not is_running(sensor), "the sensor ends")


def test_a_taken_port_is_told_in_one_sentence(stage: Stage) -> None:
    """Exit status 1, no traceback, and nothing was started."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        daemon = stage.start(spoa={"address": LOOPBACK, "port": port})
        assert daemon.ends() == 1
    assert daemon.errors() == [
        f"error: spoa: can't listen on {LOOPBACK} port {port}: Address already in use"
    ]
    assert "Traceback" not in daemon.said
    assert "engine: socket of" not in daemon.said


def test_a_socket_that_cannot_be_made_is_told_in_one_sentence(stage: Stage) -> None:
    """By its path."""
    path = stage.directory / "missing" / "spoa.sock"
    daemon = stage.start(spoa={"address": str(path)})
    assert daemon.ends() == 1
    assert daemon.errors() == [f"error: spoa: can't listen on {path}: No such file or directory"]
    assert "Traceback" not in daemon.said


@pytest.mark.parametrize("act", ["engine fails", "sensor fails"])
def test_a_plugin_that_cannot_start_stops_the_start(stage: Stage, act: str) -> None:
    """In either process it is named; exit status 2."""
    daemon = stage.start(act)
    assert daemon.ends() == 2
    assert daemon.errors() == ["error: plugin actor: RuntimeError: stage fright"]
    assert "Traceback" not in daemon.said


def test_every_mistake_in_the_configuration_is_told(stage: Stage) -> None:
    """Exit status 2, and nothing was started."""
    daemon = stage.start(spoa={"port": "many"}, grace="soon", actr={})
    assert daemon.ends() == 2
    assert len(daemon.errors()) == 3
    assert daemon.said.count("\n") == 3


def test_a_plugin_that_is_not_there_is_named(stage: Stage) -> None:
    """Exit status 2."""
    daemon = stage.start(plugins=["actor", "understudy"])
    assert daemon.ends() == 2
    (error,) = daemon.errors()
    assert error.startswith("error: plugin understudy: there is none of this name")


def test_it_may_run_without_answering_haproxy(stage: Stage) -> None:
    """Reading logs alone; what a greenlet lets escape is one line of its log."""
    daemon = stage.start("prints", spoa={"enabled": False})
    daemon.says("ready: answers HAProxy for nobody: spoa.enabled is false; plugins: actor")
    daemon.says("a greenlet failed: ValueError: invalid literal for int()")
    daemon.signal(signal.SIGTERM)
    assert daemon.ends() == 0
    assert all(line[:4].isdecimal() for line in daemon.said.splitlines())

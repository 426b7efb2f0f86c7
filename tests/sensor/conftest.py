"""A supervisor with a real sensor, whose only plugin does what a file tells it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import gevent
import pytest

from tests.waiting import wait_until
from webfail2ban.config import check, parse
from webfail2ban.hosting.loader import load
from webfail2ban.model import Failure
from webfail2ban.sensor.supervisor import Supervisor

#: Reads commands from a file, one a line, and keeps how many it has read as its position.
PROBE = """
import os, sys, time
from pathlib import Path
from webfail2ban import Failure, LogLine, Settings, SettingsProblem, hookimpl, parse_address

class ProbeSettings(Settings):
    commands: Path
    refuse: str = ""

class Probe:
    Settings = ProbeSettings

    @hookimpl
    def check_settings(self, settings):
        if (settings.commands.parent / "unreadable").exists():
            yield SettingsProblem(("commands",), "can't be read any more")
        if (settings.commands.parent / "doubtful").exists():
            yield SettingsProblem(("commands",), "look odd", warning=True)

    @hookimpl
    def configure(self, settings):
        self.settings = settings

    @hookimpl
    def start_sensor(self, sensor):
        if self.settings.refuse == "start":
            raise RuntimeError("the lens is dirty")
        if self.settings.refuse == "hang":
            while True:
                pass
        if self.settings.refuse == "crash":
            os._exit(7)
        if (self.settings.commands.parent / "refuse").exists():
            raise RuntimeError("the lens was lost")
        self.sensor = sensor
        sensor.spawn(self.read)

    def read(self):
        done = self.sensor.position("probe") or 0
        while True:
            commands = self.settings.commands.read_text().splitlines()
            for command in commands[done:]:
                done += 1
                self.sensor.emit([LogLine(command, "probe")])
                self.sensor.keep_position("probe", done)
                self.obey(command)
            time.sleep(0.005)

    def obey(self, command):
        while self.sensor._process.outbox.pending:  # what was kept has left
            time.sleep(0.001)
        if command == "hang":
            (self.settings.commands.parent / "hangs").touch()
            while True:
                pass
        if command == "exit":
            os._exit(3)
        if command.startswith("write "):
            os.write(int(sys.argv[1]), command.removeprefix("write ").encode() + b"\\n")
        if command.startswith("forget "):
            self.sensor.keep_position(command.removeprefix("forget "), None)

    @hookimpl
    def detect(self, lines):
        for line in lines:
            if line.text.startswith("fail "):
                address = parse_address(line.text[5:])
                yield Failure("probe", address, 1.5, 2, (line.text,), {"a": "b"})

    @hookimpl
    def stop_sensor(self):
        self.sensor.emit([LogLine("fail 192.0.2.99", "probe")])
        self.sensor.keep_position("last", "word")
"""


class Stage:
    """A supervisor, its sensor and what it tells the engine.

    Attributes:
        failures: What has crossed.
        settings: What the sensor is told.
        supervisor: Under test.
    """

    def __init__(self, directory: Path, settings: str) -> None:
        plugins = directory / "plugins"
        plugins.mkdir()
        (plugins / "probe.py").write_text(PROBE)
        self._commands = directory / "commands"
        self._commands.touch()
        text = f"plugins: [probe]\nplugin_dirs: [{plugins}]\n"
        text += f"probe: {{commands: {self._commands}{settings}}}\n"
        document = parse(text)
        configuration = check(document, load(document.plugins, document.plugin_dirs).models)
        self.failures: list[Failure] = []
        self.settings = {
            "plugins": ["probe"],
            "plugin_dirs": [str(plugins)],
            "configuration": configuration.dump(),
        }
        self.supervisor = Supervisor(self.settings, self._take)

    def say(self, *commands: str) -> None:
        """Tell the plugin what to do."""
        with self._commands.open("a") as file:
            file.writelines(f"{command}\n" for command in commands)

    def refuse(self) -> None:
        """Let every further sensor refuse to start."""
        (self._commands.parent / "refuse").touch()

    def accept(self) -> None:
        """Let sensors start again."""
        (self._commands.parent / "refuse").unlink()

    def spoil(self) -> None:
        """Let the settings be wrong from now on."""
        (self._commands.parent / "unreadable").touch()

    def doubt(self) -> None:
        """Let the settings be worth a warning."""
        (self._commands.parent / "doubtful").touch()

    def hangs(self) -> bool:
        """Whether the plugin computes for ever, as it was told to."""
        return (self._commands.parent / "hangs").exists()

    def found(self, *addresses: str) -> None:
        """Wait until exactly these have failed."""
        wait_until(
            lambda: [str(failure.address) for failure in self.failures] == list(addresses),
            f"failures of {addresses}, not {self.failures}",
            gevent.sleep,
        )

    def stands_at(self, position: int) -> None:
        """Wait until the engine knows that the plugin has done so many commands."""
        wait_until(
            lambda: self.supervisor.positions.get("probe") == position,
            f"position {position}",
            gevent.sleep,
        )

    def _take(self, failures: Sequence[Failure]) -> None:
        self.failures += failures


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """The stage; the parameter adds to the plugin's settings."""
    stage = Stage(tmp_path, getattr(request, "param", ""))
    yield stage
    stage.supervisor.stop(0.0)

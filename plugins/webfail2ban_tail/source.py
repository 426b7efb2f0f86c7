"""The plugin: what the sensor calls."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from webfail2ban import Json, Sensor, SettingsProblem, SourceStatus, Status, hookimpl
from webfail2ban_tail.loop import Loop
from webfail2ban_tail.settings import TailSettings, find_problems


class Tail:
    """Follows log files and emits their lines."""

    Settings = TailSettings

    def __init__(self) -> None:
        self._settings: TailSettings | None = None
        self._loop: Loop | None = None

    @property
    def cut_lines(self) -> int:
        """How many lines were too long, and cut."""
        entries = self._loop.roster.entries.values() if self._loop else ()
        return sum(entry.follower.cut_lines for entry in entries)

    @hookimpl
    def configure(self, settings: TailSettings) -> None:
        """Take the settings."""
        self._settings = settings

    @hookimpl
    def check_settings(self, settings: TailSettings) -> Iterator[SettingsProblem]:
        """Look whether the files that are there can be read."""
        return find_problems(settings)

    @hookimpl
    def start_sensor(self, sensor: Sensor) -> None:
        """Begin to read where reading stopped."""
        assert self._settings is not None  # noqa: S101 - configure is called before
        self._loop = Loop(self._settings, sensor)
        sensor.spawn(self._loop.run)

    @hookimpl
    def report(self) -> Json:
        """Tell how each log stands."""
        entries = self._loop.roster.entries.values() if self._loop else ()
        return [asdict(entry.tell()) for entry in entries]

    @hookimpl
    def status(self, report: Any) -> Status:
        """Pass on how each log stands."""
        return Status(sources=[SourceStatus(**source) for source in report or ()])

    @hookimpl
    def stop_sensor(self) -> None:
        """End reading behind the block that is being searched."""
        if self._loop:
            self._loop.stop()

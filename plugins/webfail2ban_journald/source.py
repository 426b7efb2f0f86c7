"""The plugin: what the sensor calls."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from webfail2ban import (
    EngineSettings,
    Json,
    Sensor,
    SettingsProblem,
    SourceStatus,
    Status,
    filter_dirs,
    hookimpl,
)
from webfail2ban_journald.checks import find_problems, read_journalmatch
from webfail2ban_journald.matches import join_matches, parse_match
from webfail2ban_journald.reader import Reader
from webfail2ban_journald.settings import JournaldSettings


class Journald:
    """Follows the systemd journal and emits its entries as log lines.

    Attributes:
        reader: What reads, once the sensor has started.
    """

    Settings = JournaldSettings

    def __init__(self) -> None:
        self.reader: Reader | None = None
        self._settings = JournaldSettings()
        self._dirs: Sequence[Path] = ()
        self._words: tuple[str, ...] = ()

    @hookimpl
    def configure(self, settings: JournaldSettings, engine_settings: EngineSettings) -> None:
        """Keep the settings."""
        self._settings = settings
        self._dirs = filter_dirs(engine_settings.filter.dirs)

    @hookimpl
    def check_settings(
        self, settings: JournaldSettings, engine_settings: EngineSettings
    ) -> Iterator[SettingsProblem]:
        """Look whether there is a journal that can be read, and what the filters want of it."""
        return find_problems(settings, filter_dirs(engine_settings.filter.dirs))

    @hookimpl
    def prepare_sensor(self) -> None:
        """Find out which entries are meant."""
        self._words = join_matches(
            [
                *map(parse_match, self._settings.matches),
                *(read_journalmatch(name, self._dirs) for name in self._settings.filters),
            ]
        )

    @hookimpl
    def start_sensor(self, sensor: Sensor) -> None:
        """Begin to read where reading stopped."""
        self.reader = Reader(self._settings, self._words, sensor)
        sensor.spawn(self.reader.run)

    @hookimpl
    def report(self) -> Json:
        """Tell how the journal stands."""
        if self.reader is None:
            return None
        return {"source": asdict(self.reader.tell()), "trouble": self.reader.trouble}

    @hookimpl
    def status(self, report: Any) -> Status:
        """Pass on how the journal stands."""
        if not report:
            return Status()
        trouble = report["trouble"]
        return Status(
            sources=[SourceStatus(**report["source"])],
            problems=[f"the journal can't be read: {trouble}"] if trouble else (),
        )

    @hookimpl
    def stop_sensor(self) -> None:
        """End reading behind the block that is being searched."""
        if self.reader:
            self.reader.stop()

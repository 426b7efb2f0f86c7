"""Archived log lines through the plugins that find and count failures, on a clock of their own.

The plugins are the real ones and so is the engine, but nothing is sent anywhere: no log source and
no server is started, and what plugins would do beside the lines is left undone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from webfail2ban.commands.loading import load_with_warnings
from webfail2ban.commands.logfiles import Log
from webfail2ban.commands.logtime import Dater, LogClock
from webfail2ban.commands.warning import warn
from webfail2ban.config import Configuration
from webfail2ban.engine import Engine
from webfail2ban.errors import PluginError
from webfail2ban.hosting.hosts import PluginHost
from webfail2ban.hosting.isolation import FAULTS
from webfail2ban.hosting.lifecycle import Lifecycle
from webfail2ban.hosting.loader import Plugins, load
from webfail2ban.hosting.settings import check_settings, configure
from webfail2ban.model import Ban, Failure, Json, LogLine

#: A plugin with one of these hooks has a part in a replay; the others are not even started.
HOOKS = {"detect", "count_failures", "traits"}


def load_for_replay(config_path: Path | None) -> tuple[Configuration, Plugins]:
    """Load a configuration, and of its plugins those that find or count failures.

    What is only worth a warning is printed on standard error.

    Raises:
        ConfigurationError: something is wrong with what is written.
        PluginError: a plugin can't be loaded, or there is none to replay with.
    """
    configuration, plugins = load_with_warnings(config_path)
    names = [plugin.name for plugin in plugins if HOOKS.intersection(plugin.hooks)]
    if not names:
        raise PluginError(f"{configuration.path}: none of its plugins finds or counts failures")
    replayed = load(names, configuration.engine.plugin_dirs)
    warn(map(str, check_settings(replayed, configuration)))
    configure(replayed, configuration)
    return configuration, replayed


class RecordingEngine(Engine):
    """An engine that remembers every ban.

    Attributes:
        recorded: All bans in the order in which they came in force.
    """

    def __init__(
        self, configuration: Configuration, plugins: Plugins, now: Callable[[], float]
    ) -> None:
        super().__init__(configuration.engine, plugins, now)
        self.recorded: list[Ban] = []

    def ban(self, ban: Ban) -> bool:
        """Put a ban in force, and remember it."""
        changed = super().ban(ban)
        if changed:
            self.recorded.append(ban)
        return changed


class ArchiveSensor(PluginHost):
    """What the sensor offers to a plugin while there is no live log."""

    def spawn(self, function: Callable[..., object], *args: object) -> None:
        """Leave it undone."""

    def every(self, seconds: float, function: Callable[[], object]) -> None:
        """Leave it undone."""

    def emit(self, lines: Sequence[LogLine]) -> None:
        """Take no lines but those of the archive."""

    def position(self, source: str) -> Any:  # noqa: ARG002 - no source stands anywhere
        """Know of no position."""
        return None

    def keep_position(self, source: str, position: Any) -> None:
        """Keep nothing."""

    def kept_sockets(self) -> dict[str, Json]:
        """Know of no socket."""
        return {}

    def kept_socket(self, name: str) -> None:
        """Know of no socket."""

    def keep_socket(self, name: str, sock: object, note: Json = None) -> None:
        """Keep nothing."""


class Replay:
    """One configuration at work on archived lines.

    Args:
        configuration: The checked settings.
        plugins: The plugins that find and count failures, configured.

    Attributes:
        engine: Holds the bans, and counts the plugins' faults.
        lines: How many lines were read.
    """

    def __init__(self, configuration: Configuration, plugins: Plugins) -> None:
        self._clock = LogClock()
        self._dater = Dater()
        self.engine = RecordingEngine(configuration, plugins, self._clock)
        self._sensor = Lifecycle(plugins, self.engine.isolation, "sensor")
        self._detectors = plugins.implementers("detect")
        self.lines = 0

    @property
    def bans(self) -> Sequence[Ban]:
        """All bans in the order in which they came in force."""
        return self.engine.recorded

    def run(
        self, logs: Iterable[Log], source: str | None, advance: Callable[[int], object]
    ) -> None:
        """Read logs from beginning to end.

        Args:
            logs: First to last.
            source: The log source that the lines are said to come from; None for each log's own.
            advance: Told how many bytes more were read.

        Raises:
            PluginError: a plugin can't start.
            InputFileError: a log can't be read.
        """
        self.engine.start()
        try:
            self._sensor.prepare(self._make_sensor)
            self._sensor.start(self._make_sensor)
            for log in logs:
                self._read(log, source or log.source, advance)
        finally:
            self._sensor.stop()
            self.engine.stop()

    def _make_sensor(self, plugin: str) -> ArchiveSensor:
        engine = self.engine
        return ArchiveSensor(plugin, self._clock, engine.isolation, engine.greenlets)

    def _read(self, log: Log, source: str, advance: Callable[[int], object]) -> None:
        for block in log.blocks():
            self.lines += len(block.lines)
            self._search(self._dater.date(block.lines), source)
            advance(block.size)
        self._search(self._dater.release(), source)

    def _search(self, dated: Iterable[tuple[float, str]], source: str) -> None:
        """Search lines, those of the same time together: nothing happens between them."""
        for moment, group in groupby(dated, key=lambda line: line[0]):
            self._clock.advance(moment)
            if self.engine.bans.next_end <= self._clock():
                self.engine.expire()
            lines = [LogLine(text.rstrip("\r"), source, live=False) for _, text in group]
            failures = list(self._detect(lines))
            if failures:
                self.engine.count_failures(failures)

    def _detect(self, lines: Sequence[LogLine]) -> Iterator[Failure]:
        for name, detect in self._detectors:
            try:
                yield from detect(lines=lines) or ()
            except FAULTS as error:
                self.engine.isolation.failed(name, "detect", error)

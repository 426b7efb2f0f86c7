"""Jails: filters find failures in log lines, limits make bans of them.

The sensor's half searches lines (`detector`, `jailfilter`), the engine's half counts failures and
bans (`jail`, `counting`), and speaks up for every ban in force.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from webfail2ban import (
    Engine,
    EngineSettings,
    Failure,
    FilterError,
    LogLine,
    Opinion,
    Query,
    Sensor,
    SettingsProblem,
    find_stray_parameters,
    hookimpl,
)
from webfail2ban_jails.detector import Detector
from webfail2ban_jails.jail import Jail
from webfail2ban_jails.jailfilter import JailFilter, filter_dirs
from webfail2ban_jails.linelimit import LineLimit
from webfail2ban_jails.offenders import Offenders
from webfail2ban_jails.own_addresses import OwnAddresses
from webfail2ban_jails.settings import JailSettings, JailsSettings

__all__ = ["JailSettings", "Jails", "JailsSettings"]

log = logging.getLogger(__name__)


class Jails:
    """Local jails, as fail2ban knows them."""

    Settings = JailsSettings

    def __init__(self) -> None:
        self._settings: dict[str, JailSettings] = {}
        self._dirs: tuple[Path, ...] = ()
        self._engine: Engine | None = None
        self._detector: Detector | None = None
        self._line_timeout = 0.0
        self._unknown: set[str] = set()
        self.jails: dict[str, Jail] = {}

    @hookimpl
    def check_settings(
        self, settings: JailsSettings, engine_settings: EngineSettings
    ) -> Iterator[SettingsProblem]:
        """Read, compile and look at every filter."""
        dirs = filter_dirs(engine_settings.filter.dirs)
        for name, jail in settings.enabled.items():
            option = "filter" if jail.filter else "failregex" if jail.failregex else None
            path = (name, option) if option else (name,)
            try:
                jail_filter = JailFilter(name, jail, dirs, now=float)
            except FilterError as error:
                yield SettingsProblem(path, str(error))
                continue
            for stray in find_stray_parameters(jail.filter, dirs=dirs) if jail.filter else ():
                yield SettingsProblem(path, str(stray), warning=True)
            for finding in jail_filter.lint() if jail.lint else ():
                yield SettingsProblem(path, f"{jail.filter or name}: {finding}", warning=True)

    @hookimpl
    def configure(self, settings: JailsSettings, engine_settings: EngineSettings) -> None:
        """Keep the settings for this process's half."""
        self._settings = settings.enabled
        self._dirs = filter_dirs(engine_settings.filter.dirs)
        self._line_timeout = engine_settings.filter.line_timeout

    @hookimpl
    def start_sensor(self, sensor: Sensor) -> None:
        """Compile the filters."""
        filters = [
            JailFilter(name, settings, self._dirs, sensor.now)
            for name, settings in self._settings.items()
        ]
        self._detector = Detector(filters, LineLimit(self._line_timeout), Offenders(sensor.now))

    @hookimpl
    def detect(self, lines: Sequence[LogLine]) -> Iterable[Failure]:
        """Search lines for failures."""
        return self._detector.detect(lines) if self._detector else ()

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Begin to count."""
        self._engine = engine
        own_addresses = OwnAddresses(engine.now)
        self.jails = {
            name: Jail(name, settings, engine, own_addresses)
            for name, settings in self._settings.items()
        }

    @hookimpl
    def count_failures(self, failures: Sequence[Failure]) -> None:
        """Count failures, and ban."""
        for failure in failures:
            jail = self.jails.get(failure.jail)
            if jail is not None:
                jail.count(failure)
            elif failure.jail not in self._unknown:
                self._unknown.add(failure.jail)
                log.warning("jails: a detector reports failures for %s: no such jail", failure.jail)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Tell of the ban in force, whoever put it there."""
        if query.address is None or self._engine is None:
            return None
        ban = self._engine.find_ban(query.address)
        return Opinion.ban(ban.reason, jail=ban.jail, until=ban.until) if ban else None

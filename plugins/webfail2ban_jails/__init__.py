"""Jails: filters find failures in log lines, limits make bans of them.

The sensor's half searches lines (`detector`, `jailfilter`), the engine's half counts failures and
bans (`jail`, `counting`), and speaks up for every ban in force.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from webfail2ban import (
    Address,
    Ban,
    ClientCount,
    Engine,
    EngineSettings,
    Failure,
    Json,
    LogLine,
    Networks,
    Offer,
    Offers,
    Opinion,
    OwnAddresses,
    Query,
    Sensor,
    SettingsProblem,
    Status,
    hookimpl,
)
from webfail2ban_jails.contradictions import find_contradictions
from webfail2ban_jails.detector import Detector
from webfail2ban_jails.filterchecks import check_filters
from webfail2ban_jails.jail import SEPARATOR, Jail
from webfail2ban_jails.jailfilter import filter_dirs, make_filters
from webfail2ban_jails.linelimit import LineLimit
from webfail2ban_jails.offenders import Offenders
from webfail2ban_jails.recidives import Recidives
from webfail2ban_jails.settings import JailSettings, JailsSettings
from webfail2ban_jails.standing import describe
from webfail2ban_jails.suspects import Suspects
from webfail2ban_jails.words import find_unsaid_words

__all__ = ["JailSettings", "Jails", "JailsSettings"]

log = logging.getLogger(__name__)

#: Seconds between two looks for counts whose findtime is over. They take memory, nothing else.
SWEEP = 10.0

#: Seconds between two looks at this machine's own addresses: it may get another one.
LOOK = 60.0

#: Counts of before a restart that are taken in before others have their turn: a millisecond.
RESTORED = 200


class Jails:
    """Local jails, as fail2ban knows them."""

    Settings = JailsSettings

    def __init__(self) -> None:
        self._settings: dict[str, JailSettings] = {}
        self._dirs: tuple[Path, ...] = ()
        self._engine: Engine | None = None
        self._detector: Detector | None = None
        self._line_timeout = 0.0
        self._proxies: Networks = ()
        self._ipv6_prefix = 64
        self._own_addresses: OwnAddresses | None = None
        self._recidives = Recidives(())
        self._suspects: Suspects | None = None
        self._predecessors: Mapping[str, Jail] | None = None
        self._unknown: set[str] = set()
        self.jails: dict[str, Jail] = {}

    @hookimpl
    def offer(self, settings: JailsSettings) -> Offer:
        """Name the jails."""
        return Offer(jails=frozenset(settings.enabled))

    @hookimpl
    def check_settings(
        self,
        settings: JailsSettings,
        engine_settings: EngineSettings,
        again: bool,
        offers: Offers,
    ) -> Iterator[SettingsProblem]:
        """Read, compile and look at every filter; find limits that contradict each other."""
        yield from find_contradictions(settings.enabled, engine_settings)
        if offers.traits is not None:
            yield from find_unsaid_words(settings, offers.traits)
        dirs = filter_dirs(engine_settings.filter.dirs)
        for name, jail in settings.filtered.items():
            heard = jail.model_copy(update={"lint": False}) if again else jail
            yield from check_filters(name, heard, dirs)

    @hookimpl
    def configure(self, settings: JailsSettings, engine_settings: EngineSettings) -> None:
        """Keep the settings for this process's half."""
        self._settings = settings.enabled
        self._ipv6_prefix = engine_settings.verdict.ipv6_prefix
        self._dirs = filter_dirs(engine_settings.filter.dirs)
        self._line_timeout = engine_settings.filter.line_timeout
        self._proxies = engine_settings.trusted_proxies

    @hookimpl
    def prepare_sensor(self, sensor: Sensor) -> None:
        """Compile the filters."""
        filters = [
            jail_filter
            for name, settings in self._settings.items()
            for jail_filter in make_filters(name, settings, self._dirs, sensor.now)
        ]
        self._detector = Detector(
            filters, LineLimit(self._line_timeout), Offenders(sensor.now), sensor.now
        )

    @hookimpl
    def detect(self, lines: Sequence[LogLine]) -> Iterable[Failure]:
        """Search lines for failures."""
        return self._detector.detect(lines) if self._detector else ()

    @hookimpl
    def report(self) -> Json:
        """Tell what the filters have seen."""
        sights = self._detector.report() if self._detector else {}
        return {name: asdict(sight) for name, sight in sights.items()}

    @hookimpl
    def take_over(self, predecessor: Any) -> None:
        """Go on with the counts of the jails that there were."""
        if isinstance(predecessor, Jails):
            self._predecessors = predecessor.jails

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Begin to count, where an earlier process or configuration stood."""
        self._engine = engine
        self._own_addresses = OwnAddresses(engine.now)
        self.jails = {
            name: Jail(name, settings.sparing(self._proxies), engine, self._ipv6_prefix)
            for name, settings in self._settings.items()
        }
        self._ignore_own_addresses()
        self._recidives = Recidives(self.jails.values())
        self._suspects = Suspects(self.jails.values(), engine) or None
        if self._predecessors is None:
            self._restore(engine)
        else:
            for name in self.jails.keys() & self._predecessors.keys():
                self.jails[name].take_over(self._predecessors[name])
            self._predecessors = None
        engine.every(SWEEP, self._sweep)
        engine.every(LOOK, self._ignore_own_addresses)

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
        if self._suspects is not None:
            self._suspects.forget(failures)

    @hookimpl
    def ban(self, ban: Ban) -> None:
        """Count a ban in the jails that count bans."""
        self._recidives.count(ban)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Tell of the ban in force, whoever put it there, or of what leads to one."""
        if query.address is None or self._engine is None:
            return None
        ban = self._engine.find_ban(query.address)
        if ban is not None:
            return Opinion.ban(ban.reason, jail=ban.jail, until=ban.until)
        return self._suspects.opinion(query.address) if self._suspects is not None else None

    @hookimpl
    def status(self, report: Json) -> Status:
        """Tell how each jail stands."""
        return describe(self.jails.values(), report, self._line_timeout)

    @hookimpl
    def examine(self, address: Address) -> Iterator[ClientCount]:
        """Tell what each jail has counted of a client."""
        for jail in self.jails.values():
            yield from jail.examine(address)

    def _restore(self, engine: Engine) -> None:
        """Hand each jail what was kept of it; what a jail kept that is gone ends by itself.

        Others have their turn meanwhile; nobody reports failures yet.
        """
        readings = {name: (jail, jail.begin_reading()) for name, jail in self.jails.items()}
        for number, (key, text) in enumerate(engine.kept(), 1):
            found = readings.get(key.partition(SEPARATOR)[0])
            if found is not None:
                jail, reading = found
                jail.read(reading, key, text)
            if number % RESTORED == 0:
                engine.give_way()
        for _, reading in readings.values():
            for _ in reading.finish():
                engine.give_way()

    def _ignore_own_addresses(self) -> None:
        """Have the jails ignore this machine's addresses, as they are now."""
        if self._own_addresses is not None:
            ours = self._own_addresses()
            for jail in self.jails.values():
                jail.ignore(ours)

    def _sweep(self) -> None:
        """Forget old counts."""
        for jail in self.jails.values():
            jail.sweep()

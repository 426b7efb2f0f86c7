"""The plugin: places of clients for HAProxy, for rules, and for other plugins."""

from collections.abc import Iterator
from time import gmtime, strftime

from webfail2ban import (
    Address,
    Engine,
    Json,
    Metric,
    Offer,
    Opinion,
    Query,
    SettingsProblem,
    Status,
    hookimpl,
    show_duration,
)
from webfail2ban_geoip.checks import find_problems
from webfail2ban_geoip.database import DatabaseError
from webfail2ban_geoip.databasefile import DatabaseFile
from webfail2ban_geoip.place import NOWHERE, Place
from webfail2ban_geoip.rules import Rules
from webfail2ban_geoip.settings import DAY, GeoIPSettings
from webfail2ban_geoip.words import CONTINENT, COUNTRY, SYSTEM

#: Seconds between two looks at the files. A look costs one system call for each.
LOOK_INTERVAL = 5.0

#: How the words for places begin, as they are compared.
WORDS = frozenset(beginning.casefold() for beginning in (COUNTRY, CONTINENT, SYSTEM))


class GeoIP:
    """Tells where clients are at home, and what follows."""

    Settings = GeoIPSettings

    def __init__(self) -> None:
        self._settings: GeoIPSettings | None = None
        self._rules: Rules | None = None
        self._engine: Engine | None = None
        self._files: tuple[DatabaseFile, ...] = ()

    @hookimpl
    def configure(self, settings: GeoIPSettings) -> None:
        """Keep the settings."""
        self._settings = settings
        self._rules = Rules(settings)

    @hookimpl
    def offer(self) -> Offer:
        """Say how the words for places begin."""
        return Offer(traits=WORDS)

    @hookimpl
    def check_settings(self, settings: GeoIPSettings) -> Iterator[SettingsProblem]:
        """Open every database, and look at the rules."""
        return find_problems(settings)

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Open the databases, and look after their files from now on."""
        assert self._settings is not None  # noqa: S101 - configure comes first
        self._engine = engine
        try:
            for path in self._settings.databases:
                self._files = (*self._files, DatabaseFile(path, engine.give_way))
        except DatabaseError:
            self.stop_engine()
            raise
        engine.every(LOOK_INTERVAL, self.look)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Say what the rules say, and where the client is at home."""
        if query.address is None or self._rules is None:
            return None
        return self._rules.say(query.address, self.locate(query.address))

    @hookimpl
    def traits(self, address: Address) -> Iterator[str]:
        """Say where a client is at home."""
        return self.locate(address).words()

    @hookimpl
    def status(self) -> Status:
        """Tell of each database how old it is, and what is wrong."""
        return Status(
            problems=tuple(self._find_problems()),
            metrics=(
                Metric(
                    "geoip_database_built_seconds",
                    "When a GeoIP database was made, in seconds since the epoch.",
                    [({"database": file.path.name}, file.database.built) for file in self._files],
                ),
            ),
            details={"databases": [_describe(file) for file in self._files]},
        )

    @hookimpl
    def stop_engine(self) -> None:
        """Give the databases' memory back."""
        for file in self._files:
            file.close()
        self._files = ()

    def locate(self, address: Address) -> Place:
        """Return where an address is at home, as far as the databases know."""
        place = NOWHERE
        for file in self._files:
            found = file.find(address)
            place = place.fill(found) if place else found
        return place

    def look(self) -> None:
        """Use what is new in the files."""
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        for file in self._files:
            if file.look(self._engine.give_way):
                self._engine.forget()

    def _find_problems(self) -> Iterator[str]:
        assert self._engine is not None  # noqa: S101 - as above
        assert self._settings is not None  # noqa: S101 - as above
        for file in self._files:
            if file.trouble:
                yield f"{file.path} {file.trouble}; the database from before stays in force"
            if file.database.failed:
                yield f"{file.path} is damaged: {file.database.failed} look-ups failed"
            age = self._engine.now() - file.database.built
            if age > self._settings.max_age:
                shown = show_duration(age // DAY * DAY)
                yield f"{file.path} was made {shown} ago: is it updated still?"


def _describe(file: DatabaseFile) -> dict[str, Json]:
    database = file.database
    return {
        "path": str(file.path),
        "type": database.kind,
        "built": strftime("%Y-%m-%d", gmtime(database.built)),
        "nodes": database.nodes,
        "bytes": database.size,
    }

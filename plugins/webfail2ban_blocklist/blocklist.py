"""The plugin itself: its lists, what it thinks of a client, and what operators can do."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gevent.lock import BoundedSemaphore

from webfail2ban import (
    ActionError,
    AddressSet,
    Engine,
    EngineSettings,
    Json,
    Opinion,
    OwnAddresses,
    Query,
    SettingsProblem,
    Status,
    hookimpl,
    show_network,
)
from webfail2ban_blocklist.feed import Feed, Surroundings
from webfail2ban_blocklist.process import run_job
from webfail2ban_blocklist.settings import BlocklistSettings
from webfail2ban_blocklist.telling import describe, find_problems, make_metrics

#: Lists that are downloaded or read at the same time: forty of them must not take all processors.
AT_ONCE = 2

#: Seconds between two looks at files.
LOOK_INTERVAL = 1.0

#: Seconds between two looks at this machine's addresses.
OWN_INTERVAL = 60.0

#: The highest score that there is.
MOST = 100

#: Who may read the lists: nobody has to.
DIRECTORY_MODE = 0o700


class Blocklist:
    """Bans whoever is on a list, or adds to his score."""

    Settings = BlocklistSettings

    def __init__(self) -> None:
        self._settings = BlocklistSettings()
        self._trusted = AddressSet()
        self._own = AddressSet()
        self._predecessor: Mapping[str, Feed] = {}
        self.feeds: dict[str, Feed] = {}

    @hookimpl
    def check_settings(self, settings: BlocklistSettings) -> Iterator[SettingsProblem]:
        """Say which files aren't there; a list may come later."""
        for name, feed in settings.feeds.items():
            key = "file" if feed.file is not None else "url"
            if feed.local is not None and not feed.local.exists():
                message = f"{feed.local} is not there yet"
                yield SettingsProblem(("feeds", name, key), message, warning=True)
            if feed.ca_file is not None and not feed.ca_file.exists():
                yield SettingsProblem(("feeds", name, "ca_file"), f"{feed.ca_file} is not there")

    @hookimpl
    def configure(self, settings: BlocklistSettings, engine_settings: EngineSettings) -> None:
        """Take the settings."""
        self._settings = settings
        self._trusted = AddressSet(engine_settings.trusted_proxies)

    @hookimpl
    def take_over(self, predecessor: Any) -> None:
        """Go on with the lists that are in force."""
        self._predecessor = predecessor.feeds

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Put the lists in force that were kept, and look after all of them."""
        own_addresses = OwnAddresses(engine.now)

        def look_at_ourselves() -> None:
            self._own = own_addresses()

        look_at_ourselves()
        engine.every(OWN_INTERVAL, look_at_ourselves)
        self._settings.directory.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
        _tidy(self._settings.directory)
        around = Surroundings(
            directory=self._settings.directory,
            now=engine.now,
            run=run_job,
            protected=self._protected,
            give_way=engine.give_way,
            changed=engine.forget,
            turnstile=BoundedSemaphore(AT_ONCE),
        )
        for name, settings in self._settings.feeds.items():
            self.feeds[name] = feed = Feed(name, settings, around)
            if name in self._predecessor:
                feed.take_over(self._predecessor[name])
            if feed.info is None:
                feed.load()
            if settings.local is not None:
                engine.every(LOOK_INTERVAL, feed.look)
            engine.spawn(feed.run)
        self._predecessor = {}

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Ban whoever is on a list that bans, or add up the scores of the lists he is on."""
        address = query.address
        if address is None:
            return None
        found = [feed for feed in self.feeds.values() if address in feed.table]
        # A list may be older than what it must not ban.
        if not found or address in self._trusted or address in self._own:
            return None
        for feed in found:
            feed.hits += 1
        names = ", ".join(feed.name for feed in found)
        reason = f"on the list {names}" if len(found) == 1 else f"on the lists {names}"
        jail = next((feed.name for feed in found if feed.settings.score is None), None)
        if jail is not None:
            return Opinion.ban(reason, jail=jail)
        score = sum(feed.settings.score or 0 for feed in found)
        return Opinion.add_score(min(score, MOST), reason)

    @hookimpl
    def act(self, action: str, arguments: Mapping[str, Json]) -> Json:
        """Accept a list that is held, or have one refreshed now."""
        if action not in {"accept", "refresh"}:
            return None
        feed = self._find(arguments.get("feed"))
        if action == "refresh":
            feed.hurry()
            return {"feed": feed.name}
        return {"feed": feed.name, "entries": feed.accept().entries}

    @hookimpl
    def status(self) -> Status:
        """Say how the lists are doing."""
        feeds = tuple(self.feeds.values())
        return Status(
            problems=tuple(find_problems(feeds)),
            metrics=make_metrics(feeds),
            details={"feeds": [describe(feed) for feed in feeds]},
        )

    def _find(self, name: Json) -> Feed:
        feed = self.feeds.get(name) if isinstance(name, str) else None
        if feed is None:
            known = ", ".join(self.feeds) or "none"
            raise ActionError(f"there is no feed {name!r:.100}; there are: {known}")
        return feed

    def _protected(self) -> Sequence[tuple[str, str]]:
        """Return what no list may ban, with whose it is."""
        own = [(show_network(network), "this machine's own") for network in self._own.networks]
        proxies = [
            (show_network(network), "a trusted proxy's") for network in self._trusted.networks
        ]
        return [*own, *proxies]


def _tidy(directory: Path) -> None:
    """Remove what processes left behind that were killed; those of others are in use."""
    for path in directory.glob(".*.part*"):
        with suppress(OSError):
            path.unlink()

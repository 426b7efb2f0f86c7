"""How everything stands, for whoever asks: the jails, the sources, the plugins, the program."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from webfail2ban.authrequest.server import AuthServer
from webfail2ban.engine import Engine
from webfail2ban.health.watchdog import Watchdog
from webfail2ban.hosting.isolation import FAULTS
from webfail2ban.hosting.loader import Plugin
from webfail2ban.sensor.supervisor import Supervisor
from webfail2ban.spoa.agent import Agent
from webfail2ban.spoa.server import Server
from webfail2ban.statuses import JailStatus, SourceStatus, Status
from webfail2ban.turns import give_way

NOTHING = Status()

#: Records of the ban table that are counted in one go: some 0.3 ms.
SLICE = 5000


@dataclass(frozen=True, slots=True)
class JailStanding:
    """How a jail stands.

    Attributes:
        plugin: The plugin that it belongs to; empty for one that only has bans, such as manual.
        status: What the plugin says of it.
        in_force: How many of its bans are in force.
    """

    plugin: str
    status: JailStatus
    in_force: int


@dataclass(frozen=True, slots=True)
class PluginStanding:
    """How a plugin stands.

    Attributes:
        plugin: The plugin.
        status: What it says of itself.
        failures: How often each of its hooks has failed, in the engine.
    """

    plugin: Plugin
    status: Status
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EngineStanding:
    """How the program stands.

    Attributes:
        version: Its version.
        started: When it started, in seconds since the epoch.
        uptime: For how many seconds it has been running.
        ready: Whether everything has started.
        bans: How many bans are in force.
        connections: How many connections HAProxy holds.
        http_connections: How many those hold who ask over HTTP; None if nobody can.
        verdicts: How many questions there were, by outcome.
        sensor_running: Whether there is a sensor.
        sensor_restarts: How often it had to be started again.
        sensor_dropped: How many failures it dropped.
        store_enabled: Whether anything outlives the process.
        store_detail: What is wrong with the store; empty if nothing is.
        problems: What is wrong, in words.
    """

    version: str
    started: float
    uptime: float
    ready: bool
    bans: int
    connections: int
    http_connections: int | None
    verdicts: Mapping[str, int]
    sensor_running: bool
    sensor_restarts: int
    sensor_dropped: int
    store_enabled: bool
    store_detail: str
    problems: Sequence[str]


class Standing:
    """Asks everybody how they stand.

    Args:
        engine: The engine.
        supervisor: The sensor's keeper.
        agent: Answers HAProxy.
        server: Takes HAProxy's connections; None if nobody is to be answered.
        endpoint: Takes those of who asks over HTTP; None if nobody is to be answered there.

    Attributes:
        ready: Whether everything has started; set by whoever knows.
        watchdog: Knows what is usual, and so what is wrong.
    """

    def __init__(
        self,
        engine: Engine,
        supervisor: Supervisor,
        agent: Agent,
        server: Server | None,
        endpoint: AuthServer | None = None,
    ) -> None:
        self._engine = engine
        self._supervisor = supervisor
        self._agent = agent
        self._server = server
        self._endpoint = endpoint
        self._started = engine.now()
        self.ready = False
        self.watchdog = Watchdog(engine.now, self.ask_plugins, engine.proxies.has)

    def now(self) -> float:
        """Return the engine's time, in seconds since the epoch."""
        return self._engine.now()

    def sizes(self) -> dict[str, int]:
        """Return how many bans are in force in each jail that has any."""
        sizes: Counter[str] = Counter()
        cursor: int | None = 0
        while cursor is not None:
            found, cursor = self._engine.bans.count_jails(cursor, SLICE)
            sizes.update(found)
            give_way()
        return dict(sizes)

    def ask_plugins(self) -> dict[str, Status]:
        """Ask every plugin how it stands; one that fails or says nothing is left out."""
        statuses: dict[str, Status] = {}
        for name, ask in self._engine.plugins.implementers("status"):
            try:
                status = ask(report=self._supervisor.reports.get(name))
            except FAULTS as error:
                self._engine.isolation.failed(name, "status", error)
                continue
            if isinstance(status, Status):
                statuses[name] = status
        return statuses

    def jails(self) -> list[JailStanding]:
        """Return the jails in the plugins' order, then those that only have bans."""
        sizes = self.sizes()
        known = [
            JailStanding(plugin, jail, sizes.pop(jail.name, 0))
            for plugin, status in self.ask_plugins().items()
            for jail in status.jails
        ]
        others = [JailStanding("", JailStatus(name), sizes[name]) for name in sorted(sizes)]
        return known + others

    def sources(self) -> list[tuple[str, SourceStatus]]:
        """Return the log sources, each after its plugin's name."""
        return [
            (plugin, source)
            for plugin, status in self.ask_plugins().items()
            for source in status.sources
        ]

    def plugins(self) -> list[PluginStanding]:
        """Return the plugins in the order of the chain."""
        statuses = self.ask_plugins()
        return [
            PluginStanding(plugin, statuses.get(plugin.name, NOTHING), self._failures(plugin.name))
            for plugin in self._engine.plugins
        ]

    def status(self) -> EngineStanding:
        """Return how the program stands."""
        storekeeper = self._engine.keeper.storekeeper
        return EngineStanding(
            version=version("webfail2ban"),
            started=self._started,
            uptime=max(self._engine.now() - self._started, 0.0),
            ready=self.ready,
            bans=len(self._engine.bans),
            connections=self._server.clients if self._server else 0,
            http_connections=self._endpoint.clients if self._endpoint else None,
            verdicts=self.count_verdicts(),
            sensor_running=self._supervisor.pid is not None,
            sensor_restarts=self._supervisor.restarts,
            sensor_dropped=self._supervisor.dropped,
            store_enabled=storekeeper is not None,
            store_detail=storekeeper.trouble if storekeeper else "",
            problems=self.find_problems(),
        )

    def count_verdicts(self) -> dict[str, int]:
        """Return how many verdicts proxies got, by outcome."""
        tally = self._agent.tally
        return {"banned": tally.banned, "passed": tally.verdicts - tally.banned}

    def find_problems(self) -> list[str]:
        """Return what is wrong, one sentence each."""
        problems = [*self.watchdog.look(), *self._engine.isolation.holdups.find_problems()]
        if self._supervisor.pid is None:
            problems.append("sensor: it is not running, so no log is read")
        if self._engine.keeper.trouble:
            problems.append(f"store: {self._engine.keeper.trouble}")
        return problems

    def _failures(self, plugin: str) -> dict[str, int]:
        failures = self._engine.isolation.failures
        return {hook: count for (name, hook), count in failures.items() if name == plugin}

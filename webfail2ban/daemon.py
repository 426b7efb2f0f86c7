"""The life of the main process: start everything, serve until told to stop, unwind in reverse."""

import gc
import logging
import os
import signal
import sys
import time
from importlib.metadata import version
from types import FrameType

import gevent
from flask import Blueprint
from gevent.event import Event
from prometheus_client import ProcessCollector

from webfail2ban import logs
from webfail2ban.api.access import Guard, read_token
from webfail2ban.api.application import make_application
from webfail2ban.api.health import make_blueprint
from webfail2ban.api.operations import Panel
from webfail2ban.api.server import ApiServer
from webfail2ban.authrequest.agent import AuthAgent
from webfail2ban.authrequest.questions import Questioner, make_questioner
from webfail2ban.authrequest.server import AuthServer
from webfail2ban.config import (
    ApiSettings,
    Configuration,
    EngineSettings,
    SpoaSettings,
    StoreSettings,
    VerdictSettings,
)
from webfail2ban.control import Control
from webfail2ban.engine import Engine
from webfail2ban.engine_settings import check_engine_settings
from webfail2ban.health.metrics import Metrics, Number, single
from webfail2ban.health.numbers import list_numbers
from webfail2ban.health.standing import Standing
from webfail2ban.health.systemd import Systemd
from webfail2ban.hosting.isolation import log_escaped
from webfail2ban.hosting.loader import Plugins
from webfail2ban.hosting.settings import configure
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.listening.limits import allow_connections
from webfail2ban.listening.listener import REFUSED_AT_ONCE
from webfail2ban.privileges import become, choose_identity
from webfail2ban.reload.rehearsal import sensor_settings
from webfail2ban.reload.reloader import Loaded, Reloader
from webfail2ban.reload.reloads import Reloads
from webfail2ban.reload.result import ReloadResult
from webfail2ban.sensor.supervisor import Supervisor
from webfail2ban.spoa.agent import Agent
from webfail2ban.spoa.server import Server
from webfail2ban.spop import Scope
from webfail2ban.store import SqliteStore
from webfail2ban.tls.server import TlsServer

log = logging.getLogger(__name__)

#: HAProxy's names of the scopes, in the order of their numbers (SPOE.txt 3.4).
SCOPES = ("proc", "sess", "txn", "req", "res")

#: Seconds for requests of operators' programs that are under way; an idle one says nothing more.
API_GRACE = 0.5

#: A process id that no process has.
NOBODY = 0

#: Seconds for which a thread of ours may keep the one that gives verdicts from going on, where that
#: waits for it; Python's are ten times as many. The store's thread goes through many bans at once.
SWITCH = 0.0005

#: The exit status after a second signal: somebody didn't want to wait.
IMPATIENT = 1

#: Seconds that plugins which a reload replaces may take to stop: failures wait meanwhile.
OLD_PLUGINS = 1.0


def make_server(agent: Agent, spoa: SpoaSettings) -> Server | None:
    """Return the SPOA server of the settings; None if nobody is to be answered."""
    if not spoa.enabled:
        return None
    if spoa.tls is not None:
        return TlsServer(agent, spoa, spoa.tls)
    return Server(agent, spoa.address, spoa.port, spoa.max_clients, spoa.read_timeout)


def find_questioner(settings: EngineSettings) -> Questioner:
    """Return who reads what proxies ask over HTTP."""
    http = settings.http
    return make_questioner(
        http.address_header, http.arguments, http.trusted, settings.trusted_proxies
    )


def make_endpoint(engine: Engine, agent: Agent, settings: EngineSettings) -> AuthServer | None:
    """Return the HTTP endpoint of the settings; None if nobody is to be answered there.

    Chain, memory and tally are those of the SPOA server.
    """
    if settings.http.address is None:
        return None
    questioner = find_questioner(settings)
    asked = AuthAgent(engine.judge, engine.memory, engine.now, agent.tally, questioner)
    return AuthServer(asked, settings.http)


def make_keeper(settings: StoreSettings) -> Keeper:
    """Return what keeps the state, in a store if the settings want one."""
    store = SqliteStore(settings.path) if settings.enabled else None
    return Keeper(store, time.time, settings.purge_age)


def make_api(settings: ApiSettings, panel: Panel, health: Blueprint) -> ApiServer:
    """Return what lets operators steer the program, and others watch it.

    Raises:
        OSError: the token's file can't be used.
    """
    guard = Guard(read_token(settings))
    return ApiServer(settings, make_application(panel, guard, [health]))


def find_scope(settings: VerdictSettings) -> Scope:
    """Return where HAProxy is to keep the variables."""
    return Scope(SCOPES.index(settings.scope))


class Daemon:
    """The engine, the sensor and the SPOA server of one configuration.

    Args:
        configuration: The checked settings.
        plugins: The loaded plugins.

    Raises:
        ConfigurationError: there is no such user, or no certificate to speak TLS with.
        OSError: the API's token can't be read.
    """

    def __init__(self, configuration: Configuration, plugins: Plugins) -> None:
        settings = configuration.engine
        self._plugins = plugins
        self._configuration = configuration
        self._grace = settings.grace
        self._stop = Event()
        self._signals: list[int] = []
        for warning in check_engine_settings(configuration):
            log.warning("%s", warning)
        keeper = make_keeper(settings.store)
        self.engine = Engine(settings, plugins, time.time, keeper)
        scope = find_scope(settings.verdict)
        self._agent = Agent(
            self.engine.judge, self.engine.memory, time.time, scope, self.engine.observe
        )
        self.server = make_server(self._agent, settings.spoa)
        self.endpoint = make_endpoint(self.engine, self._agent, settings)
        self.supervisor = Supervisor(
            sensor_settings(configuration), self.engine.count_failures, keeper
        )
        self._reloader = Reloader(Loaded(configuration, plugins), self.supervisor, self._install)
        self.reloads = Reloads(self._reload)
        self.standing = Standing(
            self.engine, self.supervisor, self._agent, self.server, self.endpoint
        )
        panel = Panel(Control(self.engine, self.reload), self.standing)
        self.api = make_api(settings.api, panel, self._make_health())
        self._systemd = Systemd.find()

    def _make_health(self) -> Blueprint:
        """Return what Prometheus and health checks ask."""
        numbers = list_numbers(
            self.engine,
            self._agent,
            self.server,
            self.supervisor,
            self.standing.sizes,
            self.endpoint,
        )
        problems = Number(
            "problems",
            "Things that are wrong, as /healthz words them.",
            single(lambda: len(self.standing.find_problems())),
        )
        collectors = [
            Metrics(
                version("webfail2ban"),
                self._agent.tally,
                [*numbers, problems],
                self.standing.ask_plugins,
            ),
            ProcessCollector("webfail2ban_engine", registry=None),
            ProcessCollector(
                "webfail2ban_sensor", pid=lambda: self.supervisor.pid or NOBODY, registry=None
            ),
        ]
        return make_blueprint(collectors, lambda: self.standing.ready, self.standing.find_problems)

    def reload(self) -> ReloadResult:
        """Load the configuration anew, behind a reload that runs; return what came of it."""
        return self.reloads.reload()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP loads the configuration anew.

        Raises:
            WebFail2BanError: a plugin can't start.
            OSError: the address can't be listened on.
        """
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGHUP, self._on_hangup)
        log_escaped()
        sys.setswitchinterval(SWITCH)
        configure(self._plugins, self._configuration)
        try:
            self._start()
            self._stop.wait()
            log.info("%s: stopping", signal.Signals(self._signals[0]).name)
        finally:
            self._unwind()
        log.info("stopped")

    def _start(self) -> None:
        """Start everything, or as much as there is time for before somebody wants to stop.

        Root takes HAProxy's address and is given up then: all else is the chosen user's.
        """
        identity = choose_identity(self._configuration)
        owner = (identity.uid, identity.gid) if identity else None
        for listener in self._listeners:
            listener.bind(owner)
        self.api.bind(owner)
        if identity is not None:
            become(identity)
        self.supervisor.begin()  # takes its time beside the engine's
        self.engine.start()
        self.api.start()
        self.supervisor.start(self._stop)
        if self._stop.is_set():
            return
        self._allow_connections(self._configuration.engine)
        for listener in self._listeners:
            listener.start()
        # What stands now stays: the garbage collector needn't look at it again.
        gc.freeze()
        self._say_ready()
        self.standing.ready = True
        self.reloads.start()
        self.engine.greenlets.spawn(self.standing.watchdog.watch, gevent.sleep)
        self.engine.greenlets.spawn(self._systemd.live, gevent.sleep)

    @property
    def _listeners(self) -> list[Server | AuthServer]:
        """What proxies connect to."""
        return [listener for listener in (self.server, self.endpoint) if listener is not None]

    def _allow_connections(self, settings: EngineSettings) -> None:
        """Let as many connections be open as the settings want."""
        wanted = 0
        if self.server is not None:
            wanted += settings.spoa.max_clients + REFUSED_AT_ONCE
        if self.endpoint is not None:
            wanted += settings.http.max_clients + REFUSED_AT_ONCE
        if wanted:
            allow_connections(wanted)

    def _say_ready(self) -> None:
        where = f"on {self.server.address}" if self.server else "for nobody: spoa.enabled is false"
        if self.endpoint is not None:
            where += f"; answers HTTP on {self.endpoint.address}"
        names = ", ".join(plugin.name for plugin in self._plugins)
        log.info("ready: answers HAProxy %s; plugins: %s", where, names or "none")
        self._systemd.ready(f"answers HAProxy {where}")

    def _unwind(self) -> None:
        """Stop in the reverse order of the start, within the grace time."""
        deadline = time.monotonic() + self._grace
        self._systemd.stopping()
        self.api.stop(min(self._grace / 4, API_GRACE))
        self.reloads.stop()
        # Proxies take a goodbye at once. Whoever doesn't must not cost what the sensor found.
        stops = [gevent.spawn(listener.stop, self._grace / 2) for listener in self._listeners]
        gevent.joinall(stops, raise_error=True)
        self.supervisor.stop(max(deadline - time.monotonic(), 0.0))
        self.engine.stop(max(deadline - time.monotonic(), 0.0))

    def _reload(self) -> ReloadResult:
        """Do one reload; whoever is to hear of its beginning and its end is told here."""
        self._systemd.reloading()
        try:
            return self._reloader.reload()
        finally:
            self._systemd.ready("the configuration was loaded anew")

    def _install(self, new: Loaded) -> None:
        """Put a new configuration to work, between the failures of the old sensor and the new one.

        Raises:
            PluginError: a plugin can't start; nothing has changed.
        """
        settings = new.configuration.engine
        self.engine.replace(settings, new.plugins, OLD_PLUGINS)
        self._agent.scope = find_scope(settings.verdict)
        self._allow_connections(settings)
        if self.server is not None:
            self.server.limit(settings.spoa.max_clients, settings.spoa.read_timeout)
        if self.endpoint is not None:
            self.endpoint.agent.questioner = find_questioner(settings)
            self.endpoint.change(settings.http)
        self.engine.memory.forget()
        logs.configure(settings.log, process="engine")
        self._grace = settings.grace

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        gevent.get_hub().loop.run_callback_threadsafe(self.reloads.request)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Stop at the first signal, end at once at the second."""
        if self._signals:
            os._exit(IMPATIENT)
        self._signals.append(number)
        gevent.get_hub().loop.run_callback_threadsafe(self._stop.set)

"""What the API's tests steer: a real engine with plugins that say something of each kind."""

from collections.abc import Mapping
from ipaddress import IPv4Address

from tests.plugged import plugged
from webfail2ban import ActionError, hookimpl
from webfail2ban.addresses import Address
from webfail2ban.api.operations import Panel
from webfail2ban.config import EngineSettings
from webfail2ban.control import Control
from webfail2ban.engine import Engine
from webfail2ban.health.standing import Standing
from webfail2ban.hooks.interfaces import Engine as EngineOfPlugins
from webfail2ban.model import Json, Opinion, Query
from webfail2ban.reload.result import ReloadResult
from webfail2ban.sensor.supervisor import Supervisor
from webfail2ban.spoa.agent import Agent
from webfail2ban.spop import Scope
from webfail2ban.statuses import ClientCount, JailStatus, SourceStatus, Status
from webfail2ban.testing import Clock

#: The client that the whitelist of these tests lets in.
FRIEND = IPv4Address("192.0.2.200")


class Jails:
    """Speaks up for bans, and has a jail and a source."""

    engine: EngineOfPlugins

    @hookimpl
    def start_engine(self, engine: EngineOfPlugins) -> None:
        self.engine = engine

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        ban = self.engine.find_ban(query.address) if query.address else None
        return Opinion.ban(ban.reason, jail=ban.jail, until=ban.until) if ban else None

    @hookimpl
    def status(self, report: Json) -> Status:
        return Status(
            jails=[JailStatus("sshd", {"maxretry": 5}, failures=7, loudest=FRIEND)],
            sources=[SourceStatus("syslog", lines=12, state="listens")],
            problems=["nobody logs"] if report is None else [],
            details={"report": report},
        )

    @hookimpl
    def examine(self, address: Address) -> list[ClientCount]:
        return [ClientCount("sshd", str(address), 2, 5, self.engine.now())]

    @hookimpl
    def act(self, action: str, arguments: Mapping[str, Json]) -> Json:
        match action:
            case "echo":
                return dict(arguments)
            case "refuse":
                raise ActionError("this can't be done today")
            case "fail":
                raise LookupError("where am I?")
            case _:
                return None


class Whitelist:
    """Lets a friend in."""

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        return Opinion.allow("a friend") if query.address == FRIEND else None


class Broken:
    """Can't say how it stands."""

    @hookimpl
    def status(self) -> Status:
        raise LookupError("where am I?")


def make_engine(clock: Clock) -> Engine:
    """Return an engine that has been started."""
    plugins = plugged(whitelist=Whitelist(), jails=Jails(), broken=Broken())
    engine = Engine(EngineSettings(), plugins, clock)
    engine.start()
    return engine


def make_panel(engine: Engine) -> Panel:
    """Return what handlers reach for, without a sensor that runs."""
    supervisor = Supervisor({}, engine.count_failures)
    agent = Agent(engine.judge, engine.memory, engine.now, Scope.TRANSACTION)
    return Panel(Control(engine, fail_to_reload), Standing(engine, supervisor, agent, None))


def fail_to_reload() -> ReloadResult:
    return ReloadResult.failed("config.yaml:3:1: grace: must be a duration")

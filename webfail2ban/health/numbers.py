"""The engine's own numbers, each read where it is counted."""

from collections.abc import Callable, Iterator, Mapping

from webfail2ban.authrequest.agent import AuthAgent
from webfail2ban.authrequest.server import AuthServer
from webfail2ban.engine import Engine
from webfail2ban.health.metrics import Number, single
from webfail2ban.sensor.supervisor import Supervisor
from webfail2ban.spoa.agent import Agent
from webfail2ban.spoa.server import Server
from webfail2ban.tls.server import TlsServer


def list_numbers(  # noqa: PLR0913, PLR0917 - all who count something
    engine: Engine,
    agent: Agent,
    server: Server | None,
    supervisor: Supervisor,
    sizes: Callable[[], Mapping[str, int]],
    endpoint: AuthServer | None = None,
) -> Iterator[Number]:
    """Yield what is counted.

    Args:
        engine: The engine.
        agent: Answers HAProxy.
        server: Takes HAProxy's connections; None if nobody is to be answered.
        supervisor: The sensor's keeper.
        sizes: Returns how many bans are in force in each jail.
        endpoint: Takes the connections of who asks over HTTP; None if nobody is answered there.
    """
    yield from _answers(engine, agent, endpoint)
    if server is not None:
        yield from _connections(server)
    if endpoint is not None:
        yield from _requests(endpoint)
    yield from _bans(engine, sizes)
    yield from _sensor(supervisor)
    yield from _store(engine)


def _answers(engine: Engine, agent: Agent, endpoint: AuthServer | None) -> Iterator[Number]:
    agents: list[Agent | AuthAgent] = [agent]
    if endpoint is not None:
        agents.append(endpoint.agent)
    yield Number(
        "opinions_total",
        "What plugins said; opinions that are remembered aren't asked again.",
        lambda: [((name, stance.value), count) for (name, stance), count in engine.heard.items()],
        ("plugin", "stance"),
    )
    yield Number(
        "answers_made_total",
        "Answers that were not remembered.",
        single(lambda: sum(one.verdicts for one in agents)),
    )
    yield Number(
        "answers_failed_total",
        "Questions that got no verdict because something failed.",
        single(lambda: sum(one.failures for one in agents)),
    )
    yield Number(
        "answers_remembered", "Answers that are remembered.", single(lambda: len(engine.memory))
    )
    yield Number(
        "plugin_failures_total",
        "How often a plugin's hook raised or was too slow.",
        engine.isolation.failures.items,
        ("plugin", "hook"),
    )
    yield Number(
        "plugin_holdups_total",
        "How often a plugin's hook held up all verdicts for 10 ms or more.",
        engine.isolation.holdups.counts.items,
        ("plugin", "hook"),
    )


def _connections(server: Server) -> Iterator[Number]:
    yield Number("spop_connections", "Connections of HAProxy.", single(lambda: server.clients))
    yield Number(
        "spop_connections_accepted_total",
        "Connections of HAProxy since the start.",
        single(lambda: server.accepted),
    )
    yield Number(
        "spop_errors_total",
        "Connections that ended with an error, by SPOP's status code.",
        lambda: [((str(int(status)),), count) for status, count in server.errors.items()],
        ("status",),
    )
    if isinstance(server, TlsServer):
        yield Number(
            "tls_failed_handshakes_total",
            "Connections that failed at their TLS handshake.",
            single(lambda: server.faults.count),
        )


def _requests(endpoint: AuthServer) -> Iterator[Number]:
    yield Number(
        "http_connections",
        "Connections of proxies that ask over HTTP.",
        single(lambda: endpoint.clients),
    )
    yield Number(
        "http_connections_accepted_total",
        "Connections of proxies that ask over HTTP, since the start.",
        single(lambda: endpoint.accepted),
    )
    yield Number(
        "http_verdicts_total",
        "Verdicts that were given over HTTP; verdicts_total has them too.",
        single(lambda: endpoint.agent.given),
    )
    yield Number(
        "http_errors_total",
        "Responses that were no verdicts, by HTTP's status code.",
        lambda: [((str(int(code)),), count) for code, count in endpoint.count_errors().items()],
        ("status",),
    )


def _bans(engine: Engine, sizes: Callable[[], Mapping[str, int]]) -> Iterator[Number]:
    yield Number(
        "bans",
        "Bans in force.",
        lambda: [((jail,), count) for jail, count in sizes().items()],
        ("jail",),
    )
    yield Number(
        "refused_bans_total",
        "Bans that were refused because they would have hit a trusted proxy.",
        single(lambda: engine.proxies.refused),
    )
    yield Number(
        "past_bans",
        "Bans that have ended and are remembered.",
        single(lambda: engine.bans.past_size),
    )


def _sensor(supervisor: Supervisor) -> Iterator[Number]:
    yield Number("sensor_up", "Whether logs are read.", single(lambda: supervisor.pid is not None))
    yield Number(
        "sensor_restarts_total",
        "How often the sensor had to be started again.",
        single(lambda: supervisor.restarts),
    )
    yield Number(
        "sensor_waiting_failures",
        "Failures that waited to cross from the sensor to the engine, as it last said.",
        single(lambda: supervisor.waiting),
    )
    yield Number(
        "sensor_dropped_failures_total",
        "Failures that were dropped because too many waited.",
        single(lambda: supervisor.dropped),
    )


def _store(engine: Engine) -> Iterator[Number]:
    keeper, storekeeper = engine.keeper, engine.keeper.storekeeper
    if storekeeper is None:
        return
    yield Number("store_up", "Whether the store works.", single(lambda: not storekeeper.trouble))
    yield Number(
        "store_lag_seconds",
        "For how long the oldest change has been waiting to be written.",
        single(lambda: keeper.collector.lag),
    )
    yield Number(
        "store_pending_changes",
        "Changes that wait to be written.",
        single(lambda: keeper.collector.pending),
    )
    yield Number(
        "store_lost_changes_total",
        "Changes that were lost because too many waited.",
        single(lambda: keeper.collector.dropped),
    )
    yield Number(
        "store_writes_total", "Groups of changes written.", single(lambda: storekeeper.writes)
    )
    yield Number(
        "store_failures_total", "Failures of the store.", single(lambda: storekeeper.failures)
    )
    yield Number(
        "store_write_seconds",
        "How long the last group took.",
        single(lambda: storekeeper.last_duration),
    )

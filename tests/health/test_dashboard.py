"""The dashboard asks for numbers that there are, by labels that they have."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector

from tests.plugged import plugged
from tests.tls.certificates import Pki
from webfail2ban.config import EngineSettings, SpoaSettings
from webfail2ban.engine import Engine
from webfail2ban.health.metrics import Metrics
from webfail2ban.health.numbers import list_numbers
from webfail2ban.keeping.keeper import Keeper
from webfail2ban.sensor.supervisor import Supervisor
from webfail2ban.spoa.agent import Agent
from webfail2ban.spop import Scope
from webfail2ban.statuses import JailStatus, SourceStatus, Status
from webfail2ban.store import SqliteStore
from webfail2ban.testing import Clock
from webfail2ban.tls.server import TlsServer

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana-dashboard.json"

#: What Prometheus adds to a family's name for each kind.
ENDINGS = {
    "counter": ["_total"],
    "gauge": [""],
    "histogram": ["_bucket", "_count", "_sum"],
    "info": ["_info"],
}

#: What a query names, and the labels that it asks for behind that.
NAME = re.compile(r"\bwebfail2ban_\w+")


def find_queries() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.fixture
def names(tmp_path: Path, clock: Clock) -> set[str]:
    """Everything that a running program tells."""
    keeper = Keeper(SqliteStore(tmp_path / "store"))
    engine = Engine(EngineSettings(), plugged(), clock, keeper)
    agent = Agent(engine.judge, engine.memory, clock, Scope.TRANSACTION)
    server = TlsServer(agent, SpoaSettings(), Pki(tmp_path).settings())
    supervisor = Supervisor({}, engine.count_failures)
    numbers = list_numbers(engine, agent, server, supervisor, dict)
    statuses = {"probe": Status(jails=[JailStatus("sshd")], sources=[SourceStatus("syslog")])}
    registry = CollectorRegistry()
    registry.register(Metrics("1.2.3", agent.tally, numbers, lambda: statuses))
    for process in ("engine", "sensor"):
        registry.register(ProcessCollector(f"webfail2ban_{process}", os.getpid, registry=None))
    return {
        family.name + ending for family in registry.collect() for ending in ENDINGS[family.type]
    } | {"webfail2ban_problems"}


def test_every_query_asks_for_what_there_is(names: set[str]) -> None:
    """A renamed number would leave a panel empty, and nobody would know why."""
    queries = list(find_queries())
    assert len(queries) > 20
    for query in queries:
        found = NAME.findall(query)
        assert found, query
        assert set(found) <= names, query


def test_the_dashboard_has_one_place_for_each_panel() -> None:
    """No two lie on each other."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = {
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    }
    area = sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in panels)
    assert len(places) == area
    assert max(x for x, _ in places) < 24

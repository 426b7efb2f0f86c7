"""What Prometheus and health checks get."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from webfail2ban.api.health import make_blueprint


class Answer(Collector):
    """Collects one number."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("answer", "To everything.", 42)


class State:
    """What is asked.

    Attributes:
        ready: Whether everything has started.
        problems: What is wrong.
    """

    def __init__(self) -> None:
        self.ready = True
        self.problems: list[str] = []


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def client(state: State) -> FlaskClient:
    app = Flask("test")
    app.register_blueprint(make_blueprint([Answer()], lambda: state.ready, lambda: state.problems))
    return app.test_client()


def test_prometheus_gets_its_own_format(client: FlaskClient) -> None:
    """The old one, unless it asks for the new."""
    answer = client.get("/metrics")
    assert answer.text.splitlines()[-1] == "answer 42.0"
    assert answer.content_type.startswith("text/plain; version=")
    wanted = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = client.get("/metrics", headers=wanted)
    assert answer.text.splitlines()[-1] == "# EOF"
    assert answer.content_type.startswith("application/openmetrics-text")


def test_all_is_well(client: FlaskClient) -> None:
    """Nothing is wrong."""
    answer = client.get("/healthz")
    assert answer.status_code == HTTPStatus.OK
    assert answer.json == {"status": "ok", "problems": []}


def test_what_a_restart_would_not_mend_is_told_and_no_error(
    client: FlaskClient, state: State
) -> None:
    """A log that is silent is no reason to kill who answers HAProxy."""
    state.problems.append("no line for 3h")
    answer = client.get("/healthz")
    assert answer.status_code == HTTPStatus.OK
    assert answer.json == {"status": "degraded", "problems": ["no line for 3h"]}


def test_who_does_not_answer_haproxy_is_not_healthy(client: FlaskClient, state: State) -> None:
    """It is still starting, or stopping."""
    state.ready = False
    answer = client.get("/healthz")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json == {"status": "starting", "problems": []}

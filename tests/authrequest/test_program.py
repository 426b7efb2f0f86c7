"""The endpoint in the running program: settings, metrics, status, reload, stop."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.authrequest.endpoint import Client
from tests.authrequest.heads import about, request
from tests.e2e.agent import Agent
from tests.waiting import wait_until

BANNED, INNOCENT = "192.0.2.66", "192.0.2.1"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("program")


@pytest.fixture(scope="module")
def agent(place: Path) -> Iterator[Agent]:
    agent = Agent(place, http={"address": str(place / "http")}, api={"socket": str(place / "api")})
    agent.start()
    yield agent
    agent.stop()


def ask(place: Path, data: bytes) -> int:
    with Client(str(place / "http")) as client:
        return client.ask(data).status


def get(path: Path, page: str) -> str:
    """Ask the API for a page."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request("GET", page)
    said = connection.getresponse().read().decode()
    connection.close()
    return said


def test_a_ban_holds_over_http_too(agent: Agent, place: Path) -> None:
    """Whoever fails too often is refused from the next request on, without a question between."""
    with Client(str(place / "http")) as client:
        assert client.ask(about(BANNED)).status == 200
        agent.fail_logins(BANNED)
        refused = wait_until(
            lambda: (found := client.ask(about(BANNED))).status == 403 and found, "the ban"
        )
        assert refused
        assert refused.headers["x-webfail2ban-jail"] == "dovecot"
        assert client.ask(about(INNOCENT)).status == 200


def test_the_numbers_show_it(agent: Agent, place: Path) -> None:
    """With SPOP's and by themselves."""
    assert ask(place, about(INNOCENT)) == 200
    with Client(str(place / "http")) as client:
        client.ask(request())
        metrics = get(place / "api", "/metrics")
        assert "webfail2ban_http_connections 1.0\n" in metrics
        assert json.loads(get(place / "api", "/v1/status"))["http_connections"] == 1
    assert 'webfail2ban_http_errors_total{status="400"} ' in metrics
    verdicts = metrics.partition("\nwebfail2ban_http_verdicts_total ")[2].partition("\n")[0]
    assert float(verdicts) >= 1
    assert f"answers HTTP on {place / 'http'};" in agent.process.said


def test_status_has_a_line_for_it(agent: Agent, place: Path) -> None:
    """Beside HAProxy's."""
    assert agent.process.status is None
    command = [sys.executable, "-m", "webfail2ban", "status", "--api", str(place / "api")]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert "HTTP      0 connections\n" in shown


def test_a_reload_changes_what_is_asked(agent: Agent, place: Path) -> None:
    """The header that names the client, for connections that there are; the socket stays."""
    with Client(str(place / "http")) as client:
        assert client.ask(about(INNOCENT)).status == 200
        settings = json.loads(agent._configuration.read_text("utf-8"))
        settings["http"]["address_header"] = "X-Real-IP"
        agent._configuration.write_text(json.dumps(settings), "utf-8")
        agent.process.signal(signal.SIGHUP)
        wait_until(lambda: client.ask(about(INNOCENT)).status == 400, "another header counts")
        assert client.ask(request(f"X-Real-IP: {INNOCENT}")).status == 200
    assert "that takes a restart" not in agent.process.said


def test_a_stop_takes_the_socket_away(agent: Agent, place: Path) -> None:
    """And says goodbye to who keeps a connection."""
    with Client(str(place / "http")) as client:
        client.ask(request(f"X-Real-IP: {INNOCENT}"))
        agent.stop()
        assert client.ends()
    assert not (place / "http").exists()

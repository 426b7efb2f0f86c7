"""A log line bans, a web service hears of it; one that hangs delays nobody."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agent import Agent
from tests.e2e.backends import serving
from tests.e2e.ports import LOOPBACK
from tests.e2e.waiting import wait_until
from webfail2ban.testing import SpopClient

#: Seconds that a verdict may take beside a service that hangs: far less than its timeout. How
#: long verdicts really take is measured elsewhere.
PROMPT = 1.0

#: Longer than the agent's grace.
HANGS = "1m"


class Service(ThreadingHTTPServer):
    """Keeps what is posted, and answers when it may.

    Attributes:
        posted: What was.
        awake: Whether it answers.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), ServiceHandler)
        self.posted: list[Any] = []
        self.awake = threading.Event()


class ServiceHandler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        self.server.awake.wait()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with serving(service):
        yield service
        service.awake.set()


@contextmanager
def running(directory: Path, service: Service, plugin: str = "webhook") -> Iterator[Agent]:
    """Run the program with a plugin that tells the service."""
    place = f"{LOOPBACK}:{service.server_address[1]}/"
    url = {"webhook": f"http://{place}", "apprise": f"json://{place}?rto=60"}[plugin]
    settings: dict[str, Any] = {plugin: {"soc": {"url": url, "timeout": HANGS, "gather": 0}}}
    plugins = ["whitelist", "jails", "syslog", "tail", plugin]
    agent = Agent(directory, plugins=plugins, **settings)
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


def wait_for_ban(agent: Agent, address: str) -> float:
    """Ask until an address is banned; return how long the slowest verdict took."""
    slowest = 0.0
    with SpopClient((LOOPBACK, int(agent.where.rpartition(":")[2]))) as client:

        def ask() -> bool:
            nonlocal slowest
            began = time.monotonic()
            banned = client.check(address)["banned"] == 1
            slowest = max(slowest, time.monotonic() - began)
            return banned

        wait_until(ask, f"a ban of {address}")
    return slowest


def test_a_service_hears_of_a_ban_and_of_its_end(tmp_path: Path, service: Service) -> None:
    """From the log line to the request."""
    service.awake.set()
    with running(tmp_path, service) as agent:
        agent.attack("203.0.113.1")
        wait_until(lambda: len(service.posted) == 2, "both requests")
        assert agent.stop() == 0
    told = [(post["event"], post["network"], post["jail"]) for post in service.posted]
    assert told == [("ban", "203.0.113.1", "brief"), ("unban", "203.0.113.1", "brief")]


@pytest.mark.parametrize("plugin", ["webhook", "apprise"])
def test_a_service_that_hangs_delays_neither_verdicts_nor_the_stop(
    plugin: str, tmp_path: Path, service: Service
) -> None:
    """What it didn't take is for the next start; a thread that waits for it isn't waited for."""
    with running(tmp_path, service, plugin) as agent:
        agent.attack("203.0.113.1")
        wait_until(lambda: service.posted, "the request that hangs")
        for number in (2, 3, 4):
            agent.attack(f"203.0.113.{number}")
            assert wait_for_ban(agent, f"203.0.113.{number}") < PROMPT
        assert agent.stop() == 0
        assert "4 messages wait for the next start" in agent.process.said

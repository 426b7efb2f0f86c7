"""nginx, Caddy, Envoy and Traefik ask over HTTP, as docs/http.md says."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.backends import echo_server, serving
from tests.e2e.clients import Answer
from tests.e2e.gateways import GATEWAYS, Gateway
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.waiting import PATIENCE, wait_until

#: Clients: one who is banned before anybody asks, one who never is.
BANNED, INNOCENT = "127.0.0.66", "127.0.0.77"

#: What a client could send to be somebody else, or to be told to be harmless.
LIES = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "X-Envoy-External-Address")

#: What a refused client is not to read.
DETAILS = {f"x-webfail2ban-{name}" for name in ("ttl", "jail", "reason")}

#: Traefik has no limit that can be set: it waits for half a minute.
IMPATIENT = ("nginx", "caddy", "envoy")


class Site:
    """An agent that has banned somebody, a backend, and all gateways before it.

    Args:
        directory: Takes their files.
        opened: Ends them.

    Attributes:
        port: Where the agent answers.
    """

    def __init__(self, directory: Path, opened: ExitStack) -> None:
        self.port = port = free_port()
        self.agent = Agent(directory, http={"address": LOOPBACK, "port": port})
        opened.callback(self.agent.stop)
        self.agent.start()
        self.agent.fail_logins(BANNED)
        backend = opened.enter_context(serving(echo_server()))
        self.gateways: dict[str, Gateway] = {}
        for name in GATEWAYS:
            gateway = Gateway(name, directory / name, f"{LOOPBACK}:{port}", backend)
            opened.callback(gateway.stop)
            self.gateways[name] = gateway
        for name in GATEWAYS:
            wait_until(lambda name=name: self.knows(name), f"{name} answers")  # type: ignore[misc]

    def knows(self, name: str) -> bool:
        """Whether a gateway answers, and refuses whom it is to refuse."""
        try:
            return self.get(name, INNOCENT).status == 200 and self.get(name, BANNED).status == 403
        except OSError:
            return False

    def get(
        self, name: str, client: str, path: str = "/", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask a gateway for a page."""
        port = self.gateways[name].port
        connection = http.client.HTTPConnection(LOOPBACK, port, PATIENCE, (client, 0))
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            response = connection.getresponse()
            named = {header.lower(): value for header, value in response.getheaders()}
            return Answer(response.status, named, response.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as opened:
        yield Site(tmp_path_factory.mktemp("gateways"), opened)


def passed(answer: Answer) -> dict[str, str]:
    """Return the headers that the backend got."""
    assert answer.status == 200, answer
    return dict(json.loads(answer.body))


@pytest.mark.parametrize("name", GATEWAYS)
def test_who_is_banned_is_refused(site: Site, name: str) -> None:
    """With 403, from the first request on, and not told more than that."""
    answer = site.get(name, BANNED)
    assert answer.status == 403
    assert not DETAILS & set(answer.headers)


@pytest.mark.parametrize("name", GATEWAYS)
def test_who_is_not_banned_passes(site: Site, name: str) -> None:
    """The backend gets the score that we gave, whatever the client claims it to be."""
    answer = site.get(name, INNOCENT, "/page?of=site", {"X-Webfail2ban-Score": "99"})
    assert passed(answer)["x-webfail2ban-score"] == "0"


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_client_is_nobody_else(site: Site, name: str) -> None:
    """Neither passes as somebody innocent, nor has to answer for somebody banned."""
    assert site.get(name, BANNED, headers=dict.fromkeys(LIES, INNOCENT)).status == 403
    assert site.get(name, INNOCENT, headers=dict.fromkeys(LIES, BANNED)).status == 200


@pytest.mark.parametrize("name", GATEWAYS)
def test_what_a_client_sends_opens_nothing(site: Site, name: str) -> None:
    """Where errors let clients pass, a banned one would send just that."""
    for headers in (
        {"Connection": "Upgrade", "Upgrade": "websocket"},
        {"X-Long": "x" * 7000, "Cookie": "y" * 7000, "X-Longer": "z" * 7000},
        {"X-Forwarded-For": "nobody,"},
        {"Expect": "100-continue"},
        {"X-Odd": "\xff"},
    ):
        # The proxy may have its own limits.
        assert site.get(name, BANNED, headers=headers).status in {403, 431}, headers


class Failing(BaseHTTPRequestHandler):
    """An endpoint in trouble."""

    def do_GET(self) -> None:
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_without_an_answer_clients_pass_as_it_is_documented(site: Site) -> None:
    """It hangs, is down, or fails; nobody's own score is believed meanwhile."""
    claim = {"X-Webfail2ban-Score": "1"}
    site.agent.hang()
    for name in IMPATIENT:
        assert "x-webfail2ban-score" not in passed(site.get(name, INNOCENT, headers=claim))
    site.agent.wake()
    site.agent.stop()
    for name in IMPATIENT:
        assert "x-webfail2ban-score" not in passed(site.get(name, BANNED, headers=claim))
    assert site.get("nginx", INNOCENT, "/admin/").status == 500
    assert site.get("traefik", INNOCENT).status == 500
    with serving(ThreadingHTTPServer((LOOPBACK, site.port), Failing)):
        for name in IMPATIENT:
            assert "x-webfail2ban-score" not in passed(site.get(name, BANNED, headers=claim))
    site.agent.start()
    for name in GATEWAYS:
        wait_until(lambda name=name: site.knows(name), f"{name} asks again")  # type: ignore[misc]
    assert site.get("nginx", INNOCENT, "/admin/").status == 200

"""Jails without a log: what HAProxy saw bans, by the shipped configuration."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import pytest
import trustme

from tests.e2e import shipped
from tests.e2e.clients import HttpClient, connect, get, http_client
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

RULES = {
    "failures": [
        {"when": {"status": 401, "path": "/login"}},
        {"when": {"status": "4xx", "path": "/wp-*"}, "weight": 5},
        {"when": {"host": "admin.example", "method": "GET", "frontend": "obs*", "status": 404}},
    ],
    "successes": [{"when": {"status": 200, "path": "/login"}}],
}

JAIL = {"found_by": "observe", "maxretry": 5, "reset_on_success": "address", "ignoreself": False}

NOTHING: Mapping[str, str] = MappingProxyType({})


class StatusHandler(BaseHTTPRequestHandler):
    """Answers with the status that the request's query names."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.partition("?")[2]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Site:
    """The website behind HAProxy; there is no log anywhere.

    Args:
        stage: Where it runs.
        jail: Further settings of the jail.
        certificate: With its key; then HAProxy speaks TLS, and tells how clients do.
    """

    def __init__(
        self, stage: Stage, jail: Mapping[str, str] = NOTHING, certificate: Path | None = None
    ) -> None:
        self.agent = stage.start_agent(
            plugins=["whitelist", "jails", "observe"],
            jails={"web": {**JAIL, **jail}},
            observe={"web": RULES},
        )
        self.port = free_port()
        web = stage.serve(ThreadingHTTPServer((LOOPBACK, 0), StatusHandler))
        tls = f" ssl crt {certificate}" if certificate else ""
        moves = {
            "bind :::80 v4v6": f"bind {LOOPBACK}:{self.port} accept-proxy{tls}",
            "127.0.0.1:8080 check": f"127.0.0.1:{web}",
            shipped.AGENT: self.agent.where,
        }
        if certificate:
            moves |= {"# http-request": "http-request", "# tune.ssl": "tune.ssl"}
        self.haproxy = stage.start_haproxy(shipped.scenario("observe.cfg", stage.directory, moves))
        self.haproxy.wait_for_server("webfail2ban-agents", "agent1", "UP")

    def get(self, client: str, path: str, status: int, host: str = "a.example") -> int:
        return get(self.port, client, f"{path}?{status}", {"Host": host}).status

    def wait_for_ban(self, client: str) -> None:
        """Wait until a client is banned, by a page that counts for nothing."""
        wait_for_refusal(lambda: self.get(client, "/", 204), client)


def wait_for_refusal(ask: Callable[[], int], client: str) -> None:
    """Wait until a client is refused."""
    wait_until(lambda: ask() == 403, f"{client} is banned")


@pytest.fixture(scope="module")
def site(binary: Path) -> Iterator[Site]:
    """A site for all tests; each takes client addresses of its own."""
    with Stage(binary) as stage:
        yield Site(stage)


def test_five_refused_logins_ban(site: Site) -> None:
    """Without any log; each of them is answered as the server answers it."""
    client = "192.0.2.1"
    for _ in range(5):
        assert site.get(client, "/login", 401) == 401
    site.wait_for_ban(client)
    site.agent.process.wait_for(" ban 192.0.2.1 [web]")


def test_four_do_not(site: Site) -> None:
    """Nor does what fits no rule, however often it comes."""
    client = "192.0.2.2"
    for _ in range(4):
        assert site.get(client, "/login", 401) == 401
    for path, status in (("/other", 401), ("/login", 403), ("/login", 500), ("/", 404)):
        for _ in range(3):
            assert site.get(client, path, status) == status


def test_a_login_that_succeeds_takes_failures_back(site: Site) -> None:
    """Eight failures with a success between them are no five."""
    client = "192.0.2.3"
    for status in (401, 401, 401, 401, 200, 401, 401, 401, 401):
        assert site.get(client, "/login", status) == status
    assert site.get(client, "/login", 401) == 401
    site.wait_for_ban(client)


def test_one_may_be_enough(site: Site) -> None:
    """By the rule's weight; IPv6 clients are told as others are."""
    assert site.get("2001:db8::3", "/wp-login.php", 404) == 404
    site.wait_for_ban("2001:db8::4")


def test_what_was_kept_of_the_request_counts(site: Site) -> None:
    """Host, method and frontend, as the configuration tells them."""
    client = "192.0.2.4"
    for _ in range(5):
        assert site.get(client, "/x", 404, "ADMIN.example") == 404
    site.wait_for_ban(client)


def test_a_kept_alive_connection_is_refused_in_the_middle(site: Site) -> None:
    """Each request counts, and each is asked about."""
    with http_client(site.port, "192.0.2.5") as http:
        for _ in range(5):
            assert http.get("/login?401", {"Host": "a.example"}).status == 401
        wait_until(
            lambda: http.get("/?204", {"Host": "a.example"}).status == 403, "the client is banned"
        )


def test_haproxys_own_refusals_do_not_count(site: Site) -> None:
    """Otherwise a ban would prolong itself: nothing is told of them."""
    client = "192.0.2.6"
    assert site.get(client, "/wp-admin", 404) == 404
    site.wait_for_ban(client)
    for _ in range(10):
        assert site.get(client, "/wp-admin", 404) == 403
    site.agent.process.wait_for(f" ban {client} ")
    site.get("192.0.2.8", "/wp-admin", 404)  # heard later, so all the others are by now
    site.agent.process.wait_for(" ban 192.0.2.8 ")
    assert site.agent.process.said.count(f" ban {client} ") == 1


def test_without_an_agent_answers_arrive(stage: Stage) -> None:
    """Nothing is counted, nobody is refused."""
    site = Site(stage)
    site.agent.stop()
    for _ in range(6):
        assert site.get("192.0.2.7", "/login", 401) == 401


def test_a_fingerprint_of_tls_can_be_counted_by(stage: Stage) -> None:
    """One program from many addresses: all of them are banned, nobody with another program is."""
    certificate = stage.directory / "site.pem"
    trustme.CA().issue_cert("site.example").private_key_and_cert_chain_pem.write_to_path(
        certificate
    )
    site = Site(stage, {"count_by": "ja3"}, certificate)

    def log_in(client: str, ciphers: str, status: int = 401) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        http = HttpClient(context.wrap_socket(connect(site.port, client)))
        try:
            return http.get(f"/login?{status}", {"Host": "a.example"}).status
        finally:
            http.close()

    swarm = [f"192.0.2.3{last}" for last in range(5)]
    for client in swarm:
        assert log_in(client, "ECDHE+CHACHA20") == 401
        assert log_in("192.0.2.20", "ECDHE+AESGCM", 404) == 404
    for client in swarm:
        again = partial(log_in, client, "ECDHE+CHACHA20", 204)
        wait_for_refusal(again, client)
    assert log_in("192.0.2.20", "ECDHE+AESGCM") == 401

"""The configuration that operators copy, word for word but for addresses and directories."""

from collections.abc import Iterator, Mapping
from json import loads
from pathlib import Path

import pytest

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.backends import MailServer, echo_server
from tests.e2e.clients import Answer, get, greeting
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

pytestmark = pytest.mark.haproxy3

GREETINGS = {"imap": b"* OK IMAP4rev1 ready\r\n", "smtp": b"220 mail.example.com ESMTP\r\n"}


class Shipped:
    """A site with the shipped configuration.

    Args:
        stage: Where it runs.
        agent: Whom HAProxy asks.
        **moves: Words of haproxy.cfg that are moved, besides the usual ones.
    """

    def __init__(self, stage: Stage, agent: Agent, moves: Mapping[str, str] | None = None) -> None:
        self.agent = agent
        self.directory = stage.directory
        self.ports = {"web": free_port(), "imap": free_port(), "smtp": free_port()}
        self.mail = {name: MailServer(text) for name, text in GREETINGS.items()}
        imap, smtp = (stage.serve(server) for server in self.mail.values())
        web = stage.serve(echo_server())
        shipped.install_spoe(stage.directory)
        self._allow("198.51.100.1")
        binds = {"bind :::80 v4v6": "web", "bind :::143 v4v6": "imap", "bind :::25 v4v6": "smtp"}
        self.haproxy = stage.start_haproxy(
            shipped.haproxy_cfg(
                stage.directory,
                {
                    **(moves or {}),
                    **{
                        bind: f"bind {LOOPBACK}:{self.ports[name]} accept-proxy"
                        for bind, name in binds.items()
                    },
                    f"server agent1 {shipped.AGENT}": f"server agent1 {agent.where}",
                    "127.0.0.1:8080": f"{LOOPBACK}:{web}",
                    "127.0.0.1:10143": f"{LOOPBACK}:{imap}",
                    "127.0.0.1:10025": f"{LOOPBACK}:{smtp}",
                },
            )
        )
        wait_until(lambda: self.status_header("203.0.113.250") == "allowed", "there are verdicts")

    def _allow(self, client: str) -> None:
        with (self.directory / "whitelist.lst").open("a", encoding="utf-8") as whitelist:
            whitelist.write(f"{client}\n")

    def get(self, client: str, path: str = "/", headers: Mapping[str, str] | None = None) -> Answer:
        return get(self.ports["web"], client, path, headers)

    def status_header(self, client: str) -> str | None:
        """Return what the web server is told about a client; None if it isn't asked."""
        answer = self.get(client)
        if answer.status != 200:
            return None
        status: str = loads(answer.body)["x-ip-status"]
        return status

    def greeting(self, service: str, client: str) -> bytes:
        return greeting(self.ports[service], client)

    def ban(self, client: str) -> None:
        self.agent.fail_logins(client)
        wait_until(lambda: self.get(client).status == 403, f"{client} is banned")


@pytest.fixture(scope="module")
def site(binary: Path) -> Iterator[Shipped]:
    """A site for the tests that disturb nobody; each takes client addresses of its own."""
    with Stage(binary) as stage:
        yield Shipped(stage, stage.start_agent())


def test_it_starts_without_a_warning(site: Shipped) -> None:
    """HAProxy says nothing but that it started."""
    assert "[WARNING]" not in site.haproxy.process.said
    assert "[ALERT]" not in site.haproxy.process.said


def test_all_servers_are_up(site: Shipped) -> None:
    """The checks find the agent and every backend."""
    for backend, server in (
        ("webfail2ban-agents", "agent1"),
        ("web-servers", "web1"),
        ("imap-servers", "dovecot1"),
        ("smtp-servers", "postfix1"),
    ):
        site.haproxy.wait_for_server(backend, server, "UP")


def test_the_web_server_is_told_what_is_true(site: Shipped) -> None:
    """The application gets the verdict and the address; the client's own claims are dropped."""
    claims = {"X-IP-Status": "banned", "X-Forwarded-For": "203.0.113.1"}
    headers = loads(site.get("192.0.2.10", headers=claims).body)
    assert headers["x-ip-status"] == "allowed"
    assert headers["x-forwarded-for"] == "192.0.2.10"


def test_a_banned_web_client_gets_403(site: Shipped) -> None:
    """He is refused by HAProxy, and its log names the jail."""
    site.ban("192.0.2.11")
    assert site.get("192.0.2.11").status == 403
    site.haproxy.process.wait_for("{dovecot}")


@pytest.mark.parametrize("service", ["imap", "smtp"])
def test_a_mail_server_hears_who_the_client_is(site: Shipped, service: str) -> None:
    """A client that isn't banned is greeted, and the server knows his address."""
    client = {"imap": "192.0.2.12", "smtp": "2001:db8:12::1"}[service]
    assert site.greeting(service, client) == GREETINGS[service]
    assert client in site.mail[service].clients


@pytest.mark.parametrize("service", ["imap", "smtp"])
def test_a_banned_mail_client_never_reaches_the_server(site: Shipped, service: str) -> None:
    """His connection is closed without a word, and the server doesn't hear of him."""
    client = {"imap": "192.0.2.13", "smtp": "2001:db8:13::1"}[service]
    site.ban(client)
    assert site.greeting(service, client) == b""
    assert client not in site.mail[service].clients


def test_haproxys_own_whitelist_wins_over_a_ban(site: Shipped) -> None:
    """About a client in whitelist.lst nobody is asked."""
    site.agent.fail_logins("198.51.100.1")
    site.ban("192.0.2.14")  # heard later, so the other one is banned by now
    site.agent.process.wait_for(" ban 198.51.100.1")
    assert site.status_header("198.51.100.1") == "unknown"
    assert site.get("198.51.100.1", "/admin").status == 200
    assert site.greeting("imap", "198.51.100.1") == GREETINGS["imap"]


def test_without_an_agent_all_but_the_guarded_paths_are_open(stage: Stage) -> None:
    """Clients and even a banned one pass, the application knows that nobody vouches for them."""
    site = Shipped(stage, stage.start_agent())
    assert site.get("192.0.2.20", "/admin").status == 200
    site.ban("192.0.2.21")
    site.agent.stop()
    for client in ("192.0.2.20", "192.0.2.21"):
        assert (
            loads(site.get(client, headers={"X-IP-Status": "allowed"}).body)["x-ip-status"]
            == "unknown"
        )
        assert site.get(client, "/admin/users").status == 503
        assert site.greeting("smtp", client) == GREETINGS["smtp"]
    assert site.get("198.51.100.1", "/admin").status == 200


def test_the_unix_socket_line_works(stage: Stage) -> None:
    """The server line that is recommended on the same machine can replace the first one."""
    agent = stage.start_agent(spoa={"address": str(stage.directory / "spoa.sock")})
    tcp = "    server agent1 127.0.0.1:12345"
    unix = "    # server agent1 unix@/webfail2ban/spoa.sock"
    moves = {tcp: "    # server agent1 127.0.0.1:12345", unix: f"    server agent1 {agent.where}"}
    site = Shipped(stage, agent, moves)
    site.ban("192.0.2.30")


def test_the_backup_server_answers_when_the_first_is_down(stage: Stage) -> None:
    """The second server line, once it is in use, takes over."""
    second = stage.start_agent("agent2")
    moves = {"    # server agent2 192.0.2.10:12345": f"    server agent2 {second.where}"}
    site = Shipped(stage, stage.start_agent(), moves)
    site.agent.stop()
    wait_until(lambda: site.status_header("192.0.2.31") == "allowed", "the second one is asked")

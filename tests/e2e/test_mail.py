"""A mail server behind HAProxy, by the shipped configuration: from a wrong password to the ban."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import shipped
from tests.e2e.clients import connect
from tests.e2e.mailhost import SERVICES, Authority, LoginServer, log_in
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import PATIENCE, wait_until

#: The lines of mail.cfg with HAProxy's own ports, and those of the mail server.
BINDS = {"smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993}
SERVERS = {name: 10_000 + port for name, port in BINDS.items()}

#: What the mail jails need to count clients of these tests; the other settings are the usual ones.
JAILS = {
    "DEFAULT": {"ignoreself": False, "maxretry": 5},
    "dovecot": {"filter": "dovecot[mode=login]"},
    "postfix": {"filter": "postfix"},
}


class Site:
    """HAProxy, the mail server, and an agent that reads its log.

    Args:
        stage: Where it runs.
    """

    def __init__(self, stage: Stage) -> None:
        self.agent = stage.start_agent(
            plugins=["whitelist", "jails", "tail"], jails=JAILS, trusted_proxies=["127.0.0.1"]
        )
        self.log = self.agent.mail_log
        self.authority = Authority()
        self.servers = {
            name: LoginServer(service, self.log, self.authority.server)
            for name, service in SERVICES.items()
        }
        self.ports = {name: free_port() for name in BINDS}
        binds = {
            f"bind :::{port} v4v6": f"bind {LOOPBACK}:{self.ports[name]} accept-proxy"
            for name, port in BINDS.items()
        }
        self.direct = free_port()
        binds["bind :::143 v4v6"] += f"\n    bind ::ffff:{LOOPBACK}:{self.direct} v4v6"
        servers = {
            f"{LOOPBACK}:{port}": f"{LOOPBACK}:{stage.serve(self.servers[name])}"
            for name, port in SERVERS.items()
        }
        moves = {**binds, **servers, shipped.AGENT: self.agent.where}
        self.haproxy = stage.start_haproxy(shipped.scenario("mail.cfg", stage.directory, moves))
        self.haproxy.wait_for_server("webfail2ban-agents", "agent1", "UP")

    def log_in(self, service: str, client: str) -> bool:
        """Whether the server was there to refuse a wrong password."""
        return log_in(service, connect(self.ports[service], client), self.authority)

    def wait_for_ban(self, service: str, client: str) -> None:
        """Wait until HAProxy ends a client's connection, without asking the server."""
        wait_until(lambda: not self.log_in(service, client), f"{client} is refused by {service}")


@pytest.fixture(scope="module")
def site(binary: Path) -> Iterator[Site]:
    """A site for all tests; each takes client addresses of its own."""
    with Stage(binary) as stage:
        yield Site(stage)


def test_it_starts_without_a_warning_and_every_service_is_up(site: Site) -> None:
    """And its checks aren't clients: no server takes HAProxy for one."""
    for name in SERVICES:
        server = "dovecot1" if name.startswith("imap") else "postfix1"
        site.haproxy.wait_for_server(name, server, "UP")
    assert "[WARNING]" not in site.haproxy.process.said
    assert all("127.0.0.1" not in server.clients for server in site.servers.values())


@pytest.mark.parametrize("service", BINDS)
@pytest.mark.parametrize("client", ["192.0.2.{}", "2001:db8:{}::1"], ids=["ipv4", "ipv6"])
def test_wrong_passwords_ban(site: Site, service: str, client: str) -> None:
    """Five are refused by the server; then its log has told, and HAProxy refuses the client."""
    client = client.format(10 + list(BINDS).index(service))
    for _ in range(5):
        assert site.log_in(service, client)
    site.wait_for_ban(service, client)
    heard = len(site.servers[service].clients)
    assert not site.log_in(service, client)
    assert len(site.servers[service].clients) == heard


def test_a_client_of_a_bind_for_both_versions_of_ip_is_banned(site: Site) -> None:
    """Who is ::ffff:127.0.0.9 to HAProxy, and in the server's log, is 127.0.0.9 to both of us."""

    def log_in_directly() -> bool:
        connection = socket.create_connection(
            (LOOPBACK, site.direct), PATIENCE, source_address=("127.0.0.9", 0)
        )
        return log_in("imap", connection, site.authority)

    for _ in range(5):
        assert log_in_directly()
    assert "::ffff:127.0.0.9" in site.servers["imap"].clients
    wait_until(lambda: not log_in_directly(), "the client is refused")
    site.agent.process.wait_for(" ban 127.0.0.9 [dovecot]")


def test_a_ban_holds_for_every_service(site: Site) -> None:
    """Whoever guesses at one is refused at all of them; his neighbour at none."""
    for _ in range(5):
        assert site.log_in("submission", "192.0.2.30")
    site.wait_for_ban("submission", "192.0.2.30")
    for service in SERVICES:
        assert not site.log_in(service, "192.0.2.30")
        assert site.log_in(service, "192.0.2.31")

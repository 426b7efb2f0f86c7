"""Behind proxies whose word is believed, and with everybody else, by the shipped configuration."""

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.clients import Answer, HttpClient
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.proxyprotocol import header_v1, header_v2
from tests.e2e.stage import Stage
from tests.e2e.waiting import PATIENCE, wait_until
from tests.e2e.website import BIND, DIRECT, Website, new_client, new_ipv6_client, told

#: This one is in the shipped list of proxies, the other isn't.
PROXY, STRANGER = LOOPBACK, "127.0.0.2"

#: How HAProxy knows them, where it listens for IPv4 and IPv6 at once.
MAPPED = "::ffff:{}"

#: The client of the seed's test.
SEED = "192.168.1.100"


class ProxiedWebsite(Website):
    """The website, and those who connect to it.

    Attributes:
        protocol_port: Where the PROXY protocol is spoken.
    """

    def __init__(self, stage: Stage, agent: Agent) -> None:
        self.protocol_port = free_port()
        moves = {"bind :::8000 v4v6": DIRECT.format(port=self.protocol_port)}
        super().__init__(stage, agent, "cdn.cfg", moves, (BIND, DIRECT))

    def connect(self, peer: str, first: bytes = b"", port: int | None = None) -> HttpClient:
        """Connect from an address, and send some first bytes."""
        where = (LOOPBACK, port or self.port)
        connection = socket.create_connection(where, PATIENCE, source_address=(peer, 0))
        connection.sendall(first)
        return HttpClient(connection)

    def ask(self, peer: str, headers: Mapping[str, str], path: str = "/") -> Answer:
        """Send one request from an address, with headers."""
        http = self.connect(peer)
        try:
            return http.get(path, headers)
        finally:
            http.close()

    def ask_by_protocol(self, peer: str, first: bytes) -> Answer:
        """Send one request from an address, behind a PROXY header."""
        http = self.connect(peer, first, self.protocol_port)
        try:
            return http.get()
        finally:
            http.close()

    def ban_behind_proxy(self, client: str) -> None:
        """Have a client banned, and wait until he is refused."""
        self.agent.fail_logins(client)
        wait_until(lambda: self.ask(PROXY, forwarded(client)).status == 403, f"{client} is refused")


def forwarded(*clients: str) -> dict[str, str]:
    """Return the header in which a proxy names a client, behind what that client had sent."""
    return {"X-Forwarded-For": ", ".join(clients)}


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[ProxiedWebsite]:
    with Stage(binary) as stage:
        yield ProxiedWebsite(stage, agent)


@pytest.fixture
def banned(site: ProxiedWebsite) -> str:
    """A client that is refused behind the proxy."""
    client = new_client()
    site.ban_behind_proxy(client)
    return client


def test_the_seeds_test_works_from_a_proxy(site: ProxiedWebsite) -> None:
    """`curl -H "X-Forwarded-For: 192.168.1.100"` gets 403 after the seed's log lines."""
    site.ban_behind_proxy(SEED)


def test_a_forged_header_from_elsewhere_says_nothing(site: ProxiedWebsite, banned: str) -> None:
    """Nobody is refused in another's name, and the web server hears of the real client."""
    headers = told(site.ask(STRANGER, forwarded(banned)))
    assert headers["x-forwarded-for"] == MAPPED.format(STRANGER)


def test_a_banned_client_cannot_hide_behind_a_header(site: ProxiedWebsite) -> None:
    """Who comes himself is known by his own address, whatever he claims."""
    site.agent.fail_logins("127.0.0.3")
    wait_until(
        lambda: site.ask("127.0.0.3", forwarded(new_client())).status == 403, "he is refused"
    )


def test_what_a_client_wrote_before_the_proxy_is_hearsay(site: ProxiedWebsite, banned: str) -> None:
    """Only the last address counts, for the verdict and for the web server."""
    assert site.ask(PROXY, forwarded(new_client(), banned)).status == 403
    innocent = new_ipv6_client()
    headers = told(site.ask(PROXY, forwarded(banned, innocent)))
    assert headers["x-forwarded-for"] == innocent


def test_a_proxy_may_come_through_another(site: ProxiedWebsite, banned: str) -> None:
    """Of two that are believed the first one saw the client."""
    assert site.ask(PROXY, forwarded(banned, PROXY)).status == 403
    assert site.ask(PROXY, forwarded(banned, new_client(), PROXY)).status == 200


def test_clients_that_share_a_proxys_connection_are_told_apart(
    site: ProxiedWebsite, banned: str
) -> None:
    """Each request is its own client's; one without a header is the proxy's."""
    http = site.connect(PROXY)
    innocent = new_client()
    assert http.get(headers=forwarded(banned)).status == 403
    http.close()
    http = site.connect(PROXY)
    assert told(http.get(headers=forwarded(innocent)))["x-forwarded-for"] == innocent
    assert told(http.get())["x-forwarded-for"] == MAPPED.format(PROXY)
    assert http.get(headers=forwarded(banned)).status == 403
    http.close()


def test_a_header_that_names_nobody_changes_nothing(site: ProxiedWebsite) -> None:
    """The request is the proxy's own."""
    assert told(site.ask(PROXY, forwarded("unknown")))["x-forwarded-for"] == MAPPED.format(PROXY)


def test_haproxys_log_names_the_client(site: ProxiedWebsite) -> None:
    """Jails that follow it ban the client, not the proxy."""
    client = new_client()
    assert site.ask(PROXY, forwarded(client), "/logged").status == 200
    site.haproxy.process.wait_for("GET /logged ")
    line = next(line for line in site.haproxy.process.said.splitlines() if "/logged" in line)
    assert client in line


@pytest.mark.parametrize("header", [header_v1, header_v2], ids=["v1", "v2"])
def test_a_proxy_may_speak_the_proxy_protocol(
    site: ProxiedWebsite, banned: str, header: Callable[[str], bytes]
) -> None:
    """His clients are known by it; whatever they write into a header isn't believed."""
    assert site.ask_by_protocol(PROXY, header(banned)).status == 403
    innocent = new_ipv6_client()
    assert told(site.ask_by_protocol(PROXY, header(innocent)))["x-forwarded-for"] == innocent


def test_nobody_else_may_speak_the_proxy_protocol(site: ProxiedWebsite, banned: str) -> None:
    """His header is no HTTP; without one he is served under his own address."""
    assert site.ask_by_protocol(STRANGER, header_v1(banned)).status == 400
    assert told(site.ask_by_protocol(STRANGER, b""))["x-forwarded-for"] == MAPPED.format(STRANGER)

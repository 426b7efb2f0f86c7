"""A website behind HAProxy by one of the shipped configurations."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from itertools import count
from json import loads
from pathlib import Path
from typing import Any

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.backends import echo_server
from tests.e2e.clients import Answer, get
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

#: Most scenarios' line for clients, and that of the web server.
BIND = "bind :::80 v4v6"
SERVER = "127.0.0.1:8080"

#: That line on loopback, for clients that come as they are, and for those that name themselves.
DIRECT = f"bind ::ffff:{LOOPBACK}:{{port}} v4v6"
PROXIED = f"{DIRECT} accept-proxy"

#: Networks of benchmarks (RFC 2544) and documentation (RFC 3849): nobody else's addresses.
FIRST_IPV4 = ip_address("198.18.0.1")
FIRST_IPV6 = ip_address("2001:db8::1")

#: Clients with scores, in networks of their own: for a challenge page, and for the tarpit.
DOUBTFUL, WORSE = "203.0.113.7", "203.0.113.77"


def scores(directory: Path) -> dict[str, Any]:
    """Return the agent's settings for lists that give these scores, kept in a directory."""
    feeds = {}
    for name, network, score in (
        ("doubtful", "203.0.113.0/26", 40),
        ("worse", "203.0.113.64/26", 70),
    ):
        entries = directory / f"{name}.lst"
        entries.write_text(f"{network}\n", "utf-8")
        feeds[name] = {"file": str(entries), "score": score}
    return {"directory": str(directory / "lists"), "feeds": feeds}


def _addresses() -> Iterator[tuple[str, str]]:
    for number in count():
        yield str(FIRST_IPV4 + number), str(FIRST_IPV6 + (number << 64))


_clients = _addresses()


def new_client() -> str:
    """Return an IPv4 address that no test has used: what others did with the agent is no matter."""
    return next(_clients)[0]


def new_ipv6_client() -> str:
    """Return an IPv6 address, alone in its /64, that no test has used."""
    return next(_clients)[1]


class Website:
    """HAProxy with a shipped configuration, a web server that echoes headers, and an agent.

    Args:
        stage: Where it runs.
        agent: Whom HAProxy asks.
        scenario: The configuration's file.
        moves: Further words that are moved.
        bind: The line that becomes `port`, and what it becomes.

    Attributes:
        agent: Whom HAProxy asks.
        haproxy: Who asks.
        port: Where clients connect.
    """

    def __init__(
        self,
        stage: Stage,
        agent: Agent,
        scenario: str,
        moves: Mapping[str, str] | None = None,
        bind: tuple[str, str] = (BIND, PROXIED),
    ) -> None:
        self.agent = agent
        self.port = free_port()
        line, moved = bind
        configuration = shipped.scenario(
            scenario,
            stage.directory,
            {
                line: moved.format(port=self.port),
                shipped.AGENT: agent.where,
                SERVER: f"{LOOPBACK}:{stage.serve(echo_server())}",
                **(moves or {}),
            },
        )
        self.haproxy = stage.start_haproxy(configuration)
        for backend, server in (("webfail2ban-agents", "agent1"), ("web-servers", "web1")):
            self.haproxy.wait_for_server(backend, server, "UP")

    def get(
        self,
        client: str | None,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> Answer:
        """Send one request for a client, or in our own name, on a connection of its own."""
        return get(port or self.port, client, path, headers)

    def status(self, client: str | None, port: int | None = None) -> int:
        """Return the status of one request's answer."""
        return self.get(client, port=port).status

    def wait_for(self, client: str, status: int) -> None:
        """Wait until a client gets an answer of that status."""
        wait_until(lambda: self.status(client) == status, f"{client} gets {status}")

    def ban(self, client: str) -> None:
        """Have a client banned, and wait until he is refused."""
        self.agent.fail_logins(client)
        self.wait_for(client, 403)


def told(answer: Answer) -> dict[str, str]:
    """Return the headers that reached the web server.

    Raises:
        AssertionError: the request didn't.
    """
    assert answer.status == 200
    headers: dict[str, str] = loads(answer.body)
    return headers

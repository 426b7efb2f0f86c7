"""Reputation and rates side by side, by the shipped configuration."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.clients import connect, http_client
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.shipped import WHITELIST, install
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.e2e.website import Website, new_client, new_ipv6_client

#: About whom HAProxy doesn't ask.
KNOWN = "198.51.100.1"

#: Fewer connections than the shipped ones are enough here; requests are limited as shipped.
FEWER = {"sc_conn_rate(0) gt 100": "sc_conn_rate(0) gt 30"}

#: What its comment says of clients that come by the PROXY protocol, as those of the tests do.
PROXIED = {"tcp-request connection": "tcp-request session"}


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[Website]:
    with Stage(binary) as stage:
        install(stage.directory, WHITELIST)
        with (stage.directory / WHITELIST).open("a", encoding="utf-8") as whitelist:
            whitelist.write(f"{KNOWN}\n")
        six = {"bind :::80 v6only": f"bind [::1]:{free_port()}"}
        yield Website(
            stage,
            agent,
            "ratelimit.cfg",
            {**six, **FEWER, **PROXIED},
            ("bind :80", f"bind {LOOPBACK}:{{port}} accept-proxy"),
        )


def hurry(site: Website, client: str, requests: int = 101) -> int:
    """Send requests on one connection, and return the last one's status."""
    with http_client(site.port, client) as http:
        return [http.get().status for _ in range(requests)][-1]


def is_too_quick(site: Website, client: str) -> bool:
    """Whether a client gets 429 when he hurries; a slow machine may need a second try."""
    return hurry(site, client) == 429


def test_whoever_asks_too_much_is_put_off_and_nobody_else(site: Website) -> None:
    """He gets 429 and when to come back; his neighbour is served."""
    client = new_client()
    wait_until(lambda: is_too_quick(site, client), "the quick client is put off")
    assert site.get(client).headers["retry-after"] == "10"
    assert site.status(new_client()) == 200


def test_a_banned_client_is_told_so_however_quick_he_is(site: Website) -> None:
    """Reputation comes first: 403, not 429."""
    client = new_client()
    wait_until(lambda: is_too_quick(site, client), "the quick client is put off")
    site.ban(client)


def test_an_ipv6_client_is_his_network(site: Website) -> None:
    """Another address of the same /64 is put off with him; one of the next isn't."""
    client = new_ipv6_client()
    wait_until(lambda: is_too_quick(site, client), "the quick client is put off")
    assert site.status(f"{client}:2") == 429
    assert site.status(new_ipv6_client()) == 200


def test_whoever_is_known_may_be_quick(site: Website) -> None:
    """Clients in whitelist.lst are limited neither by reputation nor by rates."""
    assert {hurry(site, KNOWN) for _ in range(2)} == {200}


def test_too_many_connections_are_refused(site: Website) -> None:
    """At the door, before anybody is asked: the connection ends without an answer."""
    client = new_client()

    def is_refused() -> bool:
        with connect(site.port, client) as connection:
            try:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return connection.recv(1) == b""
            except (ConnectionResetError, BrokenPipeError):
                return True

    wait_until(is_refused, "a further connection is refused")
    assert site.status(new_client()) == 200

"""Whatever kind of address a client comes from."""

import socket

import pytest

from tests.e2e.clients import HttpClient, get
from tests.e2e.ports import free_port
from tests.e2e.probe import Probe
from tests.e2e.proxyprotocol import header_v2
from tests.e2e.stage import Stage
from tests.e2e.waiting import PATIENCE


def test_a_ban_of_an_ipv6_client_covers_its_network(probe: Probe) -> None:
    """Whoever is banned can't come back with another address of his /64."""
    probe.ban("2001:db8:1:2::3")
    assert probe.get("2001:db8:1:2:ffff::1").status == 403
    assert probe.get("2001:db8:1:3::3").status == 200


def test_an_ipv6_client_connects_itself(stage: Stage) -> None:
    """A ban reaches a client that comes over IPv6, without any proxy's word."""
    port = free_port()
    probe = Probe(stage, binds=(f"[::1]:{port}",))

    def ask() -> int:
        with socket.create_connection(("::1", port), PATIENCE) as connection:
            return HttpClient(connection).get().status

    assert ask() == 200
    probe.ban("::1")
    assert ask() == 403


def test_an_ipv4_client_is_known_on_a_bind_for_both(stage: Stage) -> None:
    """HAProxy says ::ffff:127.0.0.1 there; the ban of 127.0.0.1 holds all the same."""
    port = free_port()
    probe = Probe(stage, binds=(f"::ffff:127.0.0.1:{port} v4v6",))
    assert get(port).headers["x-src"] == "::ffff:127.0.0.1"
    probe.ban("127.0.0.1")
    assert get(port).status == 403


def test_a_mapped_address_is_the_ipv4_address(probe: Probe) -> None:
    """A ban of an IPv4 address holds for its mapped form, and the other way round."""
    probe.ban("192.0.2.40")
    assert probe.get("::ffff:192.0.2.40").status == 403
    probe.ban("::ffff:192.0.2.41")
    assert probe.get("192.0.2.41").status == 403


def test_a_client_of_a_unix_socket_passes(stage: Stage) -> None:
    """A client without an address gets no verdict, no error and no delay."""
    path = stage.directory / "web.sock"
    Probe(stage, binds=(f"unix@{path}",))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        answer = HttpClient(connection).get()
    assert answer.status == 200
    assert "x-banned" not in answer.headers
    assert "x-error" not in answer.headers


def test_haproxy_asks_over_a_unix_socket(stage: Stage) -> None:
    """The agent answers on a unix socket as it does on a port."""
    agent = stage.start_agent(spoa={"address": str(stage.directory / "spoa.sock")})
    Probe(stage, agent).ban("192.0.2.50")


@pytest.mark.parametrize("client", ["192.0.2.60", "2001:db8:60::1"])
def test_both_versions_of_the_proxy_protocol_name_the_client(probe: Probe, client: str) -> None:
    """Who is banned is banned whichever version his proxy speaks."""
    probe.ban(client)
    connection = socket.create_connection(("127.0.0.1", probe.port), PATIENCE)
    connection.sendall(header_v2(client))
    http = HttpClient(connection)
    assert http.get().status == 403
    http.close()

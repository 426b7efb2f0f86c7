"""A website with TLS, by the shipped configuration."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.e2e.agent import Agent
from tests.e2e.clients import Answer, HttpClient, connect
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.e2e.website import Website, new_client, new_ipv6_client, told

HOST = "site.example"


class SecureWebsite(Website):
    """The website, and how clients speak TLS with it."""

    def __init__(self, stage: Stage, agent: Agent) -> None:
        self._secure_port = free_port()
        self._context = ssl.create_default_context()
        certificates = stage.directory / "certs"
        certificates.mkdir()
        authority = trustme.CA()
        authority.configure_trust(self._context)
        server = authority.issue_cert(HOST)
        server.private_key_and_cert_chain_pem.write_to_path(certificates / "site.pem")
        bind = f"bind {LOOPBACK}:{self._secure_port} accept-proxy"
        super().__init__(stage, agent, "tls.cfg", {"bind :::443 v4v6": bind})

    def get_securely(self, client: str) -> Answer:
        """Send one request over TLS."""
        connection = connect(self._secure_port, client)
        http = HttpClient(self._context.wrap_socket(connection, server_hostname=HOST))
        try:
            return http.get(headers={"X-Forwarded-Proto": "http"})
        finally:
            http.close()


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[SecureWebsite]:
    with Stage(binary) as stage:
        yield SecureWebsite(stage, agent)


def test_whoever_comes_without_tls_is_sent_to_it(site: SecureWebsite) -> None:
    """The seed's redirect fires here: the same path and query of the same host, for good."""
    answer = site.get(new_client(), "/a/b?c=d", {"Host": HOST})
    assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}/a/b?c=d")


def test_the_web_server_hears_who_came_and_how(site: SecureWebsite) -> None:
    """TLS ends at HAProxy; what the client claims about that is dropped."""
    client = new_ipv6_client()
    headers = told(site.get_securely(client))
    assert headers["x-forwarded-for"] == client
    assert headers["x-forwarded-proto"] == "https"


def test_a_banned_client_is_refused_with_tls_and_without(site: SecureWebsite) -> None:
    """He isn't even told where the website is; HAProxy's log names the jail."""
    client = new_client()
    assert site.get_securely(client).status == 200
    site.ban(client)
    wait_until(lambda: site.get_securely(client).status == 403, "he is refused over TLS")
    site.haproxy.process.wait_for("{dovecot}")

"""What HAProxy tells about itself, and to whom, by the shipped configuration."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.clients import Answer, get
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.website import Website, new_client, told

#: What `openssl passwd -6 -salt salt "correct horse"` prints.
PASSWORD = "correct horse"
HASH = (
    "$6$salt$pfWEh40/jW3sybE9zOQ9fIpZ9F6fyy/jogzYisHAyINpuc9icJd187oNK8pukepHV.QSHFtNVGUeWCRJCE9G4/"
)

#: Where they are, and what is there of the agents.
PLACES = {
    "/stats": b"webfail2ban-agents",
    "/stats;csv": b"webfail2ban-agents,agent1,",
    "/metrics": b'haproxy_backend_status{proxy="webfail2ban-agents",state="UP"} 1',
}


class WatchedWebsite(Website):
    """The website, and where its statistics are.

    Attributes:
        statistics: Their port.
    """

    def __init__(self, stage: Stage, agent: Agent) -> None:
        self.statistics = free_port()
        super().__init__(
            stage, agent, "stats.cfg", {"127.0.0.1:8404": f"{LOOPBACK}:{self.statistics}"}
        )

    def look(self, path: str, user: str | None = None, password: str = "") -> Answer:
        """Ask for a page of statistics, in somebody's name if one is given."""
        basic = b64encode(f"{user}:{password}".encode()).decode()
        headers = {} if user is None else {"Authorization": f"Basic {basic}"}
        return get(self.statistics, None, path, headers)


def website(stage: Stage, agent: Agent, password_hash: str | None) -> WatchedWebsite:
    """Start a website in an environment with this hash, or without one."""
    with pytest.MonkeyPatch.context() as environment:
        if password_hash is not None:
            environment.setenv("STATS_PASSWORD_HASH", password_hash)
        else:
            environment.delenv("STATS_PASSWORD_HASH", raising=False)
        return WatchedWebsite(stage, agent)


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[WatchedWebsite]:
    with Stage(binary) as stage:
        yield website(stage, agent, HASH)


@pytest.mark.parametrize("path", PLACES)
def test_whoever_has_the_password_sees_how_the_agents_are(site: WatchedWebsite, path: str) -> None:
    """On the page, as CSV, and for Prometheus."""
    answer = site.look(path, "operator", PASSWORD)
    assert answer.status == 200
    assert PLACES[path] in answer.body


@pytest.mark.parametrize("path", PLACES)
def test_nobody_else_sees_anything(site: WatchedWebsite, path: str) -> None:
    """Neither without a password, nor with a wrong one, nor with the hash itself."""
    assert site.look(path).status == 401
    for user, password in (("operator", ""), ("operator", HASH), ("admin", PASSWORD)):
        answer = site.look(path, user, password)
        assert answer.status == 401
        assert b"webfail2ban" not in answer.body


def test_nobody_steers_haproxy_by_the_page(site: WatchedWebsite) -> None:
    """The seed's `stats admin if TRUE` showed buttons to everybody."""
    page = site.look("/stats", "operator", PASSWORD).body
    assert b"<select name=action>" not in page


def test_the_website_has_no_statistics(site: WatchedWebsite) -> None:
    """They are on a port of their own."""
    for path in ("/stats", "/metrics"):
        assert told(site.get(new_client(), path))


def test_without_a_password_there_are_none(binary: Path, agent: Agent) -> None:
    """No default lets anybody in: HAProxy starts without that port, and says so."""
    with Stage(binary) as stage:
        site = website(stage, agent, None)
        told(site.get(new_client()))
        with pytest.raises(ConnectionRefusedError):
            site.look("/stats")
        site.haproxy.process.wait_for("STATS_PASSWORD_HASH isn't set")

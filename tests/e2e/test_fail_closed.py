"""Whether clients pass while webfail2ban says nothing, by the shipped configuration."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.shipped import WHITELIST, install
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.e2e.website import Website, new_client

#: About whom HAProxy doesn't ask.
KNOWN = "198.51.100.1"


class TwoWebsites(Website):
    """An open one and a closed one, side by side.

    Attributes:
        closed_port: Where nobody passes without a verdict.
    """

    def __init__(self, stage: Stage, agent: Agent) -> None:
        self.closed_port = free_port()
        install(stage.directory, WHITELIST)
        with (stage.directory / WHITELIST).open("a", encoding="utf-8") as whitelist:
            whitelist.write(f"{KNOWN}\n")
        closed = f"bind {LOOPBACK}:{self.closed_port} accept-proxy"
        super().__init__(stage, agent, "fail-closed.cfg", {"bind :::8000 v4v6": closed})

    def statuses(self, client: str) -> tuple[int, int]:
        """Return what a client gets from the open website, and from the closed one."""
        return self.status(client), self.status(client, self.closed_port)

    def wait_for_both(self, client: str, open_status: int, closed_status: int) -> None:
        """Wait until a client gets these."""
        goal = (open_status, closed_status)
        wait_until(lambda: self.statuses(client) == goal, f"{client} gets {goal}")


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[TwoWebsites]:
    with Stage(binary) as stage:
        yield TwoWebsites(stage, agent)


def test_with_verdicts_the_two_are_alike(site: TwoWebsites) -> None:
    """Who is banned is refused by both, all others pass."""
    client = new_client()
    site.wait_for_both(client, 200, 200)
    site.ban(client)
    site.wait_for_both(client, 403, 403)


def test_while_the_agent_hangs_only_the_open_one_serves(site: TwoWebsites) -> None:
    """The closed one says when to come back, and both go on by themselves."""
    banned, client = new_client(), new_client()
    site.ban(banned)
    site.agent.hang()
    try:
        for each in (banned, client):
            site.wait_for_both(each, 200, 503)
        assert site.get(client, port=site.closed_port).headers["retry-after"] == "5"
        assert site.statuses(KNOWN) == (200, 200)
    finally:
        site.agent.wake()
    site.wait_for_both(client, 200, 200)
    site.wait_for_both(banned, 403, 403)


def test_while_the_agent_is_stopped_only_the_open_one_serves(site: TwoWebsites) -> None:
    """Until it is started again; a banned client is banned then as he was before."""
    banned, client = new_client(), new_client()
    site.ban(banned)
    site.agent.stop()
    try:
        for each in (banned, client):
            assert site.statuses(each) == (200, 503)
        assert site.statuses(KNOWN) == (200, 200)
        site.haproxy.wait_for_server("webfail2ban-agents", "agent1", "DOWN")
        assert site.statuses(client) == (200, 503)
    finally:
        site.agent.start()
    site.wait_for_both(client, 200, 200)
    site.wait_for_both(banned, 403, 403)

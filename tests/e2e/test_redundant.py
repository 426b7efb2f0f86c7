"""Two agents, by the shipped configuration: the first goes, and the second answers."""

import signal
from collections.abc import Iterator
from json import loads
from pathlib import Path

import pytest

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.backends import echo_server
from tests.e2e.clients import Answer, get
from tests.e2e.load import Load
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

pytestmark = pytest.mark.haproxy3

INNOCENT = [f"192.0.2.{last}" for last in range(1, 17)]
BANNED = "198.51.100.1"

#: Nobody waits so long: with every other limit moved there, a wait that ended was ended by
#: `timeout processing`.
NEVER = "1h"

#: Seconds: that limit, and what a busy machine may add.
PROCESSING = 0.05
ALLOWANCE = 3.0

#: Checks that come too late for everything.
WITHOUT_CHECKS = {"inter 100ms fastinter 200ms": f"inter {NEVER}"}

AGENTS = "webfail2ban-agents"


class Site:
    """A website whose HAProxy asks two agents.

    Args:
        stage: Where HAProxy runs.
        agents: The agents.
        **moves: Further words of the configuration that are moved.
    """

    def __init__(self, stage: Stage, agents: tuple[Agent, Agent], moves: dict[str, str]) -> None:
        self.port = free_port()
        first, second = agents
        text = shipped.scenario(
            "redundant.cfg",
            stage.directory,
            {
                "bind :::80 v4v6": f"bind {LOOPBACK}:{self.port} accept-proxy",
                "127.0.0.1:8080": f"{LOOPBACK}:{stage.serve(echo_server())}",
                shipped.AGENT: first.where,
                "192.0.2.10:12345": second.where,
                "timeout connect 1s": f"timeout connect {NEVER}",
                **moves,
            },
        )
        spoe = stage.directory / "webfail2ban.spoe.conf"
        patient = {"timeout hello 500ms": f"timeout hello {NEVER}"}
        spoe.write_text(shipped.move(spoe.read_text("utf-8"), patient), "utf-8")
        self.haproxy = stage.start_haproxy(text)
        self.haproxy.wait_for_server(AGENTS, "agent1", "UP")
        wait_until(lambda: self.get(BANNED).status == 403, "there are verdicts")

    def get(self, client: str) -> Answer:
        return get(self.port, client)


@pytest.fixture(scope="module")
def started(binary: Path) -> Iterator[tuple[Agent, Agent]]:
    """Two agents that have heard of the same failures."""
    with Stage(binary) as stage:
        both = stage.start_agent("agent1"), stage.start_agent("agent2")
        for agent in both:
            agent.fail_logins(BANNED)
            agent.process.wait_for(f" ban {BANNED} ")
        yield both


@pytest.fixture
def agents(started: tuple[Agent, Agent]) -> tuple[Agent, Agent]:
    """Both of them, running."""
    for agent in started:
        if agent.process.status is not None:
            agent.start()
    return started


def status_header(answer: Answer) -> str:
    """Return what the website was told about a client."""
    status: str = loads(answer.body)["x-ip-status"]
    return status


def test_the_second_answers_while_the_first_hangs(
    stage: Stage, agents: tuple[Agent, Agent]
) -> None:
    """Its port stays open, but the checks notice; and once it goes on it is asked again."""
    site = Site(stage, agents, {})
    agents[0].hang()
    assert site.get(INNOCENT[0]).status == 200
    site.haproxy.wait_for_server(AGENTS, "agent1", "DOWN")
    wait_until(lambda: site.get(BANNED).status == 403, "the second one is asked")
    agents[0].wake()
    site.haproxy.wait_for_server(AGENTS, "agent1", "UP")
    agents[1].hang()
    wait_until(lambda: site.get(BANNED).status == 403, "the first one is asked")
    agents[1].wake()


def test_nobody_waits_or_is_refused_when_the_first_is_killed(
    stage: Stage, agents: tuple[Agent, Agent]
) -> None:
    """Under load, and without a check that tells HAProxy; the second knows the bans, too."""
    site = Site(stage, agents, WITHOUT_CHECKS)
    with Load(site, [*INNOCENT, BANNED]) as load:
        load.go_on()
        agents[0].process.signal(signal.SIGKILL)
        site.haproxy.wait_for_server(AGENTS, "agent1", "DOWN")
        load.go_on()
    assert max(seen.received - seen.sent for seen in load.seen) < PROCESSING + ALLOWANCE
    passed = [seen for seen in load.seen if seen.answer.status == 200]
    assert {seen.client for seen in load.seen if seen.answer.status != 200} == {BANNED}
    assert {status_header(seen.answer) for seen in passed if seen.client == BANNED} <= {"unknown"}
    assert {status_header(seen.answer) for seen in passed[-len(INNOCENT) :]} == {"allowed"}
    assert site.get(BANNED).status == 403

"""Hostile lines against Debian's packaged dovecot filter, which backtracks exponentially on them.

GHSA-33wh-ccjc-p397: one such line keeps Python's `re` busy for hours.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.ports import LOOPBACK
from tests.e2e.waiting import wait_until
from webfail2ban.testing import SpopClient

#: What a client can make dovecot log by what it sends. All that the prefilter looks for is there,
#: and then comes what the expression doesn't take.
HOSTILE = (
    "<134>Nov 21 10:00:00 mail dovecot: imap-login: Disconnected"
    + ": a" * 60
    + " (auth failed, 1 attempts in 2 secs): user=<anna>, method=PLAIN, rip=192.0.2.9>"
)
HONEST = (
    "<134>Nov 21 10:00:00 mail dovecot: imap-login: Disconnected (auth failed, 1 attempts in "
    "2 secs): user=<anna>, method=PLAIN, rip={}, lip=192.0.2.1"
)

#: Seconds that a verdict may take: far less than a line's time limit, so none waits for a line.
#: How long verdicts really take is measured elsewhere.
PROMPT = 0.05


@pytest.fixture
def agent(tmp_path: Path, filter_dir: Path) -> Iterator[Agent]:
    packaged = {"filter": str(filter_dir / "dovecot"), "maxretry": 1}
    own = {"failregex": [r"^\S+ webmail: attack from <HOST>$"], "maxretry": 1}
    agent = Agent(tmp_path, jails={"packaged": packaged, "own": own})
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


def verdicts(agent: Agent) -> SpopClient:
    return SpopClient((LOOPBACK, int(agent.where.rpartition(":")[2])))


def wait_for_ban(client: SpopClient, address: str) -> float:
    """Ask until an address is banned; return how long the slowest verdict took."""
    slowest = 0.0

    def ask() -> bool:
        nonlocal slowest
        began = time.monotonic()
        banned = client.check(address)["banned"] == 1
        slowest = max(slowest, time.monotonic() - began)
        return banned

    wait_until(ask, f"a ban of {address}")
    return slowest


def test_a_hostile_line_costs_itself_and_no_verdict_waits_for_it(agent: Agent) -> None:
    """The lines behind it ban, and the filter is named."""
    with verdicts(agent) as client:
        for number in (1, 2, 3):
            agent.hear(HOSTILE)
            agent.hear(HONEST.format(f"203.0.113.{number}"))
            assert wait_for_ban(client, f"203.0.113.{number}") < PROMPT
    assert agent.process.said.count("dovecot of jail packaged was too slow for a line") == 3


def test_a_filter_under_attack_is_set_aside_and_the_others_go_on(agent: Agent) -> None:
    """With a loud word."""
    for _ in range(5):
        agent.hear(HOSTILE)
    agent.process.wait_for("jail packaged is SET ASIDE")
    agent.attack("203.0.113.9")
    with verdicts(agent) as client:
        wait_for_ban(client, "203.0.113.9")

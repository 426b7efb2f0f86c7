"""Verdicts that HAProxy keeps, by the shipped configuration."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.e2e.website import Website, new_client, new_ipv6_client

#: Verdicts are old sooner here.
SOONER = {"-m int 0:9": "-m int 0:0"}

#: With it HAProxy's log tells of errors only, without it of every question.
SILENCE = "    option dontlog-normal\n"
QUESTION = "SPOE: [webfail2ban-cache] <EVENT:on-frontend-http-request>"

#: A verdict is used this much more often than it is asked for, at least.
SAVED = 20


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[Website]:
    with Stage(binary) as stage:
        text = shipped.text("cache.spoe.conf", stage.directory, {SILENCE: ""})
        (stage.directory / "cache.spoe.conf").write_text(text, "utf-8")
        yield Website(stage, agent, "cache.cfg", SOONER)


def questions(site: Website) -> int:
    """Return how often HAProxy has asked."""
    return site.haproxy.process.said.count(QUESTION)


def wait_until_saved(site: Website, client: str, status: int) -> None:
    """Have a client ask until nearly all of his requests needed no question."""
    asked, requests = questions(site), 0

    def go_on() -> bool:
        nonlocal requests
        requests += 1
        assert site.status(client) == status
        return requests - (questions(site) - asked) >= SAVED

    wait_until(go_on, "answers come without a question")


def test_a_client_is_asked_about_once_in_a_while(site: Website) -> None:
    """Whether he passes or is refused."""
    client = new_client()
    wait_until_saved(site, client, 200)
    site.ban(client)
    wait_until_saved(site, client, 403)


def test_each_client_has_a_verdict_of_his_own(site: Website) -> None:
    """That of one isn't another's."""
    banned, neighbour = new_ipv6_client(), new_ipv6_client()
    site.ban(banned)
    assert (site.status(neighbour), site.status(banned)) == (200, 403)


def test_the_end_of_a_ban_reaches_a_client_that_never_pauses(site: Website) -> None:
    """The seed's table began anew with each request, and refused him for ever."""
    client = new_client()

    def is_refused() -> bool:
        site.agent.attack(client)  # bans for two seconds, of which a kept verdict may take one
        return site.status(client) == 403

    wait_until(is_refused, f"{client} is refused")
    site.wait_for(client, 200)


def test_an_old_verdict_counts_no_more_while_nobody_answers(site: Website) -> None:
    """A banned client passes then, like everybody, and is refused once there are answers."""
    client = new_client()
    site.ban(client)
    site.agent.hang()
    try:
        site.wait_for(client, 200)
    finally:
        site.agent.wake()
    site.wait_for(client, 403)

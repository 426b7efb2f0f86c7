"""Something between serving and refusing, by the shipped configuration."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.e2e.clients import Answer
from tests.e2e.stage import Stage
from tests.e2e.website import DOUBTFUL, WORSE, Website, new_client, told

#: The tarpit holds clients for less time here.
SHORTER = {"timeout tarpit 10s": "timeout tarpit 100ms"}


@pytest.fixture(scope="module")
def site(binary: Path, agent: Agent) -> Iterator[Website]:
    with Stage(binary) as stage:
        website = Website(stage, agent, "challenge.cfg", SHORTER)
        website.wait_for(DOUBTFUL, 429)  # until the lists are read
        website.wait_for(WORSE, 403)
        yield website


def cookie(page: Answer) -> dict[str, str]:
    """Return the header that a browser sends after it ran the page's script."""
    found = re.search(rb'"(wf2b_pass=[0-9a-f]{64})"', page.body)
    assert found is not None
    return {"Cookie": f"theme=dark; {found[1].decode()}"}


def test_a_client_without_a_score_sees_nothing_of_it(site: Website) -> None:
    """He is served, and a banned one refused, as everywhere."""
    client = new_client()
    told(site.get(client))
    site.ban(client)


def test_a_doubtful_client_gets_a_page_instead(site: Website) -> None:
    """Complete HTML that no cache may keep; the web server isn't asked."""
    page = site.get(DOUBTFUL)
    assert page.status == 429
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.body.startswith(b"<!doctype html>")
    assert page.body.rstrip().endswith(b"</html>")
    assert b"%[" not in page.body


def test_wrong_passwords_make_a_client_doubtful_first(site: Website) -> None:
    """After three the jail's score is high enough for the page, two more ban."""
    client = new_client()
    site.agent.fail_logins(client, 3)
    site.wait_for(client, 429)
    site.agent.fail_logins(client, 2)
    site.wait_for(client, 403)


def test_a_browser_passes(site: Website) -> None:
    """What the page's script would send is his pass, here and on further pages."""
    pass_ = cookie(site.get(DOUBTFUL))
    for path in ("/", "/further"):
        told(site.get(DOUBTFUL, path, pass_))


def test_a_pass_cannot_be_handed_on_or_made_up(site: Website) -> None:
    """It is good for one address; and nothing else is a pass."""
    stolen = cookie(site.get("203.0.113.8"))
    told(site.get("203.0.113.8", headers=stolen))
    for headers in (stolen, {"Cookie": "wf2b_pass="}, {"Cookie": f"wf2b_pass={'0' * 64}"}, {}):
        assert site.get(DOUBTFUL, headers=headers).status == 429


def test_a_worse_client_waits_for_his_refusal(site: Website) -> None:
    """No cookie helps; HAProxy's log has the time he was held as that of a queue."""
    assert site.get("203.0.113.78", "/tarpit", cookie(site.get(DOUBTFUL))).status == 403
    site.haproxy.process.wait_for("GET /tarpit ")
    line = next(line for line in site.haproxy.process.said.splitlines() if "/tarpit" in line)
    assert re.search(r" -1/\d+/-1/-1/\d+ 403 ", line)

"""Lists from elsewhere, from a web server to HAProxy's answer."""

from pathlib import Path

import pytest

from tests.commands.steering.conftest import Run, run
from tests.e2e.agent import Agent
from tests.e2e.probe import Probe
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until
from tests.plugins.blocklist.webserver import WebServer, say

__all__ = ["run"]


def start_agent(stage: Stage, server: WebServer) -> Agent:
    """Start an agent whose only opinions are those of the list."""
    return stage.start_agent(
        plugins=["whitelist", "blocklist", "jails", "syslog", "tail"],
        api={"socket": str(stage.directory / "api.sock")},
        blocklist={
            "directory": str(stage.directory / "lists"),
            "feeds": {"evil": {"url": server.url, "timeout": "5s"}},
        },
    )


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent inherits what this machine's environment says about proxies."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_whoever_is_on_a_list_gets_403(stage: Stage, run: Run) -> None:
    """From the first list on; one that is held bans when an operator accepts it."""
    with WebServer() as server:
        server.answer = say(b"203.0.113.66\n10.0.0.0/8\n")
        probe = Probe(stage, start_agent(stage, server))
        probe.wait_for("203.0.113.66", 403)
        assert probe.get("203.0.113.67").status == 200
        assert probe.get("10.1.2.3").status == 200

        server.answer = say(b"".join(b"203.0.113.%d\n" % last for last in range(60, 80)))
        api = ("--api", str(stage.directory / "api.sock"))
        assert run("feeds", *api, "refresh", "evil").status == 0
        wait_until(lambda: "accept evil" in run("feeds", *api).out, "the new list is held")
        assert probe.get("203.0.113.67").status == 200
        assert run("feeds", *api, "accept", "evil").out == "evil: 20 entries in force\n"
        probe.wait_for("203.0.113.67", 403)


def test_a_start_without_network_has_the_last_list(stage: Stage) -> None:
    """The first verdict knows it already."""
    with WebServer() as server:
        server.answer = say(b"203.0.113.66\n")
        agent = start_agent(stage, server)
        probe = Probe(stage, agent)
        probe.wait_for("203.0.113.66", 403)
    agent.stop()
    assert Path(stage.directory / "lists" / "evil.list").exists()
    agent.start()
    probe.wait_for_verdicts()
    assert probe.get("203.0.113.66").status == 403

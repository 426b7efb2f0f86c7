"""What the doctor says of what runs: the agent that a real HAProxy asks, and the engine."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import localtime, strftime
from typing import Any

import pytest

from tests.e2e import binaries
from tests.e2e.agent import JAILS, Agent
from tests.e2e.stage import Stage
from tests.e2e.waiting import PATIENCE, wait_until
from tests.e2e.website import BIND, DIRECT, Website, new_client

#: A line as the mail server writes it, of now: an older one would show a wrong clock.
FAILED = "<134>{now} hostname dovecot: auth failed, method=PLAIN, rip={client}"

#: How rules read the verdict, and how the site has it written.
SCOPE = "txn"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage with one HAProxy: what it is asked for, all answer alike."""
    with Stage(binaries.find("system")) as stage:
        yield stage


def start_site(stage: Stage, scope: str) -> Agent:
    """Start a site whose agent sets the verdict in a scope, and says so in its configuration."""
    agent = stage.start_agent(
        plugins=["whitelist", "jails", "syslog"],
        jails={"DEFAULT": JAILS["DEFAULT"], "dovecot": JAILS["dovecot"]},
        api={"socket": str(stage.directory / "api.sock")},
        verdict={"scope": scope},
    )
    Website(stage, agent, "cache.cfg", bind=(BIND, DIRECT))
    return agent


def ask_doctor(directory: Path) -> tuple[int, dict[str, Any]]:
    """Run the doctor on a site's files; return its exit status and its report."""
    files: list[str | Path] = ["--config", directory / "agent.yaml", directory / "haproxy.cfg"]
    ran = subprocess.run(
        [sys.executable, "-m", "webfail2ban", "doctor", "--strict", "--json", *files],
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return ran.returncode, json.loads(ran.stdout)


def test_a_site_that_works_has_no_finding(stage: Stage) -> None:
    """The agent has answered in time, lines come, their clock is right."""
    agent = start_site(stage, SCOPE)
    now = strftime("%b %e %H:%M:%S", localtime())
    agent.hear(FAILED.format(now=now, client=new_client()))

    def heard() -> bool:
        jail = ask_doctor(stage.directory)[1]["looked_at"][-1]
        return "1 line, " in jail and "1 failure" in jail

    wait_until(heard, "the doctor hears of the line and of the failure in it")
    status, report = ask_doctor(stage.directory)
    assert (status, report["findings"]) == (0, [])
    _, agent_said, engine_said, jail_said = report["looked_at"]
    assert agent_said.startswith("the agent agent1, which answers in ")
    assert engine_said == f"the running engine at {stage.directory}/api.sock"
    assert jail_said.startswith("jail dovecot: 1 line, a date in ")


def test_what_only_those_that_run_can_tell_is_found(stage: Stage) -> None:
    """A new configuration that nobody has reloaded, and a jail whose log doesn't come."""
    start_site(stage, "sess")
    configuration = stage.directory / "agent.yaml"
    written = json.loads(configuration.read_text("utf-8"))
    configuration.write_text(json.dumps({**written, "verdict": {"scope": SCOPE}}), "utf-8")
    status, report = ask_doctor(stage.directory)
    found = {finding["name"]: finding["sentence"] for finding in report["findings"]}
    assert status == 1
    assert found.keys() == {"agent-scope", "jail-no-lines", "source-silent"}
    assert "the running agent sets sess.wf2b.banned, and the rule reads" in found["agent-scope"]
    assert "jail dovecot has had no line" in found["jail-no-lines"]

"""An operator at a terminal: real commands, a real engine with its sensor."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agent import Agent
from tests.waiting import wait_until

CLIENT = "192.0.2.77"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """The program, in a folder of its own."""
    running = Agent(tmp_path, "config", api={"socket": "api.sock"})
    running.start()
    yield running
    running.stop()


def webfail2ban(directory: Path, *args: str) -> tuple[int, str]:
    """Run a command where the engine's configuration is."""
    env = {name: value for name, value in os.environ.items() if "FAIL2BAN" not in name}
    command = [sys.executable, "-m", "webfail2ban", *args]
    ran = subprocess.run(
        command, cwd=directory, env=env, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def test_a_day_of_an_operator(agent: Agent, tmp_path: Path) -> None:
    """A client fails, is banned, looked at, let in, and banned by hand."""
    assert webfail2ban(tmp_path, "check", CLIENT)[0] == 0
    agent.fail_logins(CLIENT)
    wait_until(lambda: webfail2ban(tmp_path, "check", CLIENT)[0] == 1, "the client is banned")
    _, said = webfail2ban(tmp_path, "check", CLIENT, "--json")
    checked = json.loads(said)
    assert (checked["verdict"]["jail"], checked["bans"][0]["jail"]) == ("dovecot", "dovecot")
    assert CLIENT in webfail2ban(tmp_path, "bans", "--jail", "dovecot")[1]
    assert webfail2ban(tmp_path, "unban", CLIENT) == (0, "1 ban lifted.\n")
    assert webfail2ban(tmp_path, "check", CLIENT)[0] == 0
    assert webfail2ban(tmp_path, "ban", CLIENT, "--for", "1d")[0] == 0
    status, said = webfail2ban(tmp_path, "reload")
    assert (status, said.partition(" ")[0]) == (0, "Loaded")
    assert json.loads(webfail2ban(tmp_path, "export")[1])["network"] == CLIENT
    assert webfail2ban(tmp_path, "sources")[0] == webfail2ban(tmp_path, "jails")[0] == 0
    assert webfail2ban(tmp_path, "status", "--json")[1].startswith('{"version"')

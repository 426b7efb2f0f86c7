"""Drop-ins that are broken on purpose: what they cost, and what the operator sees of each."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.agent import Agent
from tests.e2e.ports import LOOPBACK
from tests.e2e.processes import Running
from tests.e2e.waiting import wait_until
from webfail2ban.testing import SpopClient

BEGIN = "import sys, time\nfrom webfail2ban import Opinion, hookimpl\n\n@hookimpl\ndef "

#: Each fails in its own way, at run time. The clock of time.sleep is gevent's: it lets others run.
BROKEN = {
    "raises": "opinion(query):\n    raise LookupError('no database')\n",
    "quits": "opinion(query):\n    sys.exit(3)\n",
    "waits": "opinion(query):\n    time.sleep(60)\n",
    "confused": "opinion(query):\n    return 'ban'\n",
    "computes": (
        "opinion(query):\n    end = time.perf_counter() + 0.3\n"
        "    while time.perf_counter() < end: pass\n"
    ),
    "deaf": "detect(lines):\n    raise LookupError('no ear')\n",
    "mute": "status(report):\n    return 1 / 0\n",
}

#: What the log says of them.
SAID = {
    "raises": "plugin raises failed in opinion: LookupError: no database",
    "quits": "plugin quits failed in opinion: SystemExit: 3",
    "waits": "plugin waits failed in opinion: PluginTooSlowError: it gave no opinion in time",
    "confused": "plugin confused failed in opinion: TypeError: 'ban' is no Opinion",
    "computes": "plugin computes held up all verdicts for 3",
    "deaf": "plugin deaf failed in detect: LookupError: no ear",
    "mute": "plugin mute failed in status: ZeroDivisionError",
}

#: Each keeps the program from starting, and what is said then.
UNSTARTABLE = {
    "syntax": ("x = (\n", "syntax.py:1): SyntaxError: '(' was never closed"),
    "library": ("import no_such_library\n", "library.py:1): ModuleNotFoundError: No module named"),
    "misspelt": (BEGIN + "opinoin(query): pass\n", "unknown hook 'opinoin'"),
    "start": (BEGIN + "start_engine():\n    raise OSError('no disk')\n", "plugin start: "),
    "quit": (BEGIN + "start_sensor():\n    sys.exit(3)\n", "plugin quit: "),
}


def write(directory: Path, drop_ins: dict[str, str]) -> dict[str, Any]:
    """Write drop-ins; return the settings that load them, in front of ours."""
    folder = directory / "plugins"
    folder.mkdir()
    for name, text in drop_ins.items():
        (folder / f"{name}.py").write_text(text)
    plugins = [*drop_ins, "whitelist", "jails", "syslog", "tail"]
    return {"plugins": plugins, "plugin_dirs": [str(folder)]}


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    """The program with everything that is broken, and our own plugins behind it."""
    settings = write(tmp_path, {name: BEGIN + text for name, text in BROKEN.items()})
    agent = Agent(tmp_path, api={"socket": str(tmp_path / "api.sock")}, **settings)
    agent.start()
    yield agent
    agent.stop()


def test_broken_plugins_cost_their_own_answers_only(agent: Agent, tmp_path: Path) -> None:
    """Lines are read, clients are banned, verdicts come; each is named with its reason."""
    agent.attack("203.0.113.1")
    wait_until(lambda: " ban 203.0.113.1" in agent.process.said, "a ban")
    with SpopClient((LOOPBACK, int(agent.where.rpartition(":")[2]))) as client:
        assert client.check("203.0.113.1")["banned"] == 1
        assert client.check("203.0.113.2")["banned"] == 0
    status = json.loads(ask(tmp_path, "status", "--json"))
    assert [problem for problem in status["problems"] if "computes: opinion held up" in problem]
    for said in SAID.values():
        wait_until(lambda said=said: said in agent.process.said, said)  # type: ignore[misc]
    assert agent.process.status is None


LEAKS = "opinion(query):\n    leaked.append(bytearray(b'x' * 1_000_000))\n\nleaked = []\n"
MEMORY = re.compile(r"^webfail2ban_engine_process_resident_memory_bytes (\S+)$", re.MULTILINE)


def test_a_leak_shows_in_the_engines_memory(tmp_path: Path) -> None:
    """Whose it is, Python can't tell; that it grows, Prometheus sees."""
    settings = write(tmp_path, {"leaks": BEGIN + LEAKS})
    agent = Agent(tmp_path, api={"socket": str(tmp_path / "api.sock")}, **settings)
    agent.start()
    try:
        before = read_memory(tmp_path)
        with SpopClient((LOOPBACK, int(agent.where.rpartition(":")[2]))) as client:
            for number in range(100):
                client.check(f"203.0.113.{number}")
        assert read_memory(tmp_path) - before > 80_000_000
    finally:
        agent.stop()


def read_memory(directory: Path) -> float:
    """Return what Prometheus would see of the engine's memory, in bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(directory / "api.sock"))
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        with client.makefile() as answer:
            found = MEMORY.search(answer.read())
    assert found
    return float(found[1])


def test_a_plugin_that_never_starts_is_named(tmp_path: Path) -> None:
    """The program waits for it, says so, and a second signal ends it."""
    settings = write(tmp_path, {"sleeper": BEGIN + "start_engine():\n    time.sleep(3600)\n"})
    Agent(tmp_path, **settings)  # writes the configuration
    command: list[str | Path] = [sys.executable, "-m", "webfail2ban", "run", "--config"]
    running = Running("sleeper", [*command, tmp_path / "agent.yaml"], tmp_path / "log")
    running.wait_for("plugin sleeper hasn't started after 10 s; everything waits for it")
    assert " ready: " not in running.said
    try:
        wait_until(lambda: end(running), "the end")
    finally:
        running.signal(signal.SIGKILL)


def end(running: Running) -> bool:
    """Ask it to end, again; return whether it has ended."""
    running.signal(signal.SIGTERM)
    return running.status is not None


def ask(directory: Path, *command: str) -> str:
    """Ask the running program as its operator does."""
    ran = subprocess.run(
        [sys.executable, "-m", "webfail2ban", *command, "--api", str(directory / "api.sock")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode in {0, 1}, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("name", UNSTARTABLE)
def test_a_plugin_that_cannot_start_stops_the_start(name: str, tmp_path: Path) -> None:
    """With its name and the reason in one line, and no traceback."""
    text, said = UNSTARTABLE[name]
    configuration = tmp_path / "config.yaml"
    settings = write(tmp_path, {name: text})
    settings |= {
        "plugins": [name, "whitelist"],
        "spoa": {"address": LOOPBACK, "port": 0},
        "api": {"socket": "none"},
        "store": {"enabled": False},
    }
    configuration.write_text(json.dumps(settings))
    ran = subprocess.run(
        [sys.executable, "-m", "webfail2ban", "run", "--config", configuration],
        env={name: value for name, value in os.environ.items() if "FAIL2BAN" not in name},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr

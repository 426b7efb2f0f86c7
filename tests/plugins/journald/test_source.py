"""The plugin as the sensor and the engine call it, and in the real program."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.e2e.agent import Agent
from tests.plugins.journald.conftest import FakeSensor, Until
from tests.plugins.journald.journals import Journal, serialize
from tests.waiting import is_running, wait_until
from webfail2ban import EngineSettings
from webfail2ban.testing import SpopClient
from webfail2ban_journald import Journald, JournaldSettings

CLIENT, VICTIM = "192.0.2.111", "203.0.113.66"


def list_children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def failed(client: str, **fields: Any) -> bytes:
    """Return what sshd says of a wrong password."""
    return serialize(f"Failed password for root from {client} port 4711 ssh2", **fields)


@pytest.fixture
def plugin(journal: Journal) -> Iterator[Journald]:
    """The plugin, configured for sshd and another program."""
    plugin = Journald()
    settings = {
        "directory": journal.directory,
        "start": "beginning",
        "filters": ["sshd"],
        "matches": ["SYSLOG_IDENTIFIER=webmail"],
    }
    plugin.configure(JournaldSettings.model_validate(settings), EngineSettings())
    plugin.prepare_sensor()
    yield plugin
    plugin.stop_sensor()


def test_it_reads_what_filters_and_matches_mean(
    journal: Journal, plugin: Journald, until: Until
) -> None:
    """A program that calls itself sshd isn't what the kernel calls so."""
    journal.write(
        serialize("a"),
        serialize("b", _COMM="logger"),
        serialize("c", _COMM="php", SYSLOG_IDENTIFIER="webmail"),
    )
    sensor = FakeSensor()
    plugin.start_sensor(sensor)
    gevent.spawn(sensor.spawned[0])
    until(lambda: len(sensor.lines) > 1, "two lines")
    assert sensor.texts == ["a", "c"]


def test_how_it_stands(journal: Journal, plugin: Journald, until: Until) -> None:
    """Its lines, and how old the last one is."""
    journal.write(serialize("a", 1_700_000_000))
    assert plugin.status(plugin.report()).sources == ()
    sensor = FakeSensor()
    plugin.start_sensor(sensor)
    assert plugin.status(plugin.report()).sources[0].state == "waits for the first entry"
    gevent.spawn(sensor.spawned[0])
    until(lambda: sensor.position("journald"), "the position")
    status = plugin.status(plugin.report())
    [source] = status.sources
    assert (source.name, source.lines, status.problems) == ("journald", 1, ())
    assert source.state.startswith("read up to an entry that is ")
    assert source.last_line is not None


def test_what_is_wrong_is_a_problem(journal: Journal, plugin: Journald, until: Until) -> None:
    """Of which the watchdog warns."""
    journal.directory.rmdir()
    sensor = FakeSensor()
    plugin.start_sensor(sensor)
    gevent.spawn(sensor.spawned[0])

    def problems() -> Any:
        return plugin.status(plugin.report()).problems

    until(problems, "a problem")
    assert problems()[0].startswith("the journal can't be read: journalctl ended: Failed to open")


@pytest.fixture
def agent(tmp_path: Path, journal: Journal) -> Iterator[Agent]:
    """The program, with a jail for sshd that only reads its unit."""
    jail = {"filter": "sshd", "maxretry": 3, "sources": ["journald:ssh.service"]}
    agent = Agent(
        tmp_path,
        plugins=["jails", "syslog", "tail", "journald"],
        journald={"directory": str(journal.directory)},
        jails={"DEFAULT": {"ignoreself": False}, "sshd": jail},
    )
    yield agent
    agent.stop()


def test_failures_in_the_journal_ban(agent: Agent, journal: Journal) -> None:
    """Each once, whatever happens to the sensor; and nobody else can have a client banned."""
    agent.start()
    host, _, port = agent.where.rpartition(":")
    forged = [failed(VICTIM, _SYSTEMD_UNIT="php.service", _COMM="php") for _ in range(9)]
    with journal.writing() as writer, SpopClient((host, int(port))) as client:
        writer.write(b"".join(forged) + failed(CLIENT) + failed(CLIENT))
        writer.write(failed("192.0.2.1") * 3)
        wait_until(lambda: client.check("192.0.2.1")["banned"], "the first ban")
        first = agent.sensor
        assert first
        [reader] = list_children(first)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: agent.sensor not in (None, first), "another sensor")
        wait_until(lambda: not is_running(reader), "the end of journalctl")
        writer.write(failed("192.0.2.2") * 3)
        wait_until(lambda: client.check("192.0.2.2")["banned"], "the second ban")
        assert not client.check(CLIENT)["banned"]
        writer.write(failed(CLIENT))
        wait_until(lambda: client.check(CLIENT)["banned"], "the third ban")
        assert not client.check(VICTIM)["banned"]

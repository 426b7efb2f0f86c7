"""The agent goes away, hangs, comes back: no client is refused for it, and none waits long."""

import os
import signal
import time

import pytest

from tests.e2e import shipped
from tests.e2e.clients import Answer
from tests.e2e.load import Load
from tests.e2e.probe import Probe
from tests.e2e.processes import is_running
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until


def is_open(answer: Answer) -> bool:
    """Whether a client was let in without a verdict, and HAProxy knows that it got none."""
    return answer.status == 200 and "x-error" in answer.headers


@pytest.mark.haproxy3
def test_the_check_tells_whether_the_agent_answers(stage: Stage) -> None:
    """HAProxy finds it down when it was stopped, and when it hangs, and up in between."""
    probe = Probe(stage)
    probe.wait_for_agent("UP")
    probe.agent.stop()
    probe.wait_for_agent("DOWN")
    probe.agent.start()
    probe.wait_for_agent("UP")
    probe.agent.hang()  # its port stays open, so a plain TCP check would find it up
    probe.wait_for_agent("DOWN")
    probe.agent.wake()
    probe.wait_for_agent("UP")


def test_without_the_agent_requests_pass_until_it_is_back(stage: Stage) -> None:
    """Even a banned client gets in, the error variable is set, and a new agent is asked again."""
    probe = Probe(stage)
    probe.ban("192.0.2.10")
    assert probe.agent.stop() == 0
    assert is_open(probe.get("192.0.2.10"))
    probe.agent.start()
    probe.wait_for_verdicts()
    probe.ban("192.0.2.10")


def test_nobody_is_asked_about_while_no_agent_is_up(stage: Stage) -> None:
    """With the README's condition clients pass without an error or a delay while it is down."""
    probe = Probe(stage, message=shipped.readme_block("spoe", "nbsrv"))
    probe.ban("192.0.2.12")
    probe.agent.stop()
    probe.wait_for_agent("DOWN")
    answer = probe.get("192.0.2.12")
    assert (answer.status, is_open(answer), "x-banned" in answer.headers) == (200, False, False)


@pytest.mark.haproxy3
def test_a_hung_agent_delays_a_request_no_longer_than_the_processing_timeout(stage: Stage) -> None:
    """The request passes with a timeout's error; once the agent goes on, so do its verdicts."""
    probe = Probe(stage)
    probe.ban("192.0.2.11")
    probe.agent.hang()
    began = time.monotonic()
    answer = probe.get("192.0.2.11")
    # 50 ms are configured; without them it would be the three minutes of `timeout server`.
    assert time.monotonic() - began < 5
    assert is_open(answer)
    probe.agent.wake()
    probe.wait_for("192.0.2.11", 403)


def test_a_restart_of_the_agent_refuses_nobody(stage: Stage) -> None:
    """Under load every request gets 200, with a verdict or without, while the agent restarts."""
    probe = Probe(stage)
    with Load(probe, ["192.0.2.20", "192.0.2.21", "2001:db8:20::1"]) as load:
        load.go_on()
        assert probe.agent.stop() == 0
        wait_until(lambda: any(is_open(seen.answer) for seen in load.seen), "the outage is seen")
        probe.agent.start()
        probe.wait_for_verdicts()
        load.go_on()
    assert {seen.answer.status for seen in load.seen} == {200}
    assert "x-banned" in load.seen[-1].answer.headers


@pytest.mark.haproxy3
def test_a_reload_of_haproxy_loses_no_request(stage: Stage) -> None:
    """Under load every request is answered, with a verdict, while HAProxy is reloaded twice."""
    probe = Probe(stage, master=True)
    with Load(probe, ["192.0.2.30", "192.0.2.31", "2001:db8:30::1"]) as load:
        for _ in range(2):
            load.go_on()
            probe.haproxy.reload()
        load.go_on()
    assert {seen.answer.status for seen in load.seen} == {200}
    assert {seen.answer.headers.get("x-banned") for seen in load.seen} == {"0"}


def test_a_killed_sensor_is_started_again(stage: Stage) -> None:
    """Bans that were in force stay so, and further lines ban."""
    probe = Probe(stage)
    probe.ban("192.0.2.40")
    killed = probe.agent.sensor
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not is_running(killed), "the sensor is gone")
    assert probe.get("192.0.2.40").status == 403

    def ban() -> bool:
        probe.agent.fail_logins("192.0.2.41")  # what comes while nobody listens is lost
        return probe.get("192.0.2.41").status == 403

    wait_until(ban, "lines ban again")

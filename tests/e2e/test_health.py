"""What goes wrong without a word elsewhere is said in words: the program as its users run it."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.agent import Agent
from tests.e2e.waiting import wait_until

#: Seconds between two lines of a log; the agent looks at the date of one each second.
TICK = 0.05

#: A proxy that the backend's log names instead of its clients.
PROXY = "127.0.0.5"

HOUR = 3600


class ApiConnection(http.client.HTTPConnection):
    """Asks over the agent's unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


@contextmanager
def running(directory: Path, **settings: Any) -> Iterator[tuple[Agent, Callable[[], list[str]]]]:
    """Run the agent; yield it and what asks it what is wrong."""
    api = directory / "api.sock"
    agent = Agent(directory, api={"socket": str(api)}, **settings)

    def ask() -> list[str]:
        connection = ApiConnection(api)
        try:
            connection.request("GET", "/healthz")
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        assert answer["status"] == ("degraded" if answer["problems"] else "ok")
        problems: list[str] = answer["problems"]
        return problems

    agent.start()
    try:
        yield agent, ask
    finally:
        agent.stop()


@contextmanager
def writing(log: Path, make_line: Callable[[], str]) -> Iterator[None]:
    """Write a line to a log again and again, as a server does."""
    done = threading.Event()

    def write() -> None:
        with log.open("a", encoding="utf-8", buffering=1) as file:
            while not done.wait(TICK):
                file.write(make_line() + "\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def test_a_clock_that_is_off_is_said(tmp_path: Path) -> None:
    """Though no line of the log is a failure."""
    with running(tmp_path) as (agent, ask):
        assert ask() == []
        with writing(agent.mail_log, lambda: f"{stamp(time.time() - HOUR)} host dovecot: hello"):
            problems = wait_until(ask, "a clock that is off")
    assert "dovecot: stamps are 1h behind this machine's clock" in problems


def test_dates_that_nobody_can_read_are_said(tmp_path: Path) -> None:
    """Such a jail is deaf, whatever the log tells."""
    jails = {"app": {"failregex": ["failed from <HOST>$"], "datepattern": ["^%Y/%m/%d "]}}
    with running(tmp_path, jails=jails) as (agent, ask):
        lines = "\n".join([f"{stamp(time.time())} failed from 192.0.2.{n}" for n in range(30)])

        def write() -> list[str]:
            with agent.mail_log.open("a", encoding="utf-8") as file:
                file.write(lines + "\n")
            return ask()

        (problem,) = wait_until(write, "no date that parses")
    assert problem.startswith("app: ")
    assert problem.endswith(" lines, none with a date that parses")


def test_hits_that_all_come_from_a_trusted_proxy_are_said(tmp_path: Path) -> None:
    """It is never banned: everybody who comes through it would be."""
    with running(tmp_path, trusted_proxies=[PROXY]) as (agent, ask):
        agent.fail_logins(PROXY, times=30)
        (problem,) = wait_until(ask, "hits of a proxy")
        assert " ban " not in agent.process.said
    assert problem.startswith(f"dovecot: all hits are from {PROXY}, which is a trusted proxy")

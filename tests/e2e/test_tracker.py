"""What clients of a raw TCP service say first, by the shipped configuration."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.e2e import shipped
from tests.e2e.agent import Agent
from tests.e2e.backends import MailServer
from tests.e2e.clients import connect
from tests.e2e.ports import LOOPBACK, free_port
from tests.e2e.stage import Stage
from tests.e2e.waiting import wait_until

#: What the tracker's server says to whoever gets there.
WELCOME = b"@NTC welcome\n"

RIGHT = b"@NTC\x01\0\0\0\0\0\0\0\x13\0\x07\x5e"
HTTP = b"GET / HTTP/1.1\r\nHost: tracker.example\r\n\r\n"

CHECK = {
    "rules": [
        {"prefix": "404e5443", "then": "pass"},
        {"looks_like": ["tls", "http", "ssh"], "then": "ban", "reason": "a scanner"},
    ],
    "otherwise": "ban",
}


#: Nobody waits so long: who passes or is refused within it wasn't waited for.
NEVER = "1h"


class Tracker:
    """The service behind HAProxy.

    Args:
        stage: Where it runs.
        delay: How long HAProxy waits for what clients say.
        **check: Further settings of the check.
    """

    def __init__(self, stage: Stage, delay: str = NEVER, **check: str) -> None:
        self.agent: Agent = stage.start_agent(
            plugins=["whitelist", "jails", "syslog", "tail", "payload"],
            payload={"tracker": {**CHECK, **check}},
        )
        self.server = MailServer(WELCOME)
        self.port = free_port()
        self.directory = stage.directory
        (stage.directory / "whitelist.lst").write_text("198.51.100.1\n", "utf-8")
        moves = {
            "bind :::9206 v4v6": f"bind {LOOPBACK}:{self.port} accept-proxy",
            "127.0.0.1:19206": f"127.0.0.1:{stage.serve(self.server)}",
            "inspect-delay 5s": f"inspect-delay {delay}",
            shipped.AGENT: self.agent.where,
        }
        self.haproxy = stage.start_haproxy(shipped.scenario("tracker.cfg", stage.directory, moves))
        self.haproxy.wait_for_server("webfail2ban-agents", "agent1", "UP")
        strangers = (f"2001:db8:ffff::{number:x}" for number in count())
        wait_until(lambda: self.say(next(strangers), b"none") == b"", "HAProxy gets verdicts")

    def say(self, client: str, *parts: bytes) -> bytes:
        """Send segments; return what the server says, nothing if HAProxy ends the connection."""
        with connect(self.port, client) as connection:
            try:
                for part in parts:
                    connection.sendall(part)
                return connection.recv(1024)
            except (BrokenPipeError, ConnectionResetError):
                return b""


@pytest.fixture(scope="module")
def tracker(binary: Path) -> Iterator[Tracker]:
    """A service for the tests that disturb nobody; each takes client addresses of its own."""
    with Stage(binary) as stage:
        yield Tracker(stage)


@pytest.fixture(scope="module")
def banning(binary: Path) -> Iterator[Tracker]:
    """A service that bans for another protocol, and doesn't wait long for silent clients."""
    with Stage(binary) as stage:
        yield Tracker(stage, delay="200ms", ban_for="10m")


def test_the_right_protocol_passes(tracker: Tracker) -> None:
    """In one segment, or cut in the middle of what tells it."""
    assert tracker.say("192.0.2.1", RIGHT) == WELCOME
    assert tracker.say("2001:db8::1", RIGHT[:2], RIGHT[2:]) == WELCOME


@pytest.mark.parametrize(
    "said",
    [HTTP, b"\x16\x03\x01\x02\0\x01\0\x01\xfc", b"SSH-2.0-x\r\n", b"\0\0\0\0", b"\xff" * 9000],
)
def test_other_bytes_are_refused(tracker: Tracker, said: bytes) -> None:
    """Whatever they are, and however many; the server doesn't hear of them."""
    assert tracker.say("192.0.2.2", said) == b""
    assert "192.0.2.2" not in tracker.server.clients


def test_who_was_refused_may_try_again(tracker: Tracker) -> None:
    """Where no ban is configured, each connection is for itself."""
    assert tracker.say("192.0.2.3", HTTP) == b""
    assert tracker.say("192.0.2.3", RIGHT) == WELCOME


def test_whom_haproxy_knows_may_say_what_he_likes(tracker: Tracker) -> None:
    """About a client in whitelist.lst nobody is asked."""
    assert tracker.say("198.51.100.1", HTTP) == WELCOME


def test_a_client_that_a_jail_banned_says_nothing(tracker: Tracker) -> None:
    """He is refused by his address, whatever he would say."""
    tracker.agent.fail_logins("192.0.2.20")
    tracker.agent.process.wait_for(" ban 192.0.2.20 ")
    assert tracker.say("192.0.2.20", RIGHT) == b""


@pytest.mark.parametrize("client", ["192.0.2.21", "2001:db8:21::1"])
def test_who_connects_too_often_is_refused_by_haproxy_itself(tracker: Tracker, client: str) -> None:
    """From the twenty-first time within half a minute on, whatever he says; others aren't."""
    for _ in range(20):
        assert tracker.say(client, RIGHT) == WELCOME
    assert tracker.say(client, RIGHT) == b""
    assert tracker.say("192.0.2.22", RIGHT) == WELCOME


def test_whom_haproxy_knows_may_come_as_often_as_he_likes(tracker: Tracker) -> None:
    """The whitelist holds there, too."""
    for _ in range(25):
        assert tracker.say("198.51.100.1", RIGHT) == WELCOME


def test_the_address_is_banned_where_that_is_wanted(banning: Tracker) -> None:
    """One wrong word, and the right one is refused too; the log says why."""
    assert banning.say("192.0.2.30", RIGHT) == WELCOME
    assert banning.say("192.0.2.30", HTTP) == b""
    assert banning.say("192.0.2.30", RIGHT) == b""
    banning.agent.process.wait_for(" ban 192.0.2.30 [tracker] for 10m: a scanner")


def test_who_says_nothing_is_waited_for_and_not_banned(banning: Tracker) -> None:
    """Nor who says too little to tell; the server doesn't hear of either."""
    for said in (b"", b"@NT"):
        assert banning.say("192.0.2.31", said) == b""
    assert "192.0.2.31" not in banning.server.clients
    assert banning.say("192.0.2.31", RIGHT) == WELCOME


def test_without_an_agent_the_service_is_open(stage: Stage) -> None:
    """As everywhere: without a verdict clients pass."""
    tracker = Tracker(stage)
    tracker.agent.stop()
    assert tracker.say("192.0.2.40", HTTP) == WELCOME

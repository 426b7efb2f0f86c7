"""A web service that fails is tried again, and harms nobody else."""

import logging
import re
from collections.abc import Callable

import pytest

from tests.plugins.webhook.conftest import (
    Behaviour,
    Notice,
    Receiver,
    answer,
    begin,
    close,
    hang,
    make_ban,
    never_end,
    say,
    wait,
)
from webfail2ban.testing import Clock

MakeNotice = Callable[..., Notice]

FAILURES: dict[str, tuple[Behaviour, str]] = {
    "500": (answer(500), "HTTP 500"),
    "429": (answer(429, "Retry-After: 1000\r\n"), "HTTP 429"),
    "unauthorized": (answer(401), "HTTP 401"),
    "hangs": (hang, "no answer within 200ms"),
    "closes": (close, "disconnected without sending a response"),
    "garbage": (say(b"\x00\xff nothing like HTTP\r\n\r\n"), "illegal status line"),
    "half": (say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"), "without sending complete"),
    "slow": (begin(b"HTTP/1.1 200 OK\r\nX: "), "no answer within 200ms"),
    "endless headers": (never_end(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), "buffer too long"),
    "redirects": (answer(302, "Location: http://192.0.2.9/\r\n"), "HTTP 302: it wants"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_message_is_told_again_until_it_is_taken(
    name: str, receiver: Receiver, make_notice: MakeNotice
) -> None:
    """Whatever goes wrong; the reason is said meanwhile, and forgotten then."""
    behaviour, words = FAILURES[name]
    receiver.usually = behaviour
    timeout = "200ms" if "200ms" in words else "20s"
    notice = make_notice(receiver.url(), timeout=timeout, body="{network}")
    notice.plugin.ban(make_ban())
    wait(lambda: words in "".join(notice.problems), f"it says {words!r}")
    assert notice.count("waiting") == 1
    receiver.usually = answer(200, body=b"thanks")
    wait(lambda: notice.count("sent_total") == 1, "it is taken")
    assert receiver.bodies[-1] == "192.0.2.1"
    assert notice.problems == []


def test_an_endless_answer_is_not_read(receiver: Receiver, make_notice: MakeNotice) -> None:
    """Its status is enough; the connection ends with it."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    receiver.usually = never_end(head, b"2000\r\n" + 8192 * b"x" + b"\r\n")
    notice = make_notice(receiver.url())
    notice.plugin.ban(make_ban(1))
    notice.plugin.ban(make_ban(2))
    wait(lambda: notice.count("sent_total") == 2, "both are taken")
    assert receiver.connections == 2


def test_nobody_there_is_a_failure_too(receiver: Receiver, make_notice: MakeNotice) -> None:
    """A port on which nobody listens."""
    receiver.stop()
    notice = make_notice(receiver.url())
    notice.plugin.ban(make_ban())
    wait(lambda: "Connection refused" in "".join(notice.problems), "it says so")


def test_a_problem_tells_since_when_and_how_much_waits(
    receiver: Receiver, make_notice: MakeNotice, clock: Clock
) -> None:
    """In words, and without what may be a key in the URL."""
    receiver.usually = answer(500)
    notice = make_notice(receiver.url())
    for number in range(1, 131):
        notice.plugin.ban(make_ban(number))
    wait(lambda: notice.problems, "it fails")
    clock.turn(7200)
    (problem,) = notice.problems
    where = receiver.url().partition("/hook")[0]
    assert problem == (
        f"webhook soc: {where}/... has failed for 2h: HTTP 500; 130 messages wait, 0 were dropped"
    )


def test_the_order_is_kept_through_failures(receiver: Receiver, make_notice: MakeNotice) -> None:
    """The first stays the first."""
    receiver.behaviours = [answer(500), close, answer(503)]
    notice = make_notice(receiver.url(), body="{network}")
    for number in (1, 2, 3):
        notice.plugin.ban(make_ban(number))
    wait(lambda: notice.count("sent_total") == 3, "all are taken")
    assert receiver.bodies == ["192.0.2.1"] * 4 + ["192.0.2.2", "192.0.2.3"]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_message_keeps_no_other(
    status: int, receiver: Receiver, make_notice: MakeNotice, clock: Clock
) -> None:
    """It is counted and named, and the next one is told."""
    receiver.behaviours = [answer(status)]
    notice = make_notice(receiver.url(), body="{network}")
    notice.plugin.ban(make_ban(1))
    notice.plugin.ban(make_ban(2))
    wait(lambda: notice.count("sent_total") == 1, "the other is taken")
    assert receiver.bodies == ["192.0.2.1", "192.0.2.2"]
    assert notice.count("failed_total") == 1
    assert f"refuses messages: HTTP {status}; 1 were lost" in notice.problems[0]
    clock.turn(3600)
    assert notice.problems == []


def test_the_oldest_make_room(receiver: Receiver, make_notice: MakeNotice) -> None:
    """They are counted, and it is said why."""
    notice = make_notice(receiver.url(), queue=2, body="{network}")
    for number in range(1, 6):
        notice.plugin.ban(make_ban(number))
    wait(lambda: notice.count("sent_total") == 2, "what waits is taken")
    assert receiver.bodies == ["192.0.2.4", "192.0.2.5"]
    assert notice.count("dropped_total") == 3
    assert "3 messages were dropped" in notice.problems[0]


def test_a_message_is_given_up_when_it_is_old(
    receiver: Receiver, make_notice: MakeNotice, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody wants to hear of last week's bans."""
    receiver.usually = answer(500)
    notice = make_notice(receiver.url(), retry_for="1h")
    notice.plugin.ban(make_ban())
    wait(lambda: notice.problems, "it fails")
    clock.turn(3601)
    wait(lambda: notice.count("failed_total") == 1, "it is given up")
    assert notice.count("waiting") == 0
    assert "webhook soc: 1 messages are given up" in caplog.text


def test_the_log_tells_of_a_failure_once_and_never_secrets(
    receiver: Receiver, make_notice: MakeNotice, caplog: pytest.LogCaptureFixture
) -> None:
    """One line for its beginning, one for its end."""
    caplog.set_level(logging.DEBUG)
    receiver.behaviours = [answer(500)] * 5
    notice = make_notice(receiver.url(), token="t0ken", headers={"X-Key": "k3y"})  # noqa: S106 - a test
    notice.plugin.ban(make_ban())
    wait(lambda: notice.count("sent_total") == 1, "it is taken")
    assert receiver.requests[0].headers["authorization"] == "Bearer t0ken"
    lines = [record.message for record in caplog.records if "webhook" in record.name]
    assert len(lines) == 2
    assert re.search(r"webhook soc: http://127\.0\.0\.1:\d+/\.\.\.: HTTP 500; .* for 1d$", lines[0])
    assert "takes messages again" in lines[1]
    assert not re.search("t0ken|k3y|key-of-the-url", caplog.text)


def test_a_ban_is_told_at_once_whatever_the_service_does(
    receiver: Receiver, make_notice: MakeNotice
) -> None:
    """The hook returns before anything is sent: it only leaves a message."""
    receiver.usually = hang
    notice = make_notice(receiver.url())
    for number in range(200):
        notice.plugin.ban(make_ban(number))
    assert receiver.connections == 0
    assert notice.count("waiting") == 200

"""One connection: answers, timeouts, ends, garbage; and what each leaves behind."""

import gc
import logging
import random
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import gevent
import pytest
from gevent.event import Event

from tests.serving import Answers, Serving
from tests.waiting import descriptors, wait_until
from webfail2ban.spoa.client import Client
from webfail2ban.spop import (
    Ack,
    AgentDisconnect,
    Connection,
    Message,
    Scope,
    SetVar,
    Status,
    encode_actions,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.testing import SpopClient

#: SO_LINGER with a linger time of 0: closing sends RST instead of FIN (socket(7)).
RESET = struct.pack("ii", 1, 0)

#: Short enough to wait for, long enough for a busy machine to ask in time.
READ_TIMEOUT = 0.6

NORMAL = AgentDisconnect(0, Status.NORMAL.explanation)
TIMEOUT = AgentDisconnect(2, Status.TIMEOUT.explanation)

HTTP = b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n"
TLS = bytes.fromhex("16030100f8010000f40303") + bytes(range(240))
RANDOM = random.Random(1).randbytes(5000)  # noqa: S311 - the same garbage each time


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving(Answers()) as serving:
        yield serving


@pytest.fixture
def hasty() -> Iterator[Serving]:
    """A server with a short read timeout."""
    with Serving(Answers(), read_timeout=READ_TIMEOUT) as serving:
        yield serving


def question(number: int, name: str = "check-ip") -> bytes:
    return serialize_notify(number, 1, [Message(name)])


def ids(client: SpopClient, count: int) -> list[int]:
    """Receive ACKs, and return their stream ids."""
    acks = [client.receive() for _ in range(count)]
    return [ack.stream_id for ack in acks if isinstance(ack, Ack)]


def alive(kind: type) -> int:
    """Count the objects of a type."""
    gc.collect()
    return sum(isinstance(thing, kind) for thing in gc.get_objects())


# Questions and answers


def test_many_questions_in_one_segment_are_all_answered(serving: Serving) -> None:
    """HAProxy keeps up to twenty outstanding."""
    with serving.client() as client:
        client.send(b"".join(question(number) for number in range(200)))
        assert ids(client, 200) == list(range(200))


def test_questions_are_answered_wherever_they_are_cut(serving: Serving) -> None:
    """TCP cuts where it likes."""
    data = b"".join(question(number, f"message-{number}") for number in range(40))
    with serving.client() as client:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        at, steps = 0, random.Random(2)  # noqa: S311 - the same cuts each time
        while at < len(data):
            size = steps.choice([1, 2, 3, 5, 50, 500])
            client.send(data[at : at + size])
            at += size
        assert ids(client, 40) == list(range(40))


def test_hello_and_questions_may_come_at_once(serving: Serving) -> None:
    """Nobody has to wait for the answer."""
    with serving.client(hello=False) as client:
        client.send(serialize_haproxy_hello() + question(1) + question(2))
        assert client.receive()
        assert ids(client, 2) == [1, 2]


def test_what_is_remembered_is_not_asked_again(serving: Serving) -> None:
    """The answer goes out with this question's ids."""
    agent = serving.agent
    with serving.client() as client:
        payload = question(1)[11:]
        agent.remembered[payload] = encode_actions([SetVar(Scope.TRANSACTION, "name", "kept")])
        for number in (1, 300, 2**31):
            client.send(question(number))
            assert client.receive() == Ack(number, 1, (SetVar(Scope.TRANSACTION, "name", "kept"),))
        assert not agent.asked


def test_ended_answers_are_dropped_before_each_look() -> None:
    """Refresh comes before recall."""
    agent = Answers()
    agent.remembered[question(1)[11:]] = b"over"
    agent.refresh = agent.remembered.clear
    with Serving(agent) as serving, serving.client() as client:
        assert client.check("192.0.2.1") == {"name": "check-ip"}


def test_while_a_plugin_waits_nothing_is_lost() -> None:
    """Neither of this connection nor of others, which are served meanwhile."""
    go_on = Event()
    agent = Answers(before=lambda name: name == "slow" and go_on.wait())
    with Serving(agent) as serving, serving.client() as waiting, serving.client() as other:
        waiting.send(question(1, "slow"))
        wait_until(lambda: agent.asked, "the question is in work")
        waiting.send(question(2) + question(3)[:7])
        for number in range(50):
            assert other.check(f"192.0.2.{number}") == {"name": "check-ip"}
        waiting.send(question(3)[7:])
        serving.call(go_on.set)
        assert ids(waiting, 3) == [1, 2, 3]


def test_while_a_plugin_waits_the_processor_rests() -> None:
    """Although its connection has input that nobody reads."""
    go_on = Event()
    agent = Answers(before=lambda name: name == "slow" and go_on.wait())
    with Serving(agent) as serving, serving.client() as waiting:
        waiting.send(question(1, "slow"))
        wait_until(lambda: agent.asked, "the question is in work")
        waiting.send(question(2))
        loop = serving.call(lambda: gevent.get_hub().loop).result()
        rounds = [0]
        watcher = loop.prepare()
        serving.call(lambda: watcher.start(lambda: rounds.__setitem__(0, rounds[0] + 1))).result()
        before = rounds[0]
        time.sleep(0.2)  # a busy loop would go round ten thousand times
        assert rounds[0] - before < 100
        serving.call(watcher.stop).result()
        serving.call(go_on.set)
        assert ids(waiting, 2) == [1, 2]


def test_an_agent_that_fails_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    """HAProxy is told at once instead of waiting for an answer, and others are served."""

    def fail(name: str) -> None:
        if name == "broken":
            raise OSError("no such luck")

    with Serving(Answers(before=fail)) as serving, serving.client() as other:
        with serving.client() as client:
            client.send(question(1) + question(2, "broken") + question(3))
            assert ids(client, 2) == [1, 3]
            assert client.receive() == AgentDisconnect(99, Status.UNKNOWN.explanation)
            assert client.receive() is None
        assert other.check("192.0.2.1")
        wait_until(lambda: serving.server.errors == {99: 1}, "it is counted")
    assert "can't be answered" in caplog.text


# Timeouts


def test_a_client_that_says_nothing_is_ended(hasty: Serving) -> None:
    """Before its HELLO nobody knows what it wants."""
    with hasty.client(hello=False) as client:
        assert client.receive() == TIMEOUT
        assert client.receive() is None
    wait_until(lambda: hasty.server.errors == {2: 1}, "it is counted")


def test_a_client_that_is_silent_within_a_frame_is_ended(hasty: Serving) -> None:
    """Half a question is no question."""
    with hasty.client() as client:
        client.send(question(1)[:9])
        assert client.receive() == TIMEOUT
        assert client.receive() is None


def test_a_client_that_drips_is_ended(hasty: Serving) -> None:
    """A byte now and then keeps no connection alive."""
    frame = question(1, "x" * 200)
    with hasty.client() as client:
        client.sock.settimeout(READ_TIMEOUT / 20)
        for at in range(len(frame) - 1):
            client.send(frame[at : at + 1])
            try:
                reply = client.receive()
            except TimeoutError:
                continue
            assert reply == TIMEOUT
            return
    pytest.fail("the connection lived on")


def test_an_idle_client_is_ended_politely(hasty: Serving) -> None:
    """HAProxy keeps more connections than it needs; that is no error."""
    with hasty.client() as client:
        assert client.check("192.0.2.1")
        assert client.receive() == NORMAL
        assert client.receive() is None
    hasty.wait_for_clients(0)
    assert not hasty.server.errors


def test_a_client_that_asks_is_never_ended() -> None:
    """However seldom, as long as it is more often than the timeout."""
    timeout = 1.2
    with Serving(Answers(), read_timeout=timeout) as serving, serving.client() as client:
        for _ in range(5):
            assert client.check("192.0.2.1")
            time.sleep(timeout / 2)  # this is the behaviour: a question now and then
        assert client.check("192.0.2.1")


def test_a_client_that_waits_for_a_plugin_is_not_silent() -> None:
    """It is our turn, not its."""
    go_on = Event()
    agent = Answers(before=lambda _: go_on.wait())
    with Serving(agent, read_timeout=0.4) as serving, serving.client() as client:
        client.send(question(1))
        with serving.client() as idle:  # this one is ended by many sweeps that spare the other
            assert idle.receive() == NORMAL
        serving.wait_for_clients(1)
        serving.call(go_on.set)
        assert ids(client, 1) == [1]


def test_a_client_that_never_reads_is_cut_off(hasty: Serving) -> None:
    """Others are served meanwhile."""
    with hasty.client() as deaf, hasty.client() as other:
        deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sock.setblocking(False)
        block = b"".join(question(number, "x" * 100) for number in range(500))

        def talk() -> bool:
            assert other.check("192.0.2.1")
            try:
                while True:
                    deaf.sock.send(block)
            except BlockingIOError:
                return False
            except ConnectionError:
                return True

        wait_until(talk, "it is cut off")
        wait_until(lambda: hasty.server.errors[2] == 1, "it is counted")
        assert hasty.server.clients == 1
        assert other.check("192.0.2.1")


# Ends


def test_goodbye_is_answered(serving: Serving) -> None:
    """And then the connection closes."""
    with serving.client() as client:
        client.send(question(1) + serialize_haproxy_disconnect())
        assert ids(client, 1) == [1]
        assert client.receive() == NORMAL
        assert client.receive() is None


def test_a_client_that_says_no_more_still_gets_its_answers(serving: Serving) -> None:
    """FIN ends one direction only."""
    with serving.client() as client:
        client.send(b"".join(question(number) for number in range(30)))
        client.sock.shutdown(socket.SHUT_WR)
        assert ids(client, 30) == list(range(30))
        assert client.receive() is None


def test_an_answer_that_comes_after_the_end_of_the_questions_is_sent() -> None:
    """The plugin waited longer than HAProxy."""
    go_on = Event()
    agent = Answers(before=lambda _: go_on.wait())
    with Serving(agent) as serving, serving.client() as client:
        client.send(question(1))
        wait_until(lambda: agent.asked, "the question is in work")
        client.sock.shutdown(socket.SHUT_WR)
        serving.call(go_on.set)
        assert ids(client, 1) == [1]
        assert client.receive() is None


def test_a_health_check_is_answered_and_closed(serving: Serving) -> None:
    """With AGENT-HELLO alone (SPOE.txt 3.2.3)."""
    with serving.client(hello=False) as client:
        assert client.hello(healthcheck=True).capabilities == {"pipelining"}
        assert client.receive() is None


def test_a_health_check_that_resets_is_normal(serving: Serving) -> None:
    """So HAProxy does it."""
    with serving.client(hello=False) as client:
        client.hello(healthcheck=True)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    serving.wait_for_clients(0)
    assert not serving.server.errors


# Garbage


@pytest.mark.parametrize(
    ("garbage", "status"),
    [
        (HTTP, Status.FRAME_TOO_BIG),
        (TLS, Status.FRAME_TOO_BIG),
        (RANDOM, Status.FRAME_TOO_BIG),
        (bytes(100), Status.INVALID_FRAME),
        (bytes.fromhex("00000009 03 00000001 00 00 0000"), Status.INVALID_FRAME),
        (bytes.fromhex("00000009 01 00000001 00 00 ffff"), Status.INVALID_FRAME),
        (serialize_haproxy_hello(versions="1.0"), Status.UNSUPPORTED_VERSION),
        (serialize_haproxy_hello(max_frame_size=100), Status.BAD_MAX_FRAME_SIZE),
        (serialize_haproxy_hello()[:20], Status.INVALID_FRAME),
    ],
    ids=["HTTP", "TLS", "random", "zeros", "early", "undecodable", "version", "size", "cut"],
)
def test_garbage_is_told_what_is_wrong_with_it(
    serving: Serving, garbage: bytes, status: Status
) -> None:
    """With the status code of the specification; the next connection works."""
    with serving.client(hello=False) as client:
        client.send(garbage)
        client.sock.shutdown(socket.SHUT_WR)
        reply = client.receive()
        assert isinstance(reply, AgentDisconnect)
        assert reply.status == status
        assert client.receive() is None
    wait_until(lambda: serving.server.errors == {status: 1}, "it is counted")
    with serving.client() as client:
        assert client.check("192.0.2.1")


def test_garbage_after_questions_does_not_cost_their_answers(serving: Serving) -> None:
    """They were good."""
    with serving.client() as client:
        client.send(question(1) + question(2) + HTTP)
        assert ids(client, 2) == [1, 2]
        assert isinstance(client.receive(), AgentDisconnect)
        assert client.receive() is None


def test_the_last_words_arrive_although_more_was_sent(serving: Serving) -> None:
    """Closing with unread input would make the kernel send RST, and they would be lost."""
    with serving.client(hello=False) as client:
        client.send(HTTP + bytes(500_000))
        assert isinstance(client.receive(), AgentDisconnect)
        client.sock.shutdown(socket.SHUT_WR)
        assert client.receive() is None


def test_a_client_that_does_not_leave_is_left(serving: Serving) -> None:
    """It has a second to read our last words."""
    with serving.client(hello=False) as client:
        client.send(HTTP)
        assert isinstance(client.receive(), AgentDisconnect)
        serving.wait_for_clients(0)


# What is left behind


def visit(serving: Serving, number: int) -> SpopClient:
    """Come in one of the ways in which clients come, and return what has to be closed."""
    client = serving.client(hello=number % 8 > 3)
    if number % 2:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    match number % 8:
        case 2:
            client.send(HTTP)
        case 3:
            client.send(RANDOM)
        case 4 | 5:
            client.send(question(1)[:9])
        case 6:
            assert client.check("192.0.2.1")
        case 7:
            client.send(question(1) * 50)  # and doesn't read the answers
    return client


def test_connections_of_any_kind_leave_nothing_behind(
    serving: Serving, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No descriptor, greenlet or object; and nothing in the log, which scanners could fill."""
    caplog.set_level(logging.INFO)
    visit(serving, 6).close()
    serving.wait_for_clients(0)
    objects = alive(Client) + alive(Connection)
    before = descriptors()
    for _ in range(10):
        with ExitStack() as crowd:
            for number in range(40):
                crowd.callback(visit(serving, number).close)
    serving.wait_for_clients(0)
    wait_until(lambda: descriptors() <= before, "all descriptors are closed")
    wait_until(lambda: not len(serving.server._greenlets), "all greenlets have ended")
    wait_until(lambda: alive(Client) + alive(Connection) <= objects, "their objects are gone")
    assert not caplog.records
    captured: Any = capfd.readouterr()
    assert captured.out + captured.err == ""

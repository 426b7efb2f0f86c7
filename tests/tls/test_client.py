"""One connection over TLS: the handshake, answers, ends; and what each leaves behind.

What has nothing to do with TLS is in tests/spoa/test_client.py.
"""

import gc
import logging
import random
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import gevent
import pytest
import trustme

from tests.serving import Answers
from tests.tls.certificates import EXPIRED, Pki
from tests.tls.clients import TlsSpopClient, client_context
from tests.tls.peer import Peer
from tests.tls.serving import TlsServing
from tests.waiting import PATIENCE, descriptors, wait_until
from webfail2ban.spop import (
    Ack,
    AgentDisconnect,
    Message,
    Status,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.testing import SpopClient
from webfail2ban.tls import client as tls_client
from webfail2ban.tls.client import TlsClient
from webfail2ban.tls.layer import TlsLayer

#: SO_LINGER with a linger time of 0: closing sends RST instead of FIN (socket(7)).
RESET = struct.pack("ii", 1, 0)

NORMAL = AgentDisconnect(0, Status.NORMAL.explanation)

HTTP = b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n"
RANDOM = random.Random(1).randbytes(5000)  # noqa: S311 - the same garbage each time

#: The first bytes of a TLS handshake, and no more.
CLIENT_HELLO = bytes.fromhex("16030100f8010000f40303")


@pytest.fixture(autouse=True)
def _listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.fixture
def serving(pki: Pki) -> Iterator[TlsServing]:
    with TlsServing(Answers(), pki.settings()) as serving:
        yield serving


@pytest.fixture
def context(pki: Pki) -> ssl.SSLContext:
    """A client that trusts the agent."""
    return client_context(pki)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handshake must be over at once."""
    monkeypatch.setattr(tls_client, "HANDSHAKE", 0.2)


def question(number: int, name: str = "check-ip") -> bytes:
    return serialize_notify(number, 1, [Message(name)])


def ids(client: SpopClient, count: int) -> list[int]:
    """Receive ACKs, and return their stream ids."""
    acks = [client.receive() for _ in range(count)]
    return [ack.stream_id for ack in acks if isinstance(ack, Ack)]


def refused(connect: Callable[[], TlsSpopClient]) -> None:
    """Assert that nobody gets an answer that way; TLS 1.3 may tell it late."""
    with pytest.raises((ssl.SSLError, ConnectionError)), connect() as client:
        client.receive()


def alive(*kinds: type) -> int:
    """Count the objects of these types."""
    gc.collect()
    return sum(isinstance(thing, kinds) for thing in gc.get_objects())


# Questions and answers


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_questions_are_answered(serving: TlsServing, pki: Pki, version: ssl.TLSVersion) -> None:
    """In both versions."""
    with serving.tls_client(client_context(pki, version=version)) as client:
        for number in range(20):
            assert client.check(f"192.0.2.{number}") == {"name": "check-ip"}


def test_many_questions_in_one_record_are_all_answered(
    serving: TlsServing, context: ssl.SSLContext
) -> None:
    """And in many records in one segment."""
    with serving.tls_client(context) as client:
        client.send(b"".join(question(number) for number in range(200)))
        assert ids(client, 200) == list(range(200))
        for number in range(200):
            client.send(question(number))
        assert ids(client, 200) == list(range(200))


def test_more_than_a_record_goes_both_ways(serving: TlsServing, context: ssl.SSLContext) -> None:
    """Long names, long answers."""
    with serving.tls_client(context) as client:
        client.send(b"".join(question(number, "x" * 5000) for number in range(40)))
        assert ids(client, 40) == list(range(40))


def test_a_session_can_be_gone_on_with(pki: Pki) -> None:
    """HAProxy does so, also where it shows a certificate: it saves both sides the signatures."""
    context = client_context(pki, pki.client())
    with TlsServing(Answers(), pki.settings(client_ca=True)) as serving:
        with serving.tls_client(context) as first:
            assert first.check("192.0.2.1")
            session = first.tls.session
        with serving.tls_client(context, session=session) as second:
            assert second.check("192.0.2.1")
            assert second.tls.session_reused


# Who is let in


def test_a_client_that_does_not_know_the_authority_leaves(
    serving: TlsServing, caplog: pytest.LogCaptureFixture, context: ssl.SSLContext
) -> None:
    """It says why; we say so, in one line, without a traceback. Others go on."""
    with serving.tls_client(context) as other:
        refused(lambda: serving.tls_client(ssl.create_default_context()))
        wait_until(lambda: caplog.messages, "it is logged")
        assert other.check("192.0.2.1")
    assert caplog.messages == [
        "TLS with 127.0.0.1 failed: it doesn't know our certificate's authority"
    ]
    assert caplog.records[0].exc_info is None
    assert serving.server.faults.count == 1


def test_an_expired_certificate_of_ours_is_refused(
    pki: Pki, caplog: pytest.LogCaptureFixture
) -> None:
    """By the client, and it says so."""
    settings = pki.settings()
    pki.agent(not_after=EXPIRED)
    with TlsServing(Answers(), settings) as serving:
        refused(lambda: serving.tls_client(client_context(pki)))
        wait_until(lambda: caplog.messages, "it is logged")
    assert caplog.messages == ["TLS with 127.0.0.1 failed: it finds our certificate expired"]


def test_a_client_with_a_certificate_is_served(pki: Pki) -> None:
    """Where one is demanded."""
    context = client_context(pki, pki.client())
    with (
        TlsServing(Answers(), pki.settings(client_ca=True)) as serving,
        serving.tls_client(context) as client,
    ):
        assert client.check("192.0.2.1")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ("none", "it shows no certificate"),
        ("other", "its certificate is refused: unable to get local issuer certificate"),
        ("expired", "its certificate is refused: certificate has expired"),
    ],
)
def test_a_client_without_a_good_certificate_is_refused(
    pki: Pki,
    shown: str,
    reason: str,
    version: ssl.TLSVersion,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who has one goes on."""
    certificates = {
        "none": None,
        "other": pki.client("other.pem", ca=trustme.CA()),
        "expired": pki.client("old.pem", not_after=EXPIRED),
    }
    stranger = client_context(pki, certificates[shown], version)
    friend = client_context(pki, pki.client())
    with (
        TlsServing(Answers(), pki.settings(client_ca=True)) as serving,
        serving.tls_client(friend) as other,
    ):
        refused(lambda: serving.tls_client(stranger))
        wait_until(lambda: caplog.messages, "it is logged")
        assert other.check("192.0.2.1")
    assert caplog.messages == [f"TLS with 127.0.0.1 failed: {reason}"]


def test_a_version_that_is_too_old_is_refused(pki: Pki, caplog: pytest.LogCaptureFixture) -> None:
    """With an alert that says so."""
    old = client_context(pki, version=ssl.TLSVersion.TLSv1_2)
    with TlsServing(Answers(), pki.settings(minimum="1.3")) as serving:
        with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
            serving.tls_client(old)
        wait_until(lambda: caplog.messages, "it is logged")
    assert caplog.messages == [
        "TLS with 127.0.0.1 failed: it knows no version of TLS that is allowed"
    ]


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (serialize_haproxy_hello(), "it doesn't speak TLS"),
        (HTTP, "it doesn't speak TLS but HTTP"),
        (RANDOM, "it doesn't speak TLS"),
        (CLIENT_HELLO, "it left during the handshake"),
    ],
    ids=["SPOP", "HTTP", "random", "cut"],
)
def test_who_does_not_speak_tls_is_not_let_in(
    serving: TlsServing,
    context: ssl.SSLContext,
    garbage: bytes,
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As a HAProxy whose line lacks `ssl`; others go on."""
    with serving.tls_client(context) as other:
        with serving.client(hello=False) as client:
            client.send(garbage)
            client.sock.shutdown(socket.SHUT_WR)
            while client.sock.recv(1000):
                pass
        wait_until(lambda: caplog.messages, "it is logged")
        assert other.check("192.0.2.1")
    assert caplog.messages == [f"TLS with 127.0.0.1 failed: {reason}"]


@pytest.mark.parametrize("options", [None, RESET], ids=["closes", "resets"])
def test_who_only_looks_whether_the_port_is_open_is_fine(
    serving: TlsServing, options: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """So load balancers check."""
    with serving.client(hello=False) as client:
        if options is not None:
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, options)
        serving.wait_for_clients(1)
    serving.wait_for_clients(0)
    assert not caplog.messages
    assert not serving.server.faults.count
    assert not serving.server.errors


# Slow clients


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("start", [b"", CLIENT_HELLO], ids=["silent", "begun"])
def test_a_handshake_that_takes_too_long_is_ended(
    pki: Pki, context: ssl.SSLContext, start: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It took a client's place meanwhile."""
    with TlsServing(Answers(), pki.settings(), max_clients=1) as serving:
        with serving.client(hello=False) as slow:
            slow.send(start)
            serving.wait_for_clients(1)
            with serving.tls_client(context, hello=False) as other:
                other.hello()
                assert other.receive() == AgentDisconnect(13, Status.RESOURCES.explanation)
            assert slow.sock.recv(1000) == b""
        serving.wait_for_clients(0)
        with serving.tls_client(context) as other:
            assert other.check("192.0.2.1")
    assert caplog.messages == ["TLS with 127.0.0.1 failed: the handshake takes too long"]


@pytest.mark.usefixtures("hurried")
def test_a_handshake_that_drips_is_ended(pki: Pki) -> None:
    """A byte now and then keeps nobody waiting."""
    with TlsServing(Answers(), pki.settings()) as serving:
        with serving.client(hello=False) as slow:
            slow.sock.settimeout(0.02)
            slow.send(CLIENT_HELLO)

            def drip() -> bool:
                with suppress(TimeoutError):
                    slow.send(b"\0")
                    return slow.sock.recv(1000) == b""
                return False

            wait_until(drip, "it is ended")
        assert serving.server.faults.count == 1


def test_a_client_that_never_reads_is_cut_off(pki: Pki, context: ssl.SSLContext) -> None:
    """What waits for it doesn't grow, and others are served meanwhile."""
    with (
        TlsServing(Answers(), pki.settings(), read_timeout=0.6) as serving,
        serving.tls_client(context) as deaf,
        serving.tls_client(context) as other,
    ):
        deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sock.setblocking(False)
        block = b"".join(question(number, "x" * 100) for number in range(100))

        def talk() -> bool:
            assert other.check("192.0.2.1")
            try:
                while True:
                    deaf.sock.send(block)
            except ssl.SSLWantWriteError:
                return False
            except (ConnectionError, ssl.SSLError):
                return True

        wait_until(talk, "it is cut off")
        wait_until(lambda: serving.server.errors[2] == 1, "it is counted")
        assert serving.server.clients == 1
        assert other.check("192.0.2.1")


def test_others_are_answered_between_two_handshakes(
    serving: TlsServing, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many HAProxy begins at once: each round of the loop computes one."""
    rounds, computed, decrypt = [0], list[int](), TlsLayer.decrypt

    def note(layer: TlsLayer, data: bytes) -> bytes:
        computed.append(rounds[0])
        return decrypt(layer, data)

    monkeypatch.setattr(TlsLayer, "decrypt", note)
    loop = serving.call(lambda: gevent.get_hub().loop).result()
    watcher = loop.check()
    serving.call(lambda: watcher.start(lambda: rounds.__setitem__(0, rounds[0] + 1))).result()
    hello = Peer(pki, ssl.TLSVersion.TLSv1_3).give(b"")
    with ExitStack() as crowd:
        clients = [crowd.enter_context(serving.client(hello=False)) for _ in range(20)]
        serving.wait_for_clients(20)
        held = threading.Event()
        serving.call(lambda: held.wait(PATIENCE))  # the loop stands still
        for client in clients:
            client.send(hello)
        held.set()
        wait_until(lambda: len(computed) == 20, "all handshakes have begun")
    assert len(set(computed)) == 20
    serving.call(watcher.stop).result()


# Ends


def test_goodbye_is_answered_in_both_protocols(
    serving: TlsServing, context: ssl.SSLContext
) -> None:
    """With AGENT-DISCONNECT, and with close_notify, so that it can't have been cut off."""
    with serving.tls_client(context) as client:
        client.send(question(1) + serialize_haproxy_disconnect())
        assert ids(client, 1) == [1]
        assert client.receive() == NORMAL
        assert client.receive() is None  # without close_notify it would raise


def test_the_goodbye_of_tls_is_returned(serving: TlsServing, context: ssl.SSLContext) -> None:
    """Whoever waits for it gets it."""
    with serving.tls_client(context) as client:
        assert client.check("192.0.2.1")
        client.sock = client.tls.unwrap()
        assert client.sock.recv(1000) == b""
    serving.wait_for_clients(0)
    assert not serving.server.errors


def test_a_connection_that_ends_without_a_goodbye_has_ended(
    serving: TlsServing, context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    """SPOP's frames tell by themselves whether anything is missing."""
    with serving.tls_client(context) as client:
        assert client.check("192.0.2.1")
        with socket.socket(fileno=client.tls.detach()) as bare:
            bare.shutdown(socket.SHUT_WR)
            serving.wait_for_clients(0)
    assert not caplog.messages
    assert not serving.server.errors


def test_a_stop_says_goodbye(serving: TlsServing, context: ssl.SSLContext) -> None:
    """Who is in the handshake is let go."""
    with serving.tls_client(context) as client, serving.client(hello=False) as early:
        assert client.check("192.0.2.1")
        serving.wait_for_clients(2)
        stopped = serving.stop(20.0)
        assert client.receive() == NORMAL
        assert client.receive() is None
        assert early.sock.recv(1000) == b""
        client.close()
        early.close()
        stopped.result()


def test_what_is_not_decrypted_ends_its_connection_alone(
    serving: TlsServing, context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody changed a record on its way."""
    with serving.tls_client(context) as other, serving.tls_client(context) as client:
        assert client.check("192.0.2.1")
        with socket.socket(fileno=client.tls.detach()) as bare:
            bare.send(bytes.fromhex("1703030020") + bytes(32))
            wait_until(lambda: serving.server.errors == {1: 1}, "it is counted")
        assert other.check("192.0.2.1")
    assert not caplog.messages


# What is left behind


def visit(serving: TlsServing, context: ssl.SSLContext, number: int) -> SpopClient:
    """Come in one of the ways in which clients come, and return what has to be closed."""
    kind = number % 8
    if kind < 4:
        client = serving.client(hello=False)
        client.send((b"", HTTP, RANDOM, CLIENT_HELLO)[kind])
        return client
    talker = serving.tls_client(context, hello=kind != 4)
    if kind % 2:
        talker.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    if kind == 6:
        talker.send(question(1)[:9])
    elif kind == 7:
        talker.send(question(1) * 50)  # and doesn't read the answers
    return talker


def test_connections_of_any_kind_leave_nothing_behind(
    serving: TlsServing, context: ssl.SSLContext, capfd: pytest.CaptureFixture[str]
) -> None:
    """No descriptor, greenlet or object; and nothing on the terminal."""
    visit(serving, context, 5).close()
    serving.wait_for_clients(0)
    before, objects = descriptors(), alive(TlsClient, TlsLayer)
    for _ in range(4):
        with ExitStack() as crowd:
            for number in range(40):
                crowd.callback(visit(serving, context, number).close)
    serving.wait_for_clients(0)
    wait_until(lambda: descriptors() <= before, "all descriptors are closed")
    wait_until(lambda: not len(serving.server._greenlets), "all greenlets have ended")
    # A look at all clients under way may still name one.
    wait_until(lambda: alive(TlsClient, TlsLayer) <= objects + 2, "their objects are gone")
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""

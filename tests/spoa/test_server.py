"""Listening, limits and the stop; what happens on one connection is in test_client.py."""

import contextlib
import os
import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from gevent.event import Event

from tests.serving import LOOPBACK, Answers, Serving
from tests.waiting import wait_until
from webfail2ban.listening.listener import REFUSED_AT_ONCE
from webfail2ban.spoa.server import Server
from webfail2ban.spop import AgentDisconnect, AgentHello, Message, Status, serialize_notify
from webfail2ban.testing import SpopClient

#: SO_LINGER with a linger time of 0: closing sends RST instead of FIN (socket(7)).
RESET = struct.pack("ii", 1, 0)


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving(Answers()) as serving:
        yield serving


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spoa.sock"


def refuse(place: tuple[str, int] | str) -> None:
    """Assert that nobody listens there any more."""
    with pytest.raises(OSError):  # noqa: PT011 - refused, or no such file
        SpopClient(place, hello=False)


def unstarted(address: str, port: int = 0) -> Server:
    return Server(Answers(), address, port, 10, 10.0)


@pytest.mark.parametrize("address", [LOOPBACK, "::1", "localhost"])
def test_it_listens_on_an_address_or_a_name(address: str) -> None:
    """IPv4, IPv6 and a host's name are all the same to it."""
    with Serving(Answers(), address) as serving, serving.client() as client:
        assert client.check("192.0.2.1") == {"name": "check-ip"}


def test_it_tells_the_port_that_it_was_given(serving: Serving) -> None:
    """Port 0 takes a free one."""
    host, _, port = serving.server.address.rpartition(":")
    assert host == LOOPBACK
    assert int(port) > 0


def test_an_ipv6_address_is_told_in_brackets() -> None:
    """As everybody writes it with a port."""
    with Serving(Answers(), "::1") as serving:
        assert serving.server.address.startswith("[::1]:")


def test_a_taken_port_is_told_in_one_sentence(serving: Serving) -> None:
    """With the address and what is wrong with it."""
    taken = f"can't listen on {LOOPBACK} port {serving.port}: Address already in use"
    with pytest.raises(OSError, match=taken):
        unstarted(LOOPBACK, serving.port).start()


def test_an_address_of_another_machine_is_told() -> None:
    """It can't be listened on."""
    with pytest.raises(OSError, match=r"can't listen on 192\.0\.2\.1 port 0: Cannot assign"):
        unstarted("192.0.2.1").start()


def test_a_port_can_be_taken_again_at_once() -> None:
    """Closed connections of the last run wait in the kernel for a minute."""
    with Serving(Answers()) as first, first.client() as client:
        port = first.port
        first.stop(5.0).result()
        assert client.receive() == AgentDisconnect(Status.NORMAL, Status.NORMAL.explanation)
    with Serving(Answers(), port=port) as second, second.client() as client:
        assert client.check("192.0.2.1")


def test_it_listens_on_a_unix_socket(path: Path) -> None:
    """For its owner and group, whatever the umask; the file goes when it stops."""
    before = os.umask(0)
    try:
        with Serving(Answers(), str(path)) as serving, serving.client() as client:
            assert serving.server.address == str(path)
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
            assert client.check("192.0.2.1")
    finally:
        assert os.umask(before) == 0
    assert not path.exists()


def test_a_socket_that_a_dead_process_left_is_replaced(path: Path) -> None:
    """After kill -9 the next start needs no help."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with Serving(Answers(), str(path)) as serving, serving.client() as client:
        assert client.check("192.0.2.1")


def test_a_socket_that_is_in_use_is_refused(path: Path) -> None:
    """And goes on working."""
    with Serving(Answers(), str(path)) as serving:
        with pytest.raises(OSError, match=f"can't listen on {path}: Address already in use"):
            unstarted(str(path)).start()
        with serving.client() as client:
            assert client.check("192.0.2.1")


def test_a_socket_whose_owner_hangs_is_refused(path: Path) -> None:
    """The look at it doesn't wait until somebody accepts."""
    with socket.socket(socket.AF_UNIX) as hung, socket.socket(socket.AF_UNIX) as waiting:
        hung.bind(str(path))
        hung.listen(0)
        waiting.connect(str(path))  # nobody accepts, the queue is full
        with pytest.raises(OSError, match="Address already in use"):
            unstarted(str(path)).start()


def test_a_file_in_place_of_the_socket_is_left_alone(path: Path) -> None:
    """It is nobody's socket, and somebody's file."""
    path.write_text("precious")
    with pytest.raises(OSError, match=f"listen on {path}: there is something else of that name"):
        unstarted(str(path)).start()
    assert path.read_text() == "precious"


def test_a_socket_in_a_directory_that_is_not_there_is_told(path: Path) -> None:
    """By its path."""
    missing = path / "spoa.sock"
    with pytest.raises(OSError, match=f"can't listen on {missing}: No such file or directory"):
        unstarted(str(missing)).start()


def test_stopping_what_never_listened_removes_nobodys_socket(path: Path) -> None:
    """The start that failed at a live socket is unwound like any other."""
    with Serving(Answers(), str(path)) as serving:
        second = unstarted(str(path))
        with pytest.raises(OSError, match="in use"):
            second.start()
        second.stop(1.0)
        with serving.client() as client:
            assert client.check("192.0.2.1")


def test_one_client_too_many_is_told_so() -> None:
    """After its HELLO, with status 13; the others go on."""
    with Serving(Answers(), max_clients=2) as serving:
        with serving.client() as one, serving.client() as two:
            with serving.client(hello=False) as three:
                assert isinstance(three.hello(), AgentHello)
                assert three.receive() == AgentDisconnect(13, Status.RESOURCES.explanation)
                assert three.receive() is None
            assert one.check("192.0.2.1")
            assert two.check("192.0.2.1")
        wait_until(lambda: serving.server.errors == {13: 1}, "one refusal is counted")
        assert serving.server.accepted == 2


def test_a_health_check_passes_when_all_places_are_taken() -> None:
    """A server that is marked down for being busy would serve nobody."""
    with Serving(Answers(), max_clients=1) as serving:
        with serving.client(), serving.client(hello=False) as check:
            check.hello(healthcheck=True)
            assert check.receive() is None
        assert not serving.server.errors


def test_a_place_becomes_free_when_a_client_leaves() -> None:
    """However it leaves."""
    with Serving(Answers(), max_clients=1) as serving:
        for options in (None, RESET):
            with serving.client() as client:
                if options:
                    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, options)
            serving.wait_for_clients(0)
        with serving.client() as client:
            assert client.check("192.0.2.1")


def test_a_flood_of_clients_is_closed_without_a_word() -> None:
    """Telling each of them would be work for nothing."""
    with Serving(Answers(), max_clients=1) as serving:
        crowd = [serving.client()]
        crowd += [serving.client(hello=False) for _ in range(REFUSED_AT_ONCE)]
        wait_until(lambda: len(serving.server._refused) == REFUSED_AT_ONCE, "all are refused")
        with serving.client(hello=False) as late:
            assert late.receive() is None
        assert crowd[0].check("192.0.2.1")
        for client in crowd:
            client.close()
        wait_until(lambda: not serving.server._refused, "the refused are gone")


def test_a_stop_answers_what_was_asked_before() -> None:
    """Then it says goodbye, and closes."""
    go_on = Event()
    with Serving(Answers(before=lambda _: go_on.wait())) as serving, serving.client() as client:
        client.send(serialize_notify(1, 1, [Message("first")]))
        wait_until(lambda: serving.agent.asked, "the first question is in work")
        client.send(serialize_notify(2, 1, [Message("second")]))
        stopped = serving.stop(20.0)
        serving.call(go_on.set).result()
        replies = [client.receive() for _ in range(4)]
        assert [getattr(reply, "stream_id", None) for reply in replies[:2]] == [1, 2]
        assert replies[2:] == [AgentDisconnect(0, "normal end"), None]
        client.close()
        stopped.result()


def test_a_stop_closes_the_port_first(serving: Serving) -> None:
    """HAProxy's next connection goes to the other server."""
    place = serving.place
    serving.stop(5.0).result()
    refuse(place)


def test_a_stop_reaches_a_connection_that_has_just_been_accepted(serving: Serving) -> None:
    """Its greenlet hasn't begun when the stop goes through the clients."""
    connected: list[SpopClient] = []

    def connect_and_stop() -> None:
        client = serving.client(hello=False)
        # Accepted now; the greenlet that serves it begins when this one waits.
        serving.server._listener._do_read()  # type: ignore[union-attr]
        connected.append(client)
        serving.server.stop(20.0)

    stopped = serving.call(connect_and_stop)
    wait_until(lambda: connected, "it is connected")
    with connected[0] as client:
        assert client.receive() == AgentDisconnect(0, "normal end")
    stopped.result()


def test_a_stop_does_not_wait_longer_than_its_grace() -> None:
    """A plugin that never ends is left behind."""
    with Serving(Answers(before=lambda _: Event().wait())) as serving, serving.client() as client:
        client.send(serialize_notify(1, 1, [Message("first")]))
        wait_until(lambda: serving.agent.asked, "the question is in work")
        serving.stop(0.05).result()
        assert client.receive() is None
        assert serving.server.clients == 0


def test_a_stop_does_not_wait_for_a_client_that_reads_nothing(serving: Serving) -> None:
    """Its answers fill the socket, and no goodbye gets through."""
    with serving.client() as deaf:
        block = b"".join(serialize_notify(number, 1, [Message("x" * 99)]) for number in range(500))
        deaf.sock.setblocking(False)

        def is_stuck() -> bool:
            with contextlib.suppress(BlockingIOError):
                deaf.sock.send(block)
            return any(client._stuck for client in tuple(serving.server._served))

        wait_until(is_stuck, "it is stuck")
        serving.stop(0.05).result()
        assert serving.server.clients == 0


def test_a_stop_before_the_start_does_nothing() -> None:
    """The unwinding of a start that failed elsewhere."""
    unstarted(LOOPBACK).stop(1.0)

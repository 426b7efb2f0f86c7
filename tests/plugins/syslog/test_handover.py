"""From one sensor to the next: nothing that arrives in between is lost or taken twice."""

import socket
from collections.abc import Callable

import gevent
import pytest
from gevent import socket as gevent_socket

from tests.plugins.syslog.conftest import KeepingSensor, wait_until
from tests.waiting import PATIENCE
from webfail2ban_syslog import Syslog
from webfail2ban_syslog.datagrams import DatagramReceiver

ALL = ["udp", "tcp"]


def connect(plugin: Syslog) -> gevent_socket.socket:
    address, port = plugin.endpoints["tcp"]
    return gevent_socket.create_connection((str(address), port), timeout=PATIENCE)


def send(port: int, message: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(message, ("127.0.0.1", port))


def test_datagrams_wait_for_the_next_sensor(
    start: Callable[..., Syslog], sensor: KeepingSensor
) -> None:
    """In the socket, which stays the same even if its port was any."""
    first = start()
    port = first.endpoints["udp"].port
    send(port, b"<13>app: a")
    sensor.wait_for(1)
    first.stop_sensor()
    send(port, b"<13>app: b")
    second = start()
    assert second.endpoints == first.endpoints
    assert sensor.wait_for(2) == ["127.0.0.1 app: a", "127.0.0.1 app: b"]


def test_a_unix_socket_waits_too(
    start: Callable[..., Syslog], sensor: KeepingSensor, tmp_path: pytest.TempPathFactory
) -> None:
    """Its path stays."""
    path = f"{tmp_path}/log"
    first = start(protocols=[], socket=path)
    first.stop_sensor()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"<13>app: a", path)
    start(protocols=[], socket=path)
    assert sensor.wait_for(1) == [f"{socket.gethostname()} app: a"]


def test_a_new_connection_waits(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """Until somebody accepts it."""
    first = start(protocols=["tcp"])
    first.stop_sensor()
    with connect(first) as client:
        client.sendall(b"<13>app: a\n")
        start(protocols=["tcp"])
        assert sensor.wait_for(1) == ["127.0.0.1 app: a"]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (b"<13>app: one\n", b"<13>app: two\n", ["one", "two"]),
        (b"<13>app: on", b"e\n<13>app: two\n", ["one", "two"]),
        (b"12 <13>ap", b"p: one12 <13>app: two", ["one", "two"]),
        (b"1", b"2 <13>app: one", ["one"]),
        (b"<13>app: one \xff", b"\xfe\n<13>app: two\n", ["one \ufffd\ufffd", "two"]),
        (b"<13>app: long " + b"x" * 9000, b"xx\n<13>app: two\n", ["long", "two"]),
        (b"9000 <13>app: long " + b"x" * 8500, b"x" * 486 + b"12 <13>app: two", ["long", "two"]),
    ],
)
def test_an_open_connection_goes_on(
    start: Callable[..., Syslog],
    sensor: KeepingSensor,
    before: bytes,
    after: bytes,
    lines: list[str],
) -> None:
    """With the piece of a message that had arrived, wherever it was cut."""
    first = start(protocols=["tcp"])
    with connect(first) as client:
        client.sendall(before)
        first.stop_sensor()
        start(protocols=["tcp"])
        client.sendall(after)
        assert sensor.wait_for(len(lines)) == [f"127.0.0.1 app: {line}" for line in lines]
        wait_until(lambda: not any(name.startswith("connection") for name in sensor.sockets))


def test_many_sensors_in_a_row(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """Numbered lines on two connections and by datagrams, cut anywhere: each comes once."""
    plugin = start(protocols=ALL)
    port = plugin.endpoints["udp"].port
    with connect(plugin) as one, connect(plugin) as other:
        for number in range(30):
            one.sendall(b"<13>app: one %d" % number)
            if number % 3 == 0:
                plugin.stop_sensor()
            one.sendall(b"\n")
            other.sendall(b"<13>app: other %d\n" % number)
            send(port, b"<13>app: udp %d" % number)
            if number % 3 == 0:
                plugin = start(protocols=ALL)
        sensor.wait_for(90)
    names = ("one", "other", "udp")
    expected = [f"127.0.0.1 app: {name} {number}" for name in names for number in range(30)]
    assert sorted(line.text for line in sensor.lines) == sorted(expected)


def test_an_ended_connection_is_not_handed_over(
    start: Callable[..., Syslog], sensor: KeepingSensor
) -> None:
    """Its last line is taken."""
    plugin = start(protocols=["tcp"])
    client = connect(plugin)
    client.sendall(b"<13>app: a\n")
    sensor.wait_for(1)
    client.sendall(b"<13>app: b")
    client.close()
    plugin.stop_sensor()
    assert sensor.wait_for(2) == ["127.0.0.1 app: a", "127.0.0.1 app: b"]
    assert list(sensor.sockets) == ["tcp 127.0.0.1:0"]


def test_who_may_not_send_any_more_is_closed(
    start: Callable[..., Syslog], sensor: KeepingSensor
) -> None:
    """The new settings hold for old connections."""
    first = start(protocols=["tcp"])
    with connect(first) as client:
        client.sendall(b"<13>app: a\n")
        sensor.wait_for(1)
        first.stop_sensor()
        second = start(protocols=["tcp"], allow=["192.0.2.1"])
        assert client.recv(1) == b""
    assert second.counters.refused == 1


def test_a_connection_stays_kept_until_it_is_read(
    start: Callable[..., Syslog], sensor: KeepingSensor
) -> None:
    """The start of another plugin may fail, and then yet another sensor takes it."""
    first = start(protocols=["tcp"])
    with connect(first) as client:
        client.sendall(b"<13>app: a\n")
        sensor.wait_for(1)
        first.stop_sensor()
        start(protocols=["tcp"])
        assert [name.partition(" ")[0] for name in sensor.sockets] == ["tcp", "connection"]
        gevent.sleep(0)
        wait_until(lambda: len(sensor.sockets) == 1)


def test_lost_datagrams_are_counted_once(
    start: Callable[..., Syslog], sensor: KeepingSensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel counts for as long as the socket is open."""
    first = start()
    (count_lost,) = sensor.repeated
    monkeypatch.setattr(DatagramReceiver, "_read_block", lambda _: gevent.sleep(0) or [])
    first.counters.lost = 0
    monkeypatch.setattr(gevent_socket.socket, "getsockopt", lambda *_: b"\0" * 32 + b"\x05\0\0\0")
    count_lost()
    assert first.counters.lost == 5
    monkeypatch.undo()
    first.stop_sensor()
    assert sensor.kept_sockets() == {"udp 127.0.0.1:0": 5}

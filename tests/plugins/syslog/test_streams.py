"""Receiving over TCP."""

from collections.abc import Callable

import pytest
from gevent import socket

from tests.plugins.syslog.conftest import KeepingSensor
from tests.waiting import PATIENCE
from webfail2ban_syslog import Syslog


def connect(plugin: Syslog) -> socket.socket:
    address, port = plugin.endpoints["tcp"]
    return socket.create_connection((str(address), port), timeout=PATIENCE)


def test_lines(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A message a line."""
    with connect(start(protocols=["tcp"])) as client:
        client.sendall(b"<13>Nov 21 10:00:00 h app[1]: a\n\n<13>app: b\r\n")
        assert sensor.wait_for(2) == ["h app[1]: a", "127.0.0.1 app: b"]


def test_octet_counting(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A length in front of each message, newlines inside."""
    with connect(start(protocols=["tcp"])) as client:
        client.sendall(b"12 <13>app: a\nb11 <13>app: c\n")
        assert sensor.wait_for(2) == ["127.0.0.1 app: a#012b", "127.0.0.1 app: c"]


def test_end_completes_the_last_line(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A line may lack its newline when the sender closes."""
    with connect(start(protocols=["tcp"])) as client:
        client.sendall(b"<13>app: a")
    assert sensor.wait_for(1) == ["127.0.0.1 app: a"]


def test_both_protocols(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """UDP and TCP beside each other."""
    plugin = start(protocols=["udp", "tcp"])
    with connect(plugin) as client, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        client.sendall(b"<13>app: a\n")
        other.sendto(b"<13>app: b", ("127.0.0.1", plugin.endpoints["udp"].port))
        assert sorted(sensor.wait_for(2)) == ["127.0.0.1 app: a", "127.0.0.1 app: b"]


def test_stranger_is_turned_away(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """Who isn't named is not read."""
    plugin = start(protocols=["tcp"], allow=["192.0.2.1"])
    with connect(plugin) as client:
        assert client.recv(1) == b""
    assert plugin.counters.refused == 1
    assert sensor.lines == []


def test_one_too_many_is_turned_away(
    start: Callable[..., Syslog], sensor: KeepingSensor, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that are connected go on."""
    plugin = start(protocols=["tcp"], max_connections=1)
    with connect(plugin) as first:
        first.sendall(b"<13>app: a\n")
        sensor.wait_for(1)
        with connect(plugin) as second:
            assert second.recv(1) == b""
        first.sendall(b"<13>app: b\n")
        sensor.wait_for(2)
    assert (plugin.counters.crowded, plugin.counters.refused) == (1, 0)
    assert caplog.messages == [
        "127.0.0.1 is turned away: 1 connections are open, as many as syslog.max_connections"
    ]


def test_place_is_free_again(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A connection that ended doesn't count."""
    plugin = start(protocols=["tcp"], max_connections=1)
    for number in range(3):
        with connect(plugin) as client:
            client.sendall(b"<13>app: a\n")
            client.shutdown(socket.SHUT_WR)
            sensor.wait_for(number + 1)
            assert client.recv(1) == b""
    assert plugin.counters.crowded == 0


def test_silence_ends_a_connection(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """Parts of a message don't prolong it, and aren't taken for a whole one."""
    with connect(start(protocols=["tcp"], idle_timeout=0.05)) as client:
        client.sendall(b"<13>app: from 192.0.2.1")
        assert client.recv(1) == b""
    assert sensor.lines == []


def test_long_line_is_cut(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """What follows it is read."""
    plugin = start(protocols=["tcp"], max_line=500)
    with connect(plugin) as client:
        client.sendall(b"<13>app: a " + b"x" * 100_000 + b"\n<13>app: b\n")
        assert sensor.wait_for(2) == ["127.0.0.1 app: a", "127.0.0.1 app: b"]
    assert plugin.counters.cut == 1


def test_reset_is_no_end(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A connection that broke may have broken inside an address: the last piece is dropped."""
    plugin = start(protocols=["tcp"])
    client = connect(plugin)
    client.sendall(b"<13>app: a\n<13>app: from 192.0.2.1")
    sensor.wait_for(1)
    # With no time to linger, close() resets the connection (socket(7): SO_LINGER).
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    with connect(plugin) as other:
        other.sendall(b"<13>app: b\n")
        assert sensor.wait_for(2) == ["127.0.0.1 app: a", "127.0.0.1 app: b"]

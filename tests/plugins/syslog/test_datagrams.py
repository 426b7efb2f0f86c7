"""Receiving over UDP and a unix socket."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.syslog.conftest import KeepingSensor, wait_until
from webfail2ban import LogLine
from webfail2ban_syslog import Syslog
from webfail2ban_syslog.datagrams import BLOCK


def send(plugin: Syslog, *messages: bytes) -> None:
    """Send datagrams to where it listens."""
    address, port = plugin.endpoints["udp"]
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        for message in messages:
            client.sendto(message, (str(address), port))


def test_datagram_becomes_a_line(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """Host and program stand in front, the time is now."""
    send(
        start(),
        b"<134>Nov 21 10:00:00 hostname dovecot: auth failed, method=PLAIN, rip=192.168.1.100",
    )
    sensor.wait_for(1)
    text = "hostname dovecot: auth failed, method=PLAIN, rip=192.168.1.100"
    assert sensor.lines == [LogLine(text, "syslog", sensor.time, "dovecot")]


def test_datagram_is_one_line(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A newline inside doesn't divide it."""
    send(start(), b"<13>app: a\n<13>sshd: b\n", b"<13>app: c")
    assert sensor.wait_for(2) == ["127.0.0.1 app: a#012<13>sshd: b", "127.0.0.1 app: c"]


def test_what_waits_is_read_together(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """A burst is emitted in few blocks, none larger than the limit, in its order."""
    send(start(), *(b"<13>app: %d" % number for number in range(BLOCK + 10)))
    lines = sensor.wait_for(BLOCK + 10)
    assert lines == [f"127.0.0.1 app: {number}" for number in range(BLOCK + 10)]
    assert sensor.blocks == [BLOCK, 10]


def test_ipv6(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """An IPv6 sender is named as he is."""
    send(start(address="[::1]:0"), b"<13>app: x")
    assert sensor.wait_for(1) == ["::1 app: x"]


def test_stranger_is_refused(
    start: Callable[..., Syslog], sensor: KeepingSensor, caplog: pytest.LogCaptureFixture
) -> None:
    """Who isn't named is counted, and told of once."""
    plugin = start(allow=["192.0.2.0/24"])
    send(plugin, *[b"<13>app: x"] * 5)
    wait_until(lambda: plugin.counters.refused == 5)
    assert sensor.lines == []
    assert caplog.messages == [
        "127.0.0.1 may not send syslog messages: syslog.allow doesn't name it"
    ]


def test_long_datagram_is_cut(start: Callable[..., Syslog], sensor: KeepingSensor) -> None:
    """The limit counts in bytes."""
    plugin = start(max_line=500)
    send(plugin, b"<13>app: x " + b"y" * 600)
    assert sensor.wait_for(1) == ["127.0.0.1 app: x"]
    assert plugin.counters.cut == 1


def test_lost_datagrams_are_counted(
    start: Callable[..., Syslog], sensor: KeepingSensor, caplog: pytest.LogCaptureFixture
) -> None:
    """What the kernel had no room for is known, and told with what would help."""
    plugin = start()
    send(plugin, *[b"<13>app: " + b"x" * 60_000] * 400)
    for look in sensor.repeated:
        look()
    assert plugin.counters.lost > 0
    assert "net.core.rmem_max" in caplog.messages[0]


def test_unix_socket(start: Callable[..., Syslog], sensor: KeepingSensor, tmp_path: Path) -> None:
    """Local programs send as to /dev/log; the host is this one."""
    start(protocols=[], socket=tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"<38>Nov 21 10:00:00 sshd[12]: x\0", str(tmp_path / "log"))
    assert sensor.wait_for(1) == [f"{socket.gethostname()} sshd[12]: x"]

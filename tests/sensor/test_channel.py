import os
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Any

import gevent
import pytest
from gevent.socket import socketpair
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webfail2ban.model import Failure
from webfail2ban.sensor import channel as channel_module
from webfail2ban.sensor.channel import Channel, pack_failure, unpack_failure
from webfail2ban.turns import give_way

FAILURE = Failure(
    "sshd", IPv4Address("192.0.2.1"), 1_700_000_000.25, 3, ("line\u2028 \ud800",), {"user": "root"}
)


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Any]]:
    """A channel, and the socket at its other end."""
    ours, theirs = socketpair()
    channel = Channel(ours)
    yield channel, theirs
    channel.close()
    theirs.close()


def test_messages_cross(ends: tuple[Channel, Any]) -> None:
    """In their order, whatever they hold."""
    channel, theirs = ends
    other = Channel(theirs)
    other.send({"failures": [], "text": "a\nb\u2028\ud800"})
    other.send({})
    other.close()
    assert list(channel.receive()) == [{"failures": [], "text": "a\nb\u2028\ud800"}, {}]


@given(st.lists(st.integers(0, 60)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_messages_may_be_cut_anywhere(cuts: list[int]) -> None:
    """A socket knows no messages."""
    ours, theirs = socketpair()
    channel = Channel(ours)
    data = b'{"a":1}\n{"b":[1,2,3]}\n{"c":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}\n'
    places = sorted({0, *(cut % len(data) for cut in cuts), len(data)})

    def send() -> None:
        for start, stop in pairwise(places):
            theirs.sendall(data[start:stop])
            give_way()
        theirs.close()

    sender = gevent.spawn(send)
    assert [next(iter(message)) for message in channel.receive()] == ["a", "b", "c"]
    sender.join()
    channel.close()


def test_a_line_that_is_cut_off_is_dropped(ends: tuple[Channel, Any]) -> None:
    """The other process died in the middle of it."""
    channel, theirs = ends
    theirs.sendall(b'{"a":1}\n{"b":')
    theirs.close()
    assert list(channel.receive()) == [{"a": 1}]


def test_a_long_message_crosses_while_the_other_end_reads(ends: tuple[Channel, Any]) -> None:
    """It is longer than what a socket holds."""
    channel, theirs = ends
    sender = gevent.spawn(Channel(theirs).send, {"a": "x" * 5_000_000})
    assert len(next(channel.receive())["a"]) == 5_000_000
    sender.get()


def test_messages_of_two_greenlets_do_not_mix(ends: tuple[Channel, Any]) -> None:
    """Each is sent as a whole."""
    channel, theirs = ends
    other = Channel(theirs)
    senders = [gevent.spawn(other.send, {"a": letter * 1_000_000}) for letter in "xyz"]
    messages = channel.receive()
    assert sorted(len(set(next(messages)["a"])) for _ in senders) == [1, 1, 1]
    gevent.joinall(senders, raise_error=True)


@pytest.mark.parametrize("garbage", [b"hello\n", b"[1]\n", b"5\n", b"\xff\n", b"\n"])
def test_what_is_no_message_is_an_error(ends: tuple[Channel, Any], garbage: bytes) -> None:
    """Whoever listens decides what to do."""
    channel, theirs = ends
    theirs.sendall(garbage)
    with pytest.raises(ValueError):  # noqa: PT011 - any sentence
        next(channel.receive())


def test_a_message_without_an_end_is_an_error(
    ends: tuple[Channel, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would fill the memory."""
    monkeypatch.setattr(channel_module, "LONGEST_MESSAGE", 1000)
    channel, theirs = ends
    theirs.sendall(b"x" * 1001)
    with pytest.raises(ValueError, match="more than 1000 bytes"):
        next(channel.receive())


def test_sending_to_an_end_that_is_gone_is_an_error(ends: tuple[Channel, Any]) -> None:
    """The process at the other end has died."""
    channel, theirs = ends
    theirs.close()
    with pytest.raises(OSError):  # noqa: PT011 - any sentence
        channel.send({})


def test_a_failure_survives_the_way(ends: tuple[Channel, Any]) -> None:
    """Every field of it."""
    channel, theirs = ends
    Channel(theirs).send({"failures": [pack_failure(FAILURE)]})
    (values,) = next(channel.receive())["failures"]
    assert unpack_failure(values) == FAILURE


def test_an_ipv6_failure_survives_too() -> None:
    """And one with nothing but the necessary."""
    failure = Failure("sshd", IPv6Address("2001:db8::1"), 0.0)
    assert unpack_failure(pack_failure(failure)) == failure


@pytest.mark.parametrize("number", [-1, 2**32, 2**128])
def test_a_number_that_is_no_address_is_refused(number: int) -> None:
    """Whatever became of the sensor."""
    values = pack_failure(FAILURE)
    values[1:3] = [4, number]
    with pytest.raises(ValueError, match="IPv4"):
        unpack_failure(values)


def test_what_is_no_failure_is_refused() -> None:
    """Here, where the plugin that made it can still be named."""
    nonsense: Any = "192.0.2.1"
    with pytest.raises(TypeError, match="is no Failure"):
        pack_failure(nonsense)
    with pytest.raises(TypeError, match=r"address is no address but '192.0.2.1'"):
        pack_failure(replace(FAILURE, address=nonsense))


def test_files_cross_with_their_messages(ends: tuple[Channel, Any]) -> None:
    """Each with its own, among messages without one; no child of ours inherits them."""
    channel, theirs = ends
    other = Channel(theirs)
    pipes = [os.pipe() for _ in range(3)]
    other.send({"number": -1})
    for number, (_, write) in enumerate(pipes):
        other.send({"number": number, "long": "x" * 20_000}, write)
        os.close(write)
        other.send({"number": -1})
    other.close()
    for message in channel.receive():
        if message["number"] >= 0:
            file = channel.take_file()
            assert not os.get_inheritable(file)
            os.write(file, b"%d" % message["number"])
            os.close(file)
    for number, (read, _) in enumerate(pipes):
        assert os.read(read, 10) == b"%d" % number
        os.close(read)


def test_a_file_that_is_missing_is_told(ends: tuple[Channel, Any]) -> None:
    """The other end spoke of one."""
    channel, _ = ends
    with pytest.raises(ValueError, match="lacks the file"):
        channel.take_file()


def test_files_that_nobody_took_are_closed(ends: tuple[Channel, Any]) -> None:
    """With the channel."""
    channel, theirs = ends
    read, write = os.pipe()
    other = Channel(theirs)
    other.send({}, write)
    os.close(write)
    next(channel.receive())
    channel.close()
    assert os.read(read, 1) == b""
    os.close(read)

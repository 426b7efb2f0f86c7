"""What peers send that they should not, and what they get for it."""

import pytest

from webfail2ban.spop import (
    AgentDisconnect,
    Connection,
    Event,
    HelloReceived,
    Message,
    Notify,
    ProtocolFailed,
    ReplyReader,
    Status,
    Value,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.spop.frames import FrameType, serialize_frame
from webfail2ban.spop.items import encode_items

HELLO = serialize_haproxy_hello()
NOTIFY = serialize_notify(1, 1, [Message("check-ip", (("ip", "192.0.2.1"),))])
ITEMS: dict[str, Value] = {
    "supported-versions": "2.0",
    "max-frame-size": 16380,
    "capabilities": "pipelining",
}


def hello(without: str = "", *, ids: bytes = bytes(2), flags: int = 1, **changes: Value) -> bytes:
    """Put a HAPROXY-HELLO together that need not be right; hyphens are underscores."""
    items = ITEMS | {name.replace("_", "-"): value for name, value in changes.items()}
    items.pop(without, None)
    return serialize_frame(FrameType.HAPROXY_HELLO, encode_items(items), ids, flags)


def notify(payload: bytes = b"", ids: bytes = b"\x01\x01", flags: int = 1) -> bytes:
    """Put a NOTIFY together that need not be right."""
    return serialize_frame(FrameType.NOTIFY, payload, ids, flags)


def length(number: int) -> bytes:
    """Return a length that nothing need follow."""
    return number.to_bytes(4, "big")


def fail(connection: Connection, data: bytes) -> Status:
    """Feed what must be the end; return the status that it ended with."""
    event = connection.receive_data(data)[-1]
    assert isinstance(event, ProtocolFailed)
    assert connection.close_expected
    assert not connection.mid_frame
    reply = ReplyReader().receive_data(connection.data_to_send())[-1]
    assert reply == AgentDisconnect(event.status, event.detail)
    assert connection.receive_data(HELLO + NOTIFY) == []
    assert connection.data_to_send() == b""
    return Status(event.status)


FIRST_FRAMES = [
    pytest.param(length(65537), Status.FRAME_TOO_BIG, id="length above the limit"),
    pytest.param(length(2**31), Status.FRAME_TOO_BIG, id="length 2^31"),
    pytest.param(length(2**32 - 1), Status.FRAME_TOO_BIG, id="length 2^32-1"),
    *(pytest.param(length(n), Status.INVALID_FRAME, id=f"length {n}") for n in range(7)),
    pytest.param(NOTIFY, Status.INVALID_FRAME, id="NOTIFY first"),
    pytest.param(notify(b"\xff\xff"), Status.INVALID_FRAME, id="broken NOTIFY first"),
    pytest.param(serialize_frame(0, b""), Status.INVALID_FRAME, id="UNSET first"),
    pytest.param(serialize_frame(101, b""), Status.INVALID_FRAME, id="AGENT-HELLO first"),
    pytest.param(serialize_frame(77, b""), Status.INVALID_FRAME, id="unknown type first"),
    pytest.param(hello("supported-versions"), Status.NO_VERSION, id="no version"),
    pytest.param(hello("max-frame-size"), Status.NO_MAX_FRAME_SIZE, id="no size"),
    pytest.param(hello("capabilities"), Status.NO_CAPABILITIES, id="no capabilities"),
    pytest.param(hello(supported_versions="1.0"), Status.UNSUPPORTED_VERSION, id="version 1.0"),
    pytest.param(hello(max_frame_size=255), Status.BAD_MAX_FRAME_SIZE, id="size 255"),
    pytest.param(hello(flags=0), Status.FRAGMENTATION_NOT_SUPPORTED, id="HELLO without FIN"),
    pytest.param(hello(flags=2), Status.FRAGMENTATION_NOT_SUPPORTED, id="HELLO aborted"),
    pytest.param(hello(ids=b"\x01\x00"), Status.INVALID_FRAME, id="HELLO with a STREAM-ID"),
    pytest.param(hello(ids=b"\x00\x01"), Status.INVALID_FRAME, id="HELLO with a FRAME-ID"),
    pytest.param(hello(ids=b"\xf0" * 2), Status.INVALID_FRAME, id="HELLO with broken ids"),
    pytest.param(
        serialize_frame(FrameType.HAPROXY_HELLO, encode_items(ITEMS) + b"\x01x\x0a"),
        Status.INVALID_FRAME,
        id="reserved type in HELLO",
    ),
    pytest.param(
        serialize_frame(FrameType.HAPROXY_HELLO, encode_items(ITEMS)[:-3]),
        Status.INVALID_FRAME,
        id="HELLO cut off",
    ),
    pytest.param(
        serialize_frame(FrameType.HAPROXY_DISCONNECT, b"\x05abc"),
        Status.INVALID_FRAME,
        id="DISCONNECT that does not decode",
    ),
]

LATER_FRAMES = [
    pytest.param(length(16381), Status.FRAME_TOO_BIG, id="length above the negotiated"),
    pytest.param(length(2**32 - 1), Status.FRAME_TOO_BIG, id="length 2^32-1"),
    *(pytest.param(length(n), Status.INVALID_FRAME, id=f"length {n}") for n in range(7)),
    pytest.param(HELLO, Status.INVALID_FRAME, id="second HELLO"),
    pytest.param(notify(ids=b"\xf0\x80"), Status.INVALID_FRAME, id="ids cut off"),
    pytest.param(notify(ids=b"\xff" * 40), Status.INVALID_FRAME, id="ids that never end"),
    pytest.param(
        notify(ids=bytes.fromhex("f0f1fefefefefefefe0e01")), Status.INVALID_FRAME, id="65-bit id"
    ),
    pytest.param(notify(NOTIFY[11:-1]), Status.INVALID_FRAME, id="payload cut off"),
    pytest.param(notify(NOTIFY[11:] + b"\x07"), Status.INVALID_FRAME, id="trailing byte"),
    pytest.param(notify(b"\x01a\x01\x01b\x0f"), Status.INVALID_FRAME, id="reserved type"),
    pytest.param(notify(b"\x01a\x02\x01b\x00"), Status.INVALID_FRAME, id="fewer args"),
    pytest.param(notify(b"\xff\xf0\xfe\xfe\x7e"), Status.INVALID_FRAME, id="name of 2^32-1 bytes"),
    pytest.param(
        notify(NOTIFY[11:], flags=0), Status.FRAGMENTATION_NOT_SUPPORTED, id="NOTIFY without FIN"
    ),
    pytest.param(
        notify(NOTIFY[11:], flags=2), Status.FRAGMENTATION_NOT_SUPPORTED, id="NOTIFY aborted"
    ),
    pytest.param(
        serialize_frame(FrameType.HAPROXY_DISCONNECT, b"", b"\x01\x01"),
        Status.INVALID_FRAME,
        id="DISCONNECT with ids",
    ),
    pytest.param(
        serialize_frame(FrameType.HAPROXY_DISCONNECT, b"", flags=0),
        Status.FRAGMENTATION_NOT_SUPPORTED,
        id="DISCONNECT without FIN",
    ),
]

STRANGERS = [
    pytest.param(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", id="HTTP"),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
    pytest.param(bytes.fromhex("16030100f8010000f40303"), id="TLS"),
    pytest.param(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", id="PROXY"),
    pytest.param(bytes.fromhex("0d0a0d0a000d0a515549540a2111"), id="PROXY 2"),
    pytest.param(b"SSH-2.0-OpenSSH_9.6\r\n", id="SSH"),
    pytest.param(b"EHLO example.org\r\n", id="SMTP"),
    pytest.param(bytes(100), id="zeros"),
    pytest.param(b"\xff" * 100, id="ones"),
]


@pytest.mark.parametrize(("data", "status"), FIRST_FRAMES)
def test_a_bad_beginning_is_refused(data: bytes, status: Status) -> None:
    """The status says what was wrong, and the connection is over."""
    assert fail(Connection(), data) == status


@pytest.mark.parametrize(("data", "status"), LATER_FRAMES)
def test_a_bad_frame_is_refused(data: bytes, status: Status) -> None:
    """The status says what was wrong, and the connection is over."""
    connection = Connection()
    connection.receive_data(HELLO)
    assert fail(connection, data) == status


@pytest.mark.parametrize(("data", "status"), LATER_FRAMES)
def test_what_came_before_a_bad_frame_is_still_answered(data: bytes, status: Status) -> None:
    """A NOTIFY in the same piece gets its ACK, then comes the DISCONNECT."""
    connection = Connection()
    _, asked, failed = connection.receive_data(HELLO + NOTIFY + data + NOTIFY)
    assert isinstance(asked, Notify)
    assert isinstance(failed, ProtocolFailed)
    connection.acknowledge(asked, b"")
    replies = ReplyReader().receive_data(connection.data_to_send())
    assert [type(reply).__name__ for reply in replies] == ["AgentHello", "Ack", "AgentDisconnect"]
    assert failed.status == status


@pytest.mark.parametrize("data", STRANGERS)
def test_strangers_are_refused(data: bytes) -> None:
    """Another protocol's first bytes make no frame."""
    assert fail(Connection(), data) in {Status.FRAME_TOO_BIG, Status.INVALID_FRAME}


def test_too_big_a_frame_is_not_waited_for() -> None:
    """The four bytes of the length suffice, even one by one."""
    connection = Connection()
    events: list[Event] = []
    for byte in length(2**32 - 1):
        assert not events
        events = connection.receive_data(bytes((byte,)))
    assert isinstance(events[0], ProtocolFailed)


@pytest.mark.parametrize("arrived", range(1, len(NOTIFY)))
def test_the_end_inside_a_frame_is_a_mistake(arrived: int) -> None:
    """Wherever it is, the connection closes and says why."""
    connection = Connection()
    connection.receive_data(HELLO + NOTIFY[:arrived])
    (event,) = connection.receive_eof()
    assert isinstance(event, ProtocolFailed)
    assert event.status == Status.INVALID_FRAME
    assert connection.close_expected
    assert connection.receive_eof() == []


@pytest.mark.parametrize("size", [2**31, 2**32 - 1])
def test_a_huge_frame_size_is_tolerated(size: int) -> None:
    """HAProxy may take what it likes; we agree on our own."""
    connection = Connection()
    (event,) = connection.receive_data(hello(max_frame_size=size))
    assert isinstance(event, HelloReceived)
    assert event.max_frame_size == 65536


def test_reserved_flags_on_hello_are_tolerated() -> None:
    """They have no meaning yet."""
    connection = Connection()
    (event,) = connection.receive_data(hello(flags=0x80000001))
    assert isinstance(event, HelloReceived)


def test_one_bad_connection_leaves_the_next_alone() -> None:
    """Nothing is shared between connections."""
    fail(Connection(), b"\xff" * 8)
    (event,) = Connection().receive_data(HELLO)
    assert isinstance(event, HelloReceived)

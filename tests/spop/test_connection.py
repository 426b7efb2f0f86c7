"""How a connection begins, and how bytes become frames."""

import socket

import pytest

from tests.spop.haproxy_side import ACTIONS, BANNED, HELLO, MESSAGES, NORMAL_END, replies
from webfail2ban.spop import (
    Ack,
    AgentHello,
    Connection,
    HelloReceived,
    Message,
    Notify,
    ProtocolFailed,
    ReplyReader,
    State,
    Status,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)


def test_the_agent_does_not_speak_first() -> None:
    """Before HAPROXY-HELLO there is nothing to send."""
    connection = Connection()
    assert connection.data_to_send() == b""
    assert connection.state is State.HANDSHAKE
    assert not connection.close_expected


def test_hello_is_answered() -> None:
    """The event tells what was announced, the answer is a single piece."""
    connection = Connection()
    assert connection.receive_data(HELLO) == [
        HelloReceived(
            "an-engine",
            healthcheck=False,
            max_frame_size=16380,
            capabilities=frozenset({"pipelining"}),
        )
    ]
    assert replies(connection) == [AgentHello("2.0", 16380, frozenset({"pipelining"}))]
    assert connection.state is State.RUNNING
    assert connection.max_frame_size == 16380
    assert not connection.is_health_check
    assert not connection.close_expected


def test_a_lower_size_of_ours_is_agreed_on() -> None:
    """From then on it binds both sides."""
    connection = Connection(max_frame_size=1000)
    connection.receive_data(HELLO)
    assert connection.max_frame_size == 1000
    (event,) = connection.receive_data((1001).to_bytes(4, "big"))
    assert event == ProtocolFailed(
        Status.FRAME_TOO_BIG, "a frame of 1001 bytes, 1000 are the limit"
    )


def test_our_size_cannot_be_below_the_smallest() -> None:
    """Everybody must take frames of 256 bytes."""
    with pytest.raises(ValueError, match="at least 256"):
        Connection(max_frame_size=255)


def test_capabilities_are_ours_whatever_haproxy_has() -> None:
    """AGENT-HELLO says what the agent can do; without HAProxy's consent it stays unused."""
    connection = Connection()
    connection.receive_data(serialize_haproxy_hello(capabilities=""))
    assert replies(connection) == [AgentHello("2.0", 16380, frozenset({"pipelining"}))]


def test_a_health_check_ends_with_the_hello() -> None:
    """HAProxy gets its answer and nothing else, then the connection closes."""
    connection = Connection()
    connection.receive_data(serialize_haproxy_hello(capabilities="", healthcheck=True))
    assert connection.is_health_check
    assert connection.close_expected
    assert connection.receive_data(HELLO) == []
    assert replies(connection) == [AgentHello("2.0", 16380, frozenset({"pipelining"}))]
    assert connection.data_to_send() == b""


def test_a_health_check_that_is_false_is_none() -> None:
    """The value counts, not that the item is there."""
    check = serialize_haproxy_hello(healthcheck=True)
    assert check.endswith(b"\x11")
    connection = Connection()
    (event,) = connection.receive_data(check[:-1] + b"\x01")
    assert isinstance(event, HelloReceived)
    assert not event.healthcheck
    assert connection.state is State.RUNNING


def test_no_bytes_are_no_event() -> None:
    """An empty piece changes nothing."""
    connection = Connection()
    assert connection.receive_data(b"") == []
    assert not connection.mid_frame
    connection.receive_data(HELLO[:3])
    assert connection.receive_data(b"") == []
    assert connection.mid_frame


def test_a_frame_may_come_byte_by_byte() -> None:
    """Also its length."""
    connection = Connection()
    events = [connection.receive_data(bytes((byte,))) for byte in HELLO]
    assert events[:-1] == [[]] * (len(HELLO) - 1)
    assert isinstance(events[-1][0], HelloReceived)
    assert not connection.mid_frame


def test_a_frame_of_exactly_the_limit_is_taken(connection: Connection) -> None:
    """The length does not count itself."""
    name = "x" * (16380 - 7 - 3 - 1)
    frame = serialize_notify(1, 1, [Message(name)])
    assert len(frame) == 4 + 16380
    (notify,) = connection.receive_data(frame)
    assert isinstance(notify, Notify)


def test_a_plain_loop_serves_a_socket() -> None:
    """The driver in the module's description is all that is needed."""
    haproxy, agent = socket.socketpair()
    with haproxy, agent:
        haproxy.sendall(HELLO + serialize_notify(1, 1, MESSAGES) + serialize_haproxy_disconnect())
        connection = Connection()
        while not connection.close_expected:
            data = agent.recv(100)
            events = connection.receive_data(data) if data else connection.receive_eof()
            for event in events:
                if isinstance(event, Notify):
                    connection.acknowledge(event, ACTIONS)
            agent.sendall(connection.data_to_send())
        agent.shutdown(socket.SHUT_WR)
        hello, ack, goodbye = ReplyReader().receive_data(haproxy.recv(65536))
    assert isinstance(hello, AgentHello)
    assert ack == Ack(1, 1, (BANNED,))
    assert goodbye == NORMAL_END

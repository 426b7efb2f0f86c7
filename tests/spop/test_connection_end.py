"""How a connection ends."""

import pytest

from tests.spop.haproxy_side import ACTIONS, BANNED, HELLO, MESSAGES, NORMAL_END, ask, replies
from webfail2ban.spop import (
    Ack,
    AgentDisconnect,
    Connection,
    Disconnected,
    MisuseError,
    State,
    Status,
    serialize_haproxy_disconnect,
    serialize_notify,
)


def test_haproxys_goodbye_is_returned(connection: Connection) -> None:
    """Whatever its reason, ours is normal."""
    events = connection.receive_data(serialize_haproxy_disconnect(Status.TIMEOUT, "idle"))
    assert events == [Disconnected(Status.TIMEOUT, "idle")]
    assert connection.close_expected
    assert replies(connection) == [NORMAL_END]
    assert connection.state is State.CLOSED


def test_haproxy_may_say_goodbye_first() -> None:
    """A connection that is not needed any more has not always said hello."""
    connection = Connection()
    connection.receive_data(serialize_haproxy_disconnect())
    assert replies(connection) == [NORMAL_END]


def test_after_the_goodbye_input_is_ignored(connection: Connection) -> None:
    """Also what came in the same piece."""
    goodbye = serialize_haproxy_disconnect()
    assert len(connection.receive_data(goodbye + serialize_notify(1, 1, MESSAGES))) == 1
    assert connection.receive_data(b"\xff" * 100) == []
    assert connection.receive_eof() == []
    assert not connection.mid_frame
    assert replies(connection) == [NORMAL_END]


def test_acks_precede_the_last_word(connection: Connection) -> None:
    """What is acknowledged before the queue is handed out still goes out, in front."""
    notify = ask(connection)
    connection.receive_data(serialize_haproxy_disconnect())
    connection.acknowledge(notify, ACTIONS)
    assert replies(connection) == [Ack(1, 1, (BANNED,)), NORMAL_END]


def test_nothing_follows_the_last_word(connection: Connection) -> None:
    """An ACK that comes too late is dropped without a complaint, but still only once."""
    notify = ask(connection)
    connection.receive_data(serialize_haproxy_disconnect())
    connection.data_to_send()
    connection.acknowledge(notify, ACTIONS)
    assert connection.data_to_send() == b""
    with pytest.raises(MisuseError):
        connection.acknowledge(notify, ACTIONS)


def test_the_agent_can_say_goodbye(connection: Connection) -> None:
    """With a status that explains itself, once."""
    connection.disconnect(Status.RESOURCES)
    connection.disconnect(Status.TIMEOUT)
    assert connection.close_expected
    assert replies(connection) == [AgentDisconnect(13, "resource allocation error")]
    connection.disconnect(Status.NORMAL)
    assert connection.data_to_send() == b""


@pytest.mark.parametrize(("status", "message"), [(Status.TIMEOUT, "too slow"), (1000, "")])
def test_the_agent_can_say_why(connection: Connection, status: int, message: str) -> None:
    """In words of its own, or with a code that nobody has assigned."""
    connection.disconnect(status, message)
    assert replies(connection) == [AgentDisconnect(status, message)]


def test_the_agent_can_say_goodbye_within_a_frame(connection: Connection) -> None:
    """A peer that is too slow loses what it has begun."""
    connection.receive_data(HELLO[:20])
    mid_frame = [connection.mid_frame]
    connection.disconnect(Status.TIMEOUT)
    mid_frame.append(connection.mid_frame)
    assert mid_frame == [True, False]
    assert connection.close_expected


def test_eof_is_a_normal_end(connection: Connection) -> None:
    """Nothing is said, nothing is owed."""
    for ending in (Connection(), connection):
        assert ending.receive_eof() == []
        assert ending.close_expected
        assert ending.data_to_send() == b""
        assert ending.receive_eof() == []


def test_what_is_owed_at_eof_is_still_paid(connection: Connection) -> None:
    """The connection closes with the last ACK."""
    first, second = ask(connection, 1), ask(connection, 3)
    assert connection.receive_eof() == []
    assert connection.state is State.DRAINING
    for notify, outstanding in ((first, 1), (second, 0)):
        assert connection.close_expected is False
        connection.acknowledge(notify, ACTIONS)
        assert connection.outstanding == outstanding
        assert replies(connection) == [Ack(notify.stream_id, 1, (BANNED,))]
    assert connection.close_expected
    assert connection.data_to_send() == b""


def test_goodbye_while_draining_ends_it(connection: Connection) -> None:
    """A driver that stops waiting may say so."""
    ask(connection)
    connection.receive_eof()
    connection.disconnect(Status.TIMEOUT)
    assert connection.close_expected

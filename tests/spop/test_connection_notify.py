"""Questions and their answers."""

import pytest

from tests.spop.haproxy_side import ACTIONS, BANNED, HELLO, MESSAGES, ask, replies
from webfail2ban.spop import (
    Ack,
    Connection,
    Message,
    MisuseError,
    Notify,
    ProtocolFailed,
    Scope,
    SetVar,
    encode_actions,
    encode_messages,
    serialize_notify,
)


def test_a_notify_brings_its_messages(connection: Connection) -> None:
    """All of them at once, and the payload they were in."""
    notify = ask(connection, stream_id=7, frame_id=2)
    assert (notify.stream_id, notify.frame_id) == (7, 2)
    assert notify.messages == MESSAGES
    assert notify.payload == encode_messages(MESSAGES)
    assert connection.outstanding == 1
    assert connection.data_to_send() == b""


def test_an_acknowledgement_echoes_the_ids(connection: Connection) -> None:
    """One ACK answers all messages."""
    connection.acknowledge(ask(connection, stream_id=7, frame_id=2), ACTIONS)
    assert connection.outstanding == 0
    assert replies(connection) == [Ack(7, 2, (BANNED,))]
    assert connection.data_to_send() == b""


@pytest.mark.parametrize("stream_id", [0, 1, 239, 240, 2**31 - 1, 2**32, 2**63, 2**64 - 1])
def test_any_id_is_echoed(connection: Connection, stream_id: int) -> None:
    """HAProxy counts from 0 or 1, and up to 64 bits are legal."""
    connection.acknowledge(ask(connection, stream_id, stream_id), ACTIONS)
    assert replies(connection) == [Ack(stream_id, stream_id, (BANNED,))]


def test_acknowledgements_may_come_in_any_order(connection: Connection) -> None:
    """That is what pipelining means."""
    first, second = ask(connection, 1), ask(connection, 3)
    connection.acknowledge(second, ACTIONS)
    connection.acknowledge(first, ACTIONS)
    assert replies(connection) == [Ack(3, 1, (BANNED,)), Ack(1, 1, (BANNED,))]


def test_one_stream_may_ask_several_times(connection: Connection) -> None:
    """The ids may even be the same; each frame is owed its ACK."""
    notifies = [ask(connection, 5, frame_id) for frame_id in (1, 2, 2)]
    for notify in notifies:
        connection.acknowledge(notify, ACTIONS)
    assert replies(connection) == [Ack(5, frame_id, (BANNED,)) for frame_id in (1, 2, 2)]


def test_a_notify_without_messages_is_owed_an_ack(connection: Connection) -> None:
    """HAProxy waits for it like for any other."""
    (notify,) = connection.receive_data(serialize_notify(1, 1, []))
    assert isinstance(notify, Notify)
    assert notify.messages == ()
    connection.acknowledge(notify, ACTIONS)
    assert replies(connection) == [Ack(1, 1, (BANNED,))]


def test_an_ack_without_actions_is_possible(connection: Connection) -> None:
    """Only HAProxy 3.1 minds, and that is for the caller to know."""
    connection.acknowledge(ask(connection), b"")
    assert replies(connection) == [Ack(1, 1, ())]


def test_an_ack_fits_the_negotiated_size() -> None:
    """The first actions are kept, as many as fit."""
    connection = Connection(max_frame_size=256)
    connection.receive_data(HELLO)
    actions = [SetVar(Scope.TRANSACTION, f"v{number}", "x" * 90) for number in range(4)]
    connection.acknowledge(ask(connection), encode_actions(actions))
    assert replies(connection)[1:] == [Ack(1, 1, tuple(actions[:2]))]


def test_acknowledging_twice_is_our_own_bug(connection: Connection) -> None:
    """HAProxy must get exactly one ACK, and it is not the peer who erred."""
    notify = ask(connection)
    connection.acknowledge(notify, ACTIONS)
    with pytest.raises(MisuseError):
        connection.acknowledge(notify, ACTIONS)
    assert replies(connection) == [Ack(1, 1, (BANNED,))]


def test_acknowledging_for_another_connection_is_our_own_bug(connection: Connection) -> None:
    """Ids mean nothing outside their connection, so an equal one does not count."""
    ask(connection)
    other = Connection()
    other.receive_data(HELLO)
    with pytest.raises(MisuseError):
        connection.acknowledge(ask(other), ACTIONS)
    assert connection.outstanding == 1


def test_unknown_frames_are_skipped(connection: Connection) -> None:
    """Also fragments of nothing and the agent's own types; the connection goes on."""
    for kind in (0, 4, 50, 101, 102, 103, 255):
        frame = bytes((0, 0, 0, 9, kind, 0, 0, 0, 1, 1, 1, 0xFF, 0xFF))
        assert connection.receive_data(frame) == []
    connection.acknowledge(ask(connection), ACTIONS)
    assert replies(connection) == [Ack(1, 1, (BANNED,))]


@pytest.mark.parametrize("flags", [0x3, 0xFFFFFFFF])
def test_flags_other_than_fin_do_not_matter(connection: Connection, flags: int) -> None:
    """ABORT may be ignored on a whole frame, and so are reserved bits."""
    frame = bytearray(serialize_notify(1, 1, MESSAGES))
    frame[5:9] = flags.to_bytes(4, "big")
    (notify,) = connection.receive_data(bytes(frame))
    assert isinstance(notify, Notify)
    assert notify.messages == MESSAGES


def test_a_remembered_payload_is_answered_at_once() -> None:
    """Without an event, whatever its ids."""
    memory = {encode_messages(MESSAGES): ACTIONS}
    connection = Connection(recall=memory.get)
    connection.receive_data(HELLO)
    connection.data_to_send()
    assert connection.receive_data(serialize_notify(9, 1, MESSAGES)) == []
    assert connection.outstanding == 0
    assert replies(connection) == [Ack(9, 1, (BANNED,))]


def test_remembered_and_new_payloads_mix() -> None:
    """Each frame of a batch gets what it needs."""
    memory = {encode_messages(MESSAGES): ACTIONS}
    connection = Connection(recall=memory.get)
    new = Message("new")
    events = connection.receive_data(
        HELLO
        + serialize_notify(1, 1, MESSAGES)
        + serialize_notify(3, 1, [new])
        + serialize_notify(5, 1, MESSAGES)
    )
    notify = events[1]
    assert isinstance(notify, Notify)
    assert notify.messages == (new,)
    connection.acknowledge(notify, b"")
    acks = replies(connection)[1:]
    assert acks == [Ack(1, 1, (BANNED,)), Ack(5, 1, (BANNED,)), Ack(3, 1, ())]


def test_nothing_is_recalled_before_the_hello() -> None:
    """A NOTIFY that comes first is refused even if its answer is known."""
    connection = Connection(recall=lambda _: ACTIONS)
    (event,) = connection.receive_data(serialize_notify(1, 1, MESSAGES))
    assert isinstance(event, ProtocolFailed)

"""Whatever the pieces and whatever is remembered, HAProxy gets the same."""

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.spop import (
    Connection,
    Event,
    Message,
    Notify,
    Scope,
    SetVar,
    encode_actions,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)
from webfail2ban.spop.frames import FrameType, serialize_frame
from webfail2ban.spop.messages import encode_messages

IDS = st.one_of(st.integers(0, 300), st.integers(0, 2**32), st.integers(0, 2**64 - 1))
NOTIFIES = st.builds(serialize_notify, IDS, IDS, st.lists(st.from_type(Message), max_size=2))
PLAIN = st.builds(
    serialize_notify,
    st.integers(0, 2**31),
    st.integers(0, 3),
    st.just([Message("check-ip", (("ip", "192.0.2.1"),))]),
)
SKIPPED = st.builds(
    serialize_frame,
    st.sampled_from([0, 9, 101, 103, 200]),
    st.binary(max_size=50),
    st.just(b"\x01\x01"),
    st.integers(0, 2**32 - 1),
)
ENDS = st.one_of(
    st.just(b""),
    st.just(serialize_haproxy_disconnect()),
    st.just(serialize_haproxy_hello()),
    st.builds(serialize_frame, st.just(FrameType.NOTIFY), st.binary(max_size=30)),
    st.binary(max_size=30),
)
STREAMS = st.builds(
    lambda frames, end: serialize_haproxy_hello() + b"".join(frames) + end,
    st.lists(st.one_of(NOTIFIES, PLAIN, PLAIN, SKIPPED), max_size=6),
    ENDS,
)


def judge(payload: bytes) -> bytes:
    """Answer a payload, each with something else."""
    return encode_actions([SetVar(Scope.TRANSACTION, "payload", payload[:40])])


def forget(_: bytes) -> None:
    """Remember nothing."""


def serve(
    pieces: list[bytes], recall: Callable[[bytes], bytes | None]
) -> tuple[list[Event], list[bytes]]:
    """Be an agent for a whole connection; return its events and the frames that it sent."""
    connection = Connection(max_frame_size=2000, recall=recall)
    events: list[Event] = []
    sent = b""
    for piece in [*pieces, b""]:
        new = connection.receive_data(piece) if piece else connection.receive_eof()
        for event in new:
            if isinstance(event, Notify):
                connection.acknowledge(event, judge(event.payload))
        events += new
        sent += connection.data_to_send()
    assert connection.close_expected
    assert connection.outstanding == 0
    return events, split(sent)


def split(data: bytes) -> list[bytes]:
    """Cut what was sent into its frames."""
    frames = []
    while data:
        size = 4 + int.from_bytes(data[:4], "big")
        frames.append(data[:size])
        data = data[size:]
    return frames


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut data at these places, which count modulo its length; leave out empty pieces."""
    bounds = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    pieces = [data[start:stop] for start, stop in pairwise(bounds)]
    return [piece for piece in pieces if piece]


def describe(events: list[Event]) -> list[object]:
    """Make events comparable: a Notify by what it holds."""
    return [
        (event.ids, event.messages, event.payload) if isinstance(event, Notify) else event
        for event in events
    ]


@given(STREAMS, st.lists(st.integers(0), max_size=10))
def test_cuts_change_nothing(stream: bytes, cuts: list[int]) -> None:
    """However the bytes arrive, the events and the answers are the same."""
    whole_events, whole_sent = serve([stream], forget)
    cut_events, cut_sent = serve(cut(stream, cuts), forget)
    assert describe(cut_events) == describe(whole_events)
    assert cut_sent == whole_sent


@given(STREAMS)
def test_single_bytes_change_nothing(stream: bytes) -> None:
    """The finest cut of all."""
    assert serve([bytes((byte,)) for byte in stream], forget)[1] == serve([stream], forget)[1]


@given(STREAMS, st.lists(st.integers(0), max_size=10), st.integers(1, 3))
def test_memory_changes_nothing_but_the_order(stream: bytes, cuts: list[int], share: int) -> None:
    """What is remembered gets the very ACK that it would get if it were not."""
    events, without = serve([stream], forget)
    payloads = [event.payload for event in events if isinstance(event, Notify)]
    memory = {payload: judge(payload) for payload in payloads[::share]}
    _, with_memory = serve(cut(stream, cuts), memory.get)
    assert sorted(with_memory) == sorted(without)


@given(st.lists(PLAIN, min_size=1, max_size=30))
def test_memory_of_everything_keeps_the_order(notifies: list[bytes]) -> None:
    """The fast way and the complete one send the same bytes."""
    stream = serialize_haproxy_hello() + b"".join(notifies)
    assert serve([stream], judge)[1] == serve([stream], forget)[1]


def test_a_payload_means_the_same_however_often_it_comes() -> None:
    """Learning an answer from a Notify and recalling it later is the whole trick."""
    memory: dict[bytes, bytes] = {}
    connection = Connection(recall=memory.get)
    messages = [Message("check-ip", (("ip", "192.0.2.1"),))]
    _, notify = connection.receive_data(
        serialize_haproxy_hello() + serialize_notify(1, 1, messages)
    )
    assert isinstance(notify, Notify)
    assert notify.payload == encode_messages(messages)
    memory[notify.payload] = judge(notify.payload)
    connection.acknowledge(notify, memory[notify.payload])
    first = split(connection.data_to_send())[-1]
    assert connection.receive_data(serialize_notify(1, 1, messages)) == []
    assert split(connection.data_to_send()) == [first]

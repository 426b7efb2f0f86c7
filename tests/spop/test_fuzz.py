"""Hostile input: no exception, no hang, no memory."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.spop import (
    AgentDisconnect,
    Connection,
    Message,
    Notify,
    ReplyReader,
    Scope,
    SetVar,
    encode_actions,
    serialize_haproxy_disconnect,
    serialize_haproxy_hello,
    serialize_notify,
)

LIMIT = 1000
ACTIONS = encode_actions([SetVar(Scope.TRANSACTION, "banned", value=True)])
HELLO = serialize_haproxy_hello()
SEEDS = (
    HELLO,
    serialize_haproxy_hello(engine_id="e", healthcheck=True),
    serialize_notify(1, 1, [Message("check-ip", (("ip", "192.0.2.1"), ("port", 4711)))]),
    serialize_notify(2**31, 2, [Message("m", (("a", None), ("b", b"x" * 300), ("c", -1)))] * 2),
    serialize_notify(0, 1, []),
    serialize_haproxy_disconnect(2, "idle"),
)


def bombard(pieces: Sequence[bytes], *, remember: bool) -> None:
    """Feed everything to one connection, and look after each piece that all is well."""
    connection = Connection(max_frame_size=LIMIT, recall=lambda _: ACTIONS if remember else None)
    reader = ReplyReader()
    replies = []
    for piece in pieces:
        for event in connection.receive_data(piece):
            if isinstance(event, Notify):
                connection.acknowledge(event, ACTIONS)
        assert len(connection._partial) < LIMIT + 4
        assert connection.outstanding == 0
        replies += reader.receive_data(connection.data_to_send())
        assert connection._queue == []
    connection.receive_eof()
    replies += reader.receive_data(connection.data_to_send())
    assert connection.close_expected
    assert not connection.mid_frame
    goodbyes = [reply for reply in replies if isinstance(reply, AgentDisconnect)]
    assert goodbyes in ([], replies[-1:])


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Damage bytes in one of the ways in which bytes get damaged."""
    at = chance.randrange(len(data))
    some = chance.randbytes(chance.choice((1, 1, 2, 4, 12)))
    match chance.randrange(6):
        case 0:
            return data[:at] + some + data[at + len(some) :]
        case 1:
            return data[:at] + some + data[at:]
        case 2:
            return data[:at] + data[at + len(some) :]
        case 3:
            return data[:at]
        case 4:
            return data[:4] + mutate(data[4:], chance) if at < 4 < len(data) else data + some
        case _:
            bit = 1 << chance.randrange(8)
            return data[:at] + bytes((data[at] ^ bit,)) + data[at + 1 :]


def fix_length(frame: bytes) -> bytes:
    """Make the length right again, so that the damage is found further inside."""
    return (len(frame) - 4).to_bytes(4, "big") + frame[4:] if len(frame) >= 4 else frame


def cut(data: bytes, chance: random.Random) -> list[bytes]:
    """Cut bytes into pieces of all sizes."""
    pieces = []
    while data:
        size = chance.choice((1, 3, 10, 100, 1000, 100_000))
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("remember", [False, True])
def test_damaged_frames_do_no_harm(seed: int, remember: bool) -> None:
    """Frames that were right once, then were not, in random company and pieces."""
    chance = random.Random(seed)  # noqa: S311 - the same damage in every run
    for _ in range(150):
        frames = [HELLO] if chance.random() < 0.8 else []
        for _ in range(chance.randrange(1, 8)):
            frame = chance.choice(SEEDS)
            for _ in range(chance.choice((0, 1, 1, 3))):
                frame = mutate(frame, chance) or frame
            frames.append(fix_length(frame) if chance.random() < 0.8 else frame)
        bombard(cut(b"".join(frames), chance), remember=remember)


@given(st.lists(st.binary(max_size=60), max_size=10), st.booleans())
def test_noise_does_no_harm(pieces: list[bytes], remember: bool) -> None:
    """Bytes without any sense, before the hello and after it."""
    bombard(pieces, remember=remember)
    bombard([HELLO, *pieces], remember=remember)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 2, 3, 3, 3, 101, 102, 103, 104]),
            st.sampled_from([0, 1, 1, 1, 3, 0xFFFFFFFF]),
            st.binary(max_size=60),
        ),
        max_size=10,
    ),
    st.booleans(),
)
def test_frames_of_noise_do_no_harm(frames: list[tuple[int, int, bytes]], remember: bool) -> None:
    """Right on the outside, anything inside."""
    stream = HELLO + b"".join(
        (5 + len(rest)).to_bytes(4, "big") + bytes((kind,)) + flags.to_bytes(4, "big") + rest
        for kind, flags, rest in frames
    )
    bombard([stream], remember=remember)


def test_a_slow_sender_costs_no_more_than_its_frame() -> None:
    """Byte by byte, the longest frame is kept once and then let go."""
    connection = Connection(max_frame_size=LIMIT)
    connection.receive_data(HELLO)
    frame = serialize_notify(1, 1, [Message("m", (("x", b"x" * 900),))])
    for place in range(len(frame)):
        connection.receive_data(frame[place : place + 1])
        assert len(connection._partial) == (place + 1) % len(frame)


def test_after_a_failure_nothing_is_kept() -> None:
    """A peer that goes on sending fills no memory."""
    connection = Connection(max_frame_size=LIMIT)
    connection.receive_data(b"\xff" * 10)
    for _ in range(100):
        assert connection.receive_data(b"\xff" * 10_000) == []
    assert len(connection._partial) == 0
    assert len(connection.data_to_send()) < 300

"""The envelope of all frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status
from webfail2ban.spop.frames import (
    Frame,
    FrameType,
    decode_ids,
    encode_ids,
    find_frame,
    parse_frame,
    serialize_frame,
)

LIMIT = 16380


def test_a_frame_has_its_known_bytes() -> None:
    """Length, type and flags in network order, two varints, payload."""
    frame = serialize_frame(FrameType.ACK, b"xyz", encode_ids(240, 1))
    assert frame == bytes.fromhex("0000000b 67 00000001 f000 01 78797a")


def test_types_have_their_numbers() -> None:
    """SPOE.txt 3.2.2."""
    assert [*FrameType] == [0, 1, 2, 3, 101, 102, 103]


def test_control_frames_have_ids_of_zero() -> None:
    """Without ids given both are 0, and FIN is the only flag."""
    assert serialize_frame(FrameType.AGENT_HELLO, b"") == bytes.fromhex("00000007 65 00000001 0000")


@given(
    st.integers(0, 255),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=50),
)
def test_parsing_undoes_serializing(
    kind: int, flags: int, stream_id: int, frame_id: int, payload: bytes
) -> None:
    """Any frame comes back whole, wherever it begins."""
    ids = encode_ids(stream_id, frame_id)
    data = b"before" + serialize_frame(kind, payload, ids, flags) + b"after"
    stop = find_frame(data, 6, LIMIT)
    assert data[stop:] == b"after"
    assert parse_frame(data, 6, stop) == Frame(kind, flags, ids, payload)
    assert decode_ids(ids) == (stream_id, frame_id)


@pytest.mark.parametrize(("flags", "final"), [(1, True), (3, True), (0xFFFFFFFF, True), (0, False)])
def test_fin_is_the_lowest_bit(flags: int, final: bool) -> None:
    """ABORT and the reserved bits do not matter to it."""
    assert Frame(FrameType.NOTIFY, flags, b"", b"").is_final is final


@pytest.mark.parametrize("arrived", range(4))
def test_an_unfinished_length_asks_for_its_rest(arrived: int) -> None:
    """Before the four bytes are there, they are what is waited for."""
    assert find_frame(bytes(arrived), 0, LIMIT) == 4


def test_the_end_is_known_from_the_length_alone() -> None:
    """The frame itself need not be there."""
    assert find_frame(bytes.fromhex("00000100"), 0, LIMIT) == 260


def test_the_limit_counts_the_length_without_itself() -> None:
    """A length equal to the limit is legal, one more is too big."""
    assert find_frame((LIMIT).to_bytes(4, "big"), 0, LIMIT) == LIMIT + 4
    with pytest.raises(ProtocolError) as caught:
        find_frame((LIMIT + 1).to_bytes(4, "big"), 0, LIMIT)
    assert caught.value.status == Status.FRAME_TOO_BIG


@pytest.mark.parametrize("length", range(7))
def test_too_short_a_frame_is_refused(length: int) -> None:
    """Type, flags and two ids need seven bytes."""
    with pytest.raises(ProtocolError) as caught:
        find_frame(bytes((0, 0, 0, length)), 0, LIMIT)
    assert caught.value.status == Status.INVALID_FRAME


@pytest.mark.parametrize("ids", ["f080", "01f0", "00ff"])
def test_ids_that_run_past_the_frame_are_refused(ids: str) -> None:
    """What stands behind the frame is not its own."""
    data = serialize_frame(FrameType.NOTIFY, b"", bytes.fromhex(ids))
    with pytest.raises(ProtocolError) as caught:
        parse_frame(data + bytes(20), 0, len(data))
    assert caught.value.status == Status.INVALID_FRAME

"""ACK frames and the fast way to them."""

import pytest

from webfail2ban.spop import (
    LONGEST_REMEMBERED,
    Scope,
    SetVar,
    decode_actions,
    encode_actions,
    serialize_notify,
)
from webfail2ban.spop.acknowledgement import answer_remembered, serialize_ack
from webfail2ban.spop.frames import FrameType, encode_ids, parse_frame, serialize_frame
from webfail2ban.spop.messages import Message, encode_messages

LIMIT = 16380
PAYLOAD = encode_messages([Message("check-ip", (("ip", "192.0.2.1"),))])
BANNED = encode_actions([SetVar(Scope.TRANSACTION, "banned", value=True)])

STREAM_IDS = [0, 1, 239, 240, 2287, 2288, 264431, 264432, 2**31 - 1, 4328786159]
RARE_IDS = [(4328786160, 1), (2**64 - 1, 1), (1, 240), (2**40, 2**40)]


def notify(payload: bytes = PAYLOAD, ids: bytes = b"\x01\x01", flags: int = 1) -> bytes:
    """Put a NOTIFY together that need not be right."""
    return serialize_frame(FrameType.NOTIFY, payload, ids, flags)


def two_actions(filling: int) -> bytes:
    """Encode two actions, the second as long as wanted."""
    return BANNED + encode_actions([SetVar(Scope.TRANSACTION, "z", "z" * filling)])


def answer(data: bytes, limit: int = LIMIT, actions: bytes = BANNED) -> tuple[int, bytes]:
    """Answer whatever comes; return how far that went, and the ACKs."""
    queue: list[bytes] = []
    at = answer_remembered(data, 0, limit, lambda _: actions, queue)
    return at, b"".join(queue)


def test_an_ack_has_its_known_bytes() -> None:
    """The NOTIFY's ids, FIN, the actions."""
    assert serialize_ack(bytes.fromhex("f00001"), BANNED, LIMIT) == bytes.fromhex(
        "00000013 67 00000001 f00001 01030206 62616e6e6564 11"
    )


def test_actions_that_do_not_fit_are_left_out() -> None:
    """The frame stays at the limit at most, and holds whole actions."""
    actions = [SetVar(Scope.TRANSACTION, f"v{number}", "x" * 90) for number in range(4)]
    data = serialize_ack(b"\x01\x01", encode_actions(actions), 256)
    assert len(data) - 4 <= 256
    assert decode_actions(parse_frame(data, 0, len(data)).payload) == tuple(actions[:2])


@pytest.mark.parametrize("stream_id", STREAM_IDS)
def test_the_fast_way_gives_what_the_complete_one_does(stream_id: int) -> None:
    """Byte for byte, for every length of id that HAProxy sends."""
    data = serialize_notify(stream_id, 1, [Message("check-ip", (("ip", "192.0.2.1"),))])
    ack = serialize_ack(encode_ids(stream_id, 1), BANNED, LIMIT)
    assert answer(data) == (len(data), ack)


def test_several_frames_are_answered_in_one_go() -> None:
    """Each with its own ids, in their order."""
    ids = [encode_ids(stream_id, 1) for stream_id in STREAM_IDS]
    data = b"".join(notify(ids=each) for each in ids)
    assert answer(data) == (len(data), b"".join(serialize_ack(each, BANNED, LIMIT) for each in ids))


@pytest.mark.parametrize(
    "data",
    [
        *(pytest.param(notify(ids=encode_ids(*ids)), id=f"ids {ids}") for ids in RARE_IDS),
        pytest.param(notify(ids=bytes.fromhex("ff" * 11)), id="ids never end"),
        pytest.param(notify(flags=0), id="no FIN"),
        pytest.param(notify(flags=3), id="ABORT"),
        pytest.param(notify(flags=0x101), id="reserved flag"),
        pytest.param(serialize_frame(FrameType.UNSET, PAYLOAD), id="another type"),
        pytest.param(notify(b""), id="no messages"),
        pytest.param(notify(b"\x02ab"), id="hardly a message"),
        pytest.param(notify(bytes(LONGEST_REMEMBERED + 10)), id="long payload"),
        pytest.param(notify()[:-1], id="not all there"),
        pytest.param(notify()[:14], id="hardly begun"),
        pytest.param(b"\x00" * 30, id="length 0"),
        pytest.param(b"\xff" * 30, id="all ones"),
    ],
)
def test_all_else_is_left_to_the_complete_way(data: bytes) -> None:
    """The frame is not touched, and those before it are answered."""
    assert answer(data) == (0, b"")
    before = notify()
    assert answer(before + data) == (len(before), answer(before)[1])


def test_the_longest_remembered_payload_is_asked_for() -> None:
    """Whatever the length of the ids."""
    for stream_id in STREAM_IDS:
        data = notify(bytes(LONGEST_REMEMBERED), encode_ids(stream_id, 1))
        assert answer(data)[0] == len(data)


def test_a_frame_above_the_limit_is_left() -> None:
    """A small negotiated size binds the fast way, too."""
    data = notify(bytes(250))
    assert answer(data, limit=257)[0] == len(data)
    assert answer(data, limit=256) == (0, b"")


@pytest.mark.parametrize("ids", ["f080", "f08080", "01f0", "ff8080"])
def test_ids_are_not_sought_behind_the_frame(ids: str) -> None:
    """What follows a frame is not read as a part of it."""
    data = notify(b"", bytes.fromhex(ids))
    assert answer(data + notify()) == (0, b"")


@pytest.mark.parametrize("limit", [256, 1000, 1023, 1024, 1025])
@pytest.mark.parametrize("excess", [-1, 0, 1])
def test_an_answer_of_just_the_limit_is_kept(limit: int, excess: int) -> None:
    """One byte more is too many."""
    size = limit - 7 + excess
    actions = next(filter(lambda actions: len(actions) == size, map(two_actions, range(size))))
    expected = BANNED if excess > 0 else actions
    data = notify()
    assert answer(data, limit, actions) == (len(data), serialize_ack(b"\x01\x01", expected, limit))


@pytest.mark.parametrize("limit", [256, 1000, 1023, 1024, LIMIT])
@pytest.mark.parametrize("count", [1, 2, 10, 11, 12, 100])
def test_long_answers_are_cut_the_same_way(limit: int, count: int) -> None:
    """What fits the limit and what does not, below and above what is prepared."""
    actions = encode_actions(
        [SetVar(Scope.TRANSACTION, f"v{number}", "x" * 90) for number in range(count)]
    )
    data = notify()
    assert answer(data, limit, actions) == (len(data), serialize_ack(b"\x01\x01", actions, limit))


def test_what_is_forgotten_ends_the_fast_way() -> None:
    """Recall is asked once for each payload, until it says None."""
    asked: list[bytes] = []

    def recall(payload: bytes) -> bytes | None:
        asked.append(payload)
        return BANNED if payload == PAYLOAD else None

    known, unknown = notify(), notify(b"another payload")
    queue: list[bytes] = []
    at = answer_remembered(known + unknown + known, 0, LIMIT, recall, queue)
    assert at == len(known)
    assert asked == [PAYLOAD, b"another payload"]
    assert b"".join(queue) == serialize_ack(b"\x01\x01", BANNED, LIMIT)

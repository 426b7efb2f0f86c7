"""Frames: the envelope of everything that is sent (SPOE.txt 3.2).

length      4 bytes, network order; does not count itself
type        1 byte
flags       4 bytes, network order; bit 0 is FIN, bit 1 is ABORT
STREAM-ID   varint
FRAME-ID    varint
payload     the rest
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.status import Status
from webfail2ban.spop.varint import decode_varint, encode_varint


class FrameType(IntEnum):
    """The types of SPOE.txt 3.2.2; a frame may have any other, too."""

    UNSET = 0
    HAPROXY_HELLO = 1
    HAPROXY_DISCONNECT = 2
    NOTIFY = 3
    AGENT_HELLO = 101
    AGENT_DISCONNECT = 102
    ACK = 103


#: This frame ends its payload. We never send a frame without it.
FIN = 0x1

#: Everybody must support frames of this length (SPOE.txt 3.2), so no limit may be below it.
SMALLEST_LIMIT = 256

#: The shortest frame: type, flags, and two ids of a byte.
SHORTEST = 7

#: The ids of every HELLO and DISCONNECT frame: two zeros (SPOE.txt 3.2.4, 3.2.5, 3.2.8, 3.2.9).
NO_IDS = bytes(2)

PREFIX = Struct(">I")
HEAD = Struct(">IBI")

#: Where the ids begin behind the start of the length.
IDS = HEAD.size


class Frame(NamedTuple):
    """One whole frame.

    Attributes:
        kind: Its type, a FrameType or a number that nobody knows.
        flags: All 32 of them.
        ids: STREAM-ID and FRAME-ID as the bytes they came as.
        payload: What stands behind the ids.
    """

    kind: int
    flags: int
    ids: bytes
    payload: bytes

    @property
    def is_final(self) -> bool:
        """Whether the payload ends here rather than going on in UNSET frames."""
        return bool(self.flags & FIN)


def find_frame(data: bytes, start: int, limit: int) -> int:
    """Find where the frame that begins at `start` ends.

    Args:
        data: What has been received.
        start: Where the length begins.
        limit: The highest length that is allowed.

    Returns:
        The position behind the frame, which may be behind the data; the position behind the
        length if not even that has arrived.

    Raises:
        ProtocolError: The length alone already says that the frame is too big or too short. Then
            the rest need not be read.
    """
    behind_length = start + PREFIX.size
    if behind_length > len(data):
        return behind_length
    (length,) = PREFIX.unpack_from(data, start)
    if length > limit:
        raise ProtocolError(
            Status.FRAME_TOO_BIG, f"a frame of {length} bytes, {limit} are the limit"
        )
    if length < SHORTEST:
        raise ProtocolError(
            Status.INVALID_FRAME, f"a frame of {length} bytes, the shortest has {SHORTEST}"
        )
    return behind_length + int(length)


def parse_frame(data: bytes, start: int, stop: int) -> Frame:
    """Take the whole frame between `start` and `stop` apart.

    Raises:
        ProtocolError: The ids run past its end.
    """
    _, kind, flags = HEAD.unpack_from(data, start)
    _, frame_id = decode_varint(data, start + IDS, stop)
    _, payload = decode_varint(data, frame_id, stop)
    return Frame(kind, flags, data[start + IDS : payload], data[payload:stop])


def serialize_frame(kind: int, payload: bytes, ids: bytes = NO_IDS, flags: int = FIN) -> bytes:
    """Put a frame together, its length in front."""
    return HEAD.pack(HEAD.size - PREFIX.size + len(ids) + len(payload), kind, flags) + ids + payload


def encode_ids(stream_id: int, frame_id: int) -> bytes:
    """Encode STREAM-ID and FRAME-ID, each of 0 to 2^64-1."""
    return encode_varint(stream_id) + encode_varint(frame_id)


def decode_ids(ids: bytes) -> tuple[int, int]:
    """Decode the ids of a frame that has been parsed: STREAM-ID, FRAME-ID."""
    stream_id, at = decode_varint(ids, 0, len(ids))
    frame_id, _ = decode_varint(ids, at, len(ids))
    return stream_id, frame_id

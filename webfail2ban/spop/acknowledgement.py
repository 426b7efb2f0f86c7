"""ACK frames: one for each NOTIFY, with its ids (SPOE.txt 3.2.7).

There are two ways to them. The complete one takes a NOTIFY apart, has it judged and serializes
the answer. The fast one is for what has been answered before: a NOTIFY's payload says everything
there is to judge, so equal payloads get equal actions, and only the ids differ. It finds the ids'
end, asks whoever remembers for the actions, and puts the ids in between.
"""

from collections.abc import Callable
from struct import Struct

from webfail2ban.spop.actions import cut_actions
from webfail2ban.spop.frames import FIN, HEAD, PREFIX, FrameType, serialize_frame
from webfail2ban.spop.varint import FIRST_LIMIT, NEXT_LIMIT

#: Returns the actions that answer a payload, as `encode_actions` wrote them, or None.
Recall = Callable[[bytes], bytes | None]

#: Payloads up to this many bytes are asked for; the client's address and a few names need less
#: than 100. Longer ones (headers, bodies) rarely repeat and would only fill the memory.
LONGEST_REMEMBERED = 512

#: Type and flags of an ordinary NOTIFY. Any other flag takes the complete way.
NOTIFY_HEAD = HEAD.pack(0, FrameType.NOTIFY, FIN)[PREFIX.size :]

#: Length, type and flags, then the six bytes in which the ids end: a STREAM-ID of up to five
#: bytes (2^32; HAProxy counts up to 2^31) and a FRAME-ID of one. Longer ids take the complete way.
FAST_HEAD = Struct(f">I{len(NOTIFY_HEAD)}s6B")
FAST_SIZE = FAST_HEAD.size

#: The lengths of the frames that the fast way reads: all that FAST_HEAD takes must be there.
SHORTEST_FAST = FAST_SIZE - PREFIX.size
LONGEST_FAST = SHORTEST_FAST + LONGEST_REMEMBERED

#: The start of an ACK by its length, made in advance: packing each would take a tenth of the time.
LONGEST_ACK = 1023
ACK_HEADS = tuple(HEAD.pack(length, FrameType.ACK, FIN) for length in range(LONGEST_ACK + 1))


def serialize_ack(ids: bytes, actions: bytes, limit: int) -> bytes:
    """Put an ACK frame together.

    Args:
        ids: STREAM-ID and FRAME-ID of the NOTIFY, as they came.
        actions: What `encode_actions` wrote; cut after the last whole action that fits.
        limit: The negotiated max-frame-size. HAProxy gives up on a connection with a longer frame.
    """
    room = limit - (HEAD.size - PREFIX.size) - len(ids)
    return serialize_frame(FrameType.ACK, cut_actions(actions, room), ids)


def answer_remembered(data: bytes, at: int, limit: int, recall: Recall, queue: list[bytes]) -> int:
    """Answer NOTIFY frames for as long as each is plain, whole and remembered.

    Args:
        data: What has been received.
        at: Where a frame begins.
        limit: The negotiated max-frame-size.
        recall: Asked once for the payload of each plain frame.
        queue: Gets the ACK frames, in pieces.

    Returns:
        Where the first frame begins that has to go the complete way.
    """
    end = len(data)
    last = end - FAST_SIZE
    # A call of min() takes longer than this, and this runs for each read.
    longest = LONGEST_FAST if limit > LONGEST_FAST else limit  # noqa: FURB136 - see above
    room = LONGEST_ACK if limit > LONGEST_ACK else limit  # noqa: FURB136 - see above
    unpack, append, heads = FAST_HEAD.unpack_from, queue.append, ACK_HEADS
    while at <= last:
        length, head, first, second, third, fourth, fifth, sixth = unpack(data, at)
        stop = at + 4 + length
        if head != NOTIFY_HEAD or not SHORTEST_FAST <= length <= longest or stop > end:
            return at
        # Nine bytes of length, type and flags, the ids, then the payload.
        if first < FIRST_LIMIT:
            payload, frame_id = at + 11, second
        elif second < NEXT_LIMIT:
            payload, frame_id = at + 12, third
        elif third < NEXT_LIMIT:
            payload, frame_id = at + 13, fourth
        elif fourth < NEXT_LIMIT:
            payload, frame_id = at + 14, fifth
        elif fifth < NEXT_LIMIT:
            payload, frame_id = at + 15, sixth
        else:
            return at
        if frame_id >= FIRST_LIMIT or (actions := recall(data[payload:stop])) is None:
            return at
        ids = data[at + 9 : payload]
        size = payload - at - 4 + len(actions)
        if size <= room:
            append(heads[size])
            append(ids)
            append(actions)
        else:
            append(serialize_ack(ids, actions, limit))
        at = stop
    return at

"""HAProxy's side of the protocol: for tests, load generators and looking into an agent.

Encoding is functions, one for each frame that HAProxy sends. What comes back goes through a
ReplyReader.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.actions import Action, decode_actions
from webfail2ban.spop.farewell import decode_disconnect, serialize_disconnect
from webfail2ban.spop.frames import (
    Frame,
    FrameType,
    decode_ids,
    encode_ids,
    find_frame,
    parse_frame,
    serialize_frame,
)
from webfail2ban.spop.handshake import CAPABILITIES, VERSION, split
from webfail2ban.spop.items import decode_items, encode_items, take_integer, take_text
from webfail2ban.spop.messages import Message, encode_messages
from webfail2ban.spop.status import Status

#: What HAProxy offers unless configured otherwise: its buffer size less the length.
HAPROXY_FRAME_SIZE = 16384 - 4


@dataclass(frozen=True, slots=True)
class AgentHello:
    """The agent has answered the HELLO.

    Attributes:
        version: The protocol version that it chose.
        max_frame_size: The longest frame from now on, in bytes.
        capabilities: What the agent can do.
    """

    version: str
    max_frame_size: int
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ack:
    """The agent has answered a NOTIFY.

    Attributes:
        stream_id: The NOTIFY's.
        frame_id: The NOTIFY's.
        actions: What HAProxy would do now.
    """

    stream_id: int
    frame_id: int
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class AgentDisconnect:
    """The agent has said goodbye; nothing follows.

    Attributes:
        status: A Status, or a number that nobody knows.
        message: Its reason.
    """

    status: int
    message: str


Reply = AgentHello | Ack | AgentDisconnect


def serialize_haproxy_hello(
    *,
    versions: str = VERSION,
    max_frame_size: int = HAPROXY_FRAME_SIZE,
    capabilities: str = CAPABILITIES,
    engine_id: str = "",
    healthcheck: bool = False,
) -> bytes:
    """Put the HAPROXY-HELLO frame together; optional items are left out when they say nothing."""
    payload = encode_items(
        {
            "supported-versions": versions,
            "max-frame-size": max_frame_size,
            "capabilities": capabilities,
        }
    )
    if engine_id:
        payload += encode_items({"engine-id": engine_id})
    if healthcheck:
        payload += encode_items({"healthcheck": True})
    return serialize_frame(FrameType.HAPROXY_HELLO, payload)


def serialize_notify(stream_id: int, frame_id: int, messages: Iterable[Message]) -> bytes:
    """Put a NOTIFY frame together; its ids are 0 to 2^64-1."""
    payload = encode_messages(messages)
    return serialize_frame(FrameType.NOTIFY, payload, encode_ids(stream_id, frame_id))


def serialize_haproxy_disconnect(status: int = Status.NORMAL, message: str = "") -> bytes:
    """Put the HAPROXY-DISCONNECT frame together."""
    return serialize_disconnect(FrameType.HAPROXY_DISCONNECT, status, message)


class ReplyReader:
    """Reads what an agent sends, cut anywhere.

    Args:
        max_frame_size: The longest frame that is taken, in bytes.
    """

    def __init__(self, max_frame_size: int = HAPROXY_FRAME_SIZE) -> None:
        self._limit = max_frame_size
        self._partial = b""

    def receive_data(self, data: bytes) -> list[Reply]:
        """Return every reply that is whole by now.

        Raises:
            ProtocolError: The agent broke the protocol. The reader is of no use any more.
        """
        data = self._partial + data
        replies: list[Reply] = []
        at = 0
        while at < len(data) and (stop := find_frame(data, at, self._limit)) <= len(data):
            replies.append(decode_reply(parse_frame(data, at, stop)))
            at = stop
        self._partial = data[at:]
        return replies


def decode_reply(frame: Frame) -> Reply:
    """Take a frame of the agent's apart.

    Raises:
        ProtocolError: It does not decode, or is nothing that an agent sends.
    """
    if not frame.is_final:
        raise ProtocolError(Status.FRAGMENTATION_NOT_SUPPORTED, "the agent sent a fragment")
    match frame.kind:
        case FrameType.AGENT_HELLO:
            return decode_agent_hello(frame.payload)
        case FrameType.ACK:
            return Ack(*decode_ids(frame.ids), decode_actions(frame.payload))
        case FrameType.AGENT_DISCONNECT:
            return AgentDisconnect(*decode_disconnect(frame.payload))
    raise ProtocolError(Status.INVALID_FRAME, f"the agent sent a frame of type {frame.kind}")


def decode_agent_hello(payload: bytes) -> AgentHello:
    """Read the payload of AGENT-HELLO; all three items are mandatory (SPOE.txt 3.2.5).

    Raises:
        ProtocolError: It does not decode (status 4), or an item is missing (5, 6, 7).
    """
    items = decode_items(payload)
    return AgentHello(
        version=take_text(items, "version", Status.NO_VERSION),
        max_frame_size=take_integer(items, "max-frame-size", Status.NO_MAX_FRAME_SIZE),
        capabilities=frozenset(split(take_text(items, "capabilities", Status.NO_CAPABILITIES))),
    )

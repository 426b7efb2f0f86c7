"""What a Connection tells its owner: values without behaviour."""

from dataclasses import dataclass

from webfail2ban.spop.frames import decode_ids
from webfail2ban.spop.messages import Message


@dataclass(frozen=True, slots=True)
class HelloReceived:
    """HAProxy has introduced itself; the answer is queued.

    Attributes:
        engine_id: Names the engine; empty in health checks.
        healthcheck: Whether the connection exists only to see if the agent is alive.
        max_frame_size: The longest frame from now on, in bytes, as negotiated.
        capabilities: What HAProxy announced.
    """

    engine_id: str
    healthcheck: bool
    max_frame_size: int
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Notify:
    """HAProxy asks, and waits for the acknowledgement.

    Each is a debt of its own, so they are compared by identity: a peer that sends the same ids
    twice is owed two ACKs.

    Attributes:
        ids: STREAM-ID and FRAME-ID as they came; the ACK echoes these bytes.
        messages: What is asked, possibly nothing.
        payload: The same as it came: equal payloads ask the same.
    """

    ids: bytes
    messages: tuple[Message, ...]
    payload: bytes

    @property
    def stream_id(self) -> int:
        """The STREAM-ID as a number; it means nothing outside its connection."""
        return decode_ids(self.ids)[0]

    @property
    def frame_id(self) -> int:
        """The FRAME-ID as a number."""
        return decode_ids(self.ids)[1]


@dataclass(frozen=True, slots=True)
class Disconnected:
    """HAProxy has said goodbye; the answer is queued.

    Attributes:
        status: Its status code: a Status, or a number that nobody knows.
        message: Its reason.
    """

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class ProtocolFailed:
    """The peer broke the protocol; AGENT-DISCONNECT is queued and all further input ignored.

    Attributes:
        status: The status code that we answer.
        detail: What was wrong, in a few words that quote nothing of the peer's.
    """

    status: int
    detail: str


Event = HelloReceived | Notify | Disconnected | ProtocolFailed

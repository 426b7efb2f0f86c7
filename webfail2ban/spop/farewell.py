"""DISCONNECT: the last frame in either direction (SPOE.txt 3.2.8, 3.2.9)."""

from webfail2ban.spop.frames import FrameType, serialize_frame
from webfail2ban.spop.items import decode_items, encode_items
from webfail2ban.spop.status import Status

#: The longest message in bytes. HAProxy up to 3.0 refuses more than 255, and with this the whole
#: frame fits the smallest limit there is (256), so it can be sent whatever was negotiated.
LONGEST_MESSAGE = 200


def serialize_agent_disconnect(status: int, message: str) -> bytes:
    """Put the AGENT-DISCONNECT frame together.

    Args:
        status: A Status, or a code of one's own (0 to 2^32-1).
        message: Why; cut at LONGEST_MESSAGE bytes, without breaking a character.
    """
    return serialize_disconnect(FrameType.AGENT_DISCONNECT, status, message)


def serialize_disconnect(kind: FrameType, status: int, message: str) -> bytes:
    """Put a DISCONNECT frame of either direction together."""
    cut = message.encode("utf-8", "replace")[:LONGEST_MESSAGE].decode("utf-8", "ignore")
    return serialize_frame(kind, encode_items({"status-code": status, "message": cut}))


def decode_disconnect(payload: bytes) -> tuple[int, str]:
    """Read status and message from the payload of a DISCONNECT frame.

    Whoever says goodbye is not argued with: where an item is missing or of another type, the
    status is 99 and the message empty.

    Raises:
        ProtocolError: The payload is not a list of named values (status 4).
    """
    items = decode_items(payload)
    status, message = items.get("status-code"), items.get("message")
    return (
        status if isinstance(status, int) and not isinstance(status, bool) else Status.UNKNOWN,
        message if isinstance(message, str) else "",
    )

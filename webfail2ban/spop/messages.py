"""The payload of NOTIFY: a list of messages (SPOE.txt 3.2, 3.3).

message = name STRING, number of arguments (1 byte), arguments
argument = name STRING, typed data
"""

from collections.abc import Iterable
from dataclasses import dataclass

from webfail2ban.spop.data import Value, decode_value, encode_text, encode_value
from webfail2ban.spop.reader import Reader

#: The number of arguments is a single byte.
MOST_ARGS = 255


@dataclass(frozen=True, slots=True)
class Message:
    """What one ``spoe-message`` section sends.

    Attributes:
        name: The section's name.
        args: Names and values in the configured order. Names may be empty or repeat; the value
            of a sample that HAProxy does not have is None.
    """

    name: str
    args: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        """Refuse more arguments than a message can say it has."""
        if len(self.args) > MOST_ARGS:
            raise ValueError(f"a message has at most {MOST_ARGS} arguments, not {len(self.args)}")


def decode_messages(payload: bytes) -> tuple[Message, ...]:
    """Read the messages up to the end; none at all is legal.

    Raises:
        ProtocolError: The payload is anything but whole messages (status 4).
    """
    reader = Reader(payload)
    messages = []
    while not reader.exhausted:
        name = reader.read_text()
        count = reader.read_byte()
        args = tuple([(reader.read_text(), decode_value(reader)) for _ in range(count)])
        messages.append(Message(name, args))
    return tuple(messages)


def encode_messages(messages: Iterable[Message]) -> bytes:
    """Write the payload of NOTIFY as HAProxy does.

    Raises:
        ValueError: A value cannot be encoded.
    """
    return b"".join(
        encode_text(message.name)
        + bytes((len(message.args),))
        + b"".join(encode_text(name) + encode_value(value) for name, value in message.args)
        for message in messages
    )

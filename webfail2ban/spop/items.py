"""KV-LIST: the named items of HELLO and DISCONNECT frames (SPOE.txt 3.2)."""

from collections.abc import Mapping

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.data import (
    DataType,
    Value,
    decode_value,
    encode_integer,
    encode_text,
    encode_value,
)
from webfail2ban.spop.reader import Reader
from webfail2ban.spop.status import Status


def decode_items(payload: bytes) -> dict[str, Value]:
    """Read the items up to the end, in any order; the last of a name counts.

    Raises:
        ProtocolError: The payload is not a list of named values.
    """
    reader = Reader(payload)
    items: dict[str, Value] = {}
    while not reader.exhausted:
        name = reader.read_text()
        items[name] = decode_value(reader)
    return items


def encode_items(items: Mapping[str, Value]) -> bytes:
    """Write the items in their order. Integers become UINT32, the only type that these need."""
    return b"".join(encode_text(name) + encode_item(value) for name, value in items.items())


def encode_item(value: Value) -> bytes:
    """Write the value of an item, an integer as UINT32."""
    if isinstance(value, int) and not isinstance(value, bool):
        return encode_integer(DataType.UINT32, value)
    return encode_value(value)


def take_text(items: Mapping[str, Value], name: str, missing: Status) -> str:
    """Return the STRING of that name.

    Raises:
        ProtocolError: With status `missing` if there is none, 4 if it is no STRING.
    """
    value = take(items, name, missing)
    if not isinstance(value, str):
        raise ProtocolError(Status.INVALID_FRAME, f"{name} is no STRING")
    return value


def take_integer(items: Mapping[str, Value], name: str, missing: Status) -> int:
    """Return the integer of that name, whichever of the four types it has.

    Raises:
        ProtocolError: With status `missing` if there is none, 4 if it is no integer.
    """
    value = take(items, name, missing)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ProtocolError(Status.INVALID_FRAME, f"{name} is no integer")
    return value


def take(items: Mapping[str, Value], name: str, missing: Status) -> Value:
    """Return the item of that name, or raise a ProtocolError with status `missing`."""
    if name not in items:
        raise ProtocolError(missing, f"{name} is missing")
    return items[name]

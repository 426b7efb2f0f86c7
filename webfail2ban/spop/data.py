"""Typed data: the values in messages, actions and HELLO items (SPOE.txt 3.1).

One byte says what follows: the type in its low nibble, flags in its high one.
"""

from collections.abc import Callable
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.reader import Reader
from webfail2ban.spop.status import Status
from webfail2ban.spop.varint import encode_varint

#: What typed data becomes in Python; NULL is None, a STRING is str, a BINARY is bytes.
Value = None | bool | int | IPv4Address | IPv6Address | str | bytes


class DataType(IntEnum):
    """The low nibble; 10 to 15 are reserved."""

    NULL = 0
    BOOL = 1
    INT32 = 2
    UINT32 = 3
    INT64 = 4
    UINT64 = 5
    IPV4 = 6
    IPV6 = 7
    STRING = 8
    BINARY = 9


#: The only flag there is: this BOOL is true.
TRUE = 0x10

#: What each integer type can hold: the lowest and the highest value.
INTEGER_RANGES = {
    DataType.INT32: (-(2**31), 2**31 - 1),
    DataType.UINT32: (0, 2**32 - 1),
    DataType.INT64: (-(2**63), 2**63 - 1),
    DataType.UINT64: (0, 2**64 - 1),
}


def encode_text(text: str) -> bytes:
    """Encode a STRING without its type byte, as names are written."""
    return encode_counted(text.encode("utf-8", "surrogateescape"))


def encode_counted(data: bytes) -> bytes:
    """Encode a length and the bytes."""
    return encode_varint(len(data)) + data


def encode_integer(kind: DataType, value: int) -> bytes:
    """Encode an integer as one of the four integer types.

    Negative numbers travel as 64-bit two's complement, also in an INT32: HAProxy reads the 32-bit
    form of -1 as 4294967295.

    Raises:
        ValueError: The type cannot hold the value.
    """
    lowest, highest = INTEGER_RANGES[kind]
    if not lowest <= value <= highest:
        raise ValueError(f"{kind.name} cannot hold {value}")
    return bytes((kind,)) + encode_varint(value % 2**64)


def encode_value(value: Value) -> bytes:
    """Encode a value as HAProxy would: every integer is an INT64.

    Raises:
        ValueError: An integer needs more than 64 bits with its sign.
    """
    head: int
    match value:
        case None:
            head, body = DataType.NULL, b""
        case bool():
            head, body = DataType.BOOL | (TRUE if value else 0), b""
        case int():
            return encode_integer(DataType.INT64, value)
        case IPv4Address():
            head, body = DataType.IPV4, value.packed
        case IPv6Address():
            head, body = DataType.IPV6, value.packed
        case str():
            head, body = DataType.STRING, encode_text(value)
        case bytes():
            head, body = DataType.BINARY, encode_counted(value)
    return bytes((head,)) + body


def decode_value(reader: Reader) -> Value:
    """Read one typed data.

    Raises:
        ProtocolError: It is cut off, or its type is reserved.
    """
    head = reader.read_byte()
    decode = DECODERS.get(head & 0x0F)
    if decode is None:
        raise ProtocolError(Status.INVALID_FRAME, f"data of the reserved type {head & 0x0F}")
    return decode(reader, head)


def decode_null(_reader: Reader, _head: int) -> None:
    """Read nothing: NULL is its type byte alone."""


def decode_bool(_reader: Reader, head: int) -> bool:
    """Read nothing: a BOOL's value is one of the flags."""
    return bool(head & TRUE)


def decode_signed(reader: Reader, _: int) -> int:
    """Read an INT32 or INT64, both 64-bit two's complement."""
    value = reader.read_varint()
    return value if value < 2**63 else value - 2**64


def decode_unsigned(reader: Reader, _: int) -> int:
    """Read a UINT32 or UINT64."""
    return reader.read_varint()


def decode_ipv4(reader: Reader, _: int) -> IPv4Address:
    """Read the four bytes of an IPv4 address."""
    return IPv4Address(reader.read_bytes(4))


def decode_ipv6(reader: Reader, _: int) -> IPv6Address:
    """Read the sixteen bytes of an IPv6 address."""
    return IPv6Address(reader.read_bytes(16))


def decode_string(reader: Reader, _: int) -> str:
    """Read a STRING."""
    return reader.read_text()


def decode_binary(reader: Reader, _: int) -> bytes:
    """Read a BINARY."""
    return reader.read_counted()


#: How to read what follows the type byte; each is given that byte as well, for its flags.
DECODERS: dict[int, Callable[[Reader, int], Value]] = {
    DataType.NULL: decode_null,
    DataType.BOOL: decode_bool,
    DataType.INT32: decode_signed,
    DataType.UINT32: decode_unsigned,
    DataType.INT64: decode_signed,
    DataType.UINT64: decode_unsigned,
    DataType.IPV4: decode_ipv4,
    DataType.IPV6: decode_ipv6,
    DataType.STRING: decode_string,
    DataType.BINARY: decode_binary,
}

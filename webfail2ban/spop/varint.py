"""Variable-length integers, the encoding of HAProxy's peers protocol (SPOE.txt 3.1).

Up to 239 the value is its own byte. Above that, the first byte holds the low four bits below a
high nibble of ones, each further byte seven bits, and a byte below 128 ends it. What earlier
bytes could already say is subtracted first, so every value has exactly one encoding.
"""

from webfail2ban.errors import ProtocolError
from webfail2ban.spop.status import Status

#: Values from here on take more than one byte.
FIRST_LIMIT = 240

#: A byte from here on is followed by another.
NEXT_LIMIT = 128

#: Integers have 64 bits (SPOE.txt 3.1).
MAX_VARINT = 2**64 - 1

#: Where the bits of the tenth byte go, the last that 64 bits need: behind 4 bits and 8 times 7.
LAST_SHIFT = 60


def encode_varint(value: int) -> bytes:
    """Encode an integer of 0 to 2^64-1.

    Raises:
        ValueError: The value is out of that range.
    """
    if not 0 <= value <= MAX_VARINT:
        raise ValueError(f"a varint is between 0 and 2^64-1, not {value}")
    if value < FIRST_LIMIT:
        return bytes((value,))
    encoded = bytearray(((value & 0xFF) | 0xF0,))
    value = (value - FIRST_LIMIT) >> 4
    while value >= NEXT_LIMIT:
        encoded.append((value & 0xFF) | 0x80)
        value = (value - NEXT_LIMIT) >> 7
    encoded.append(value)
    return bytes(encoded)


def decode_varint(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Decode the integer at `start` in data that ends before `end`.

    Returns:
        The value, and the position behind it.

    Raises:
        ProtocolError: It runs past the end or has more than 64 bits.
    """
    if start >= end:
        raise ProtocolError(Status.INVALID_FRAME, "an integer is missing")
    value = data[start]
    if value < FIRST_LIMIT:
        return value, start + 1
    at, shift = start + 1, 4
    while at < end and shift <= LAST_SHIFT:
        byte = data[at]
        value += byte << shift
        at += 1
        if byte < NEXT_LIMIT:
            break
        shift += 7
    else:
        raise ProtocolError(Status.INVALID_FRAME, "an integer is cut off or too long")
    if value > MAX_VARINT:
        raise ProtocolError(Status.INVALID_FRAME, "an integer has more than 64 bits")
    return value, at

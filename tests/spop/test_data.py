"""Typed data."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Message, Status, Value
from webfail2ban.spop.data import DataType, decode_value, encode_integer, encode_value
from webfail2ban.spop.reader import Reader

MINUS_ONE = "fff0fefefefefefefe0e"

#: What HAProxy sends.
SENT = {
    "00": None,
    "11": True,
    "01": False,
    "0400": 0,
    "04fff0fefefefefefefe06": 2**63 - 1,
    f"04{MINUS_ONE}": -1,
    "04f0f1fefefefefefefe06": -(2**63),
    "06c0000201": IPv4Address("192.0.2.1"),
    "0720010db8000000000000000000000001": IPv6Address("2001:db8::1"),
    "0700000000000000000000ffffc0000201": IPv6Address("::ffff:192.0.2.1"),
    "0803474554": "GET",
    "0800": "",
    "0902ff00": b"\xff\x00",
    "0900": b"",
}

#: What it does not send, but another peer might.
TOLERATED = {
    "0205": 5,
    f"02{MINUS_ONE}": -1,
    "03fff0fefe7e": 2**32 - 1,
    f"05{MINUS_ONE}": 2**64 - 1,
    "31": True,
    "21": False,
    "f0": None,
    "f803474554": "GET",
}


def decode(encoded: str) -> tuple[Value, bool]:
    """Decode hexadecimal; also tell whether nothing is left."""
    reader = Reader(bytes.fromhex(encoded))
    return decode_value(reader), reader.exhausted


@pytest.mark.parametrize(("encoded", "value"), (SENT | TOLERATED).items())
def test_decodes(encoded: str, value: Value) -> None:
    """The type is in the low nibble, the flags in the high one, and only BOOL has one."""
    decoded, exhausted = decode(encoded)
    assert decoded == value
    assert type(decoded) is type(value)
    assert exhausted


@pytest.mark.parametrize(("encoded", "value"), SENT.items())
def test_encodes_as_haproxy_does(encoded: str, value: Value) -> None:
    """No flags but a true BOOL's, and every integer an INT64 in two's complement."""
    assert encode_value(value) == bytes.fromhex(encoded)


@given(st.from_type(Message))
def test_decoding_undoes_encoding(message: Message) -> None:
    """Any value comes back with its type."""
    for _, value in message.args:
        decoded, exhausted = decode(encode_value(value).hex())
        assert (decoded, type(decoded), exhausted) == (value, type(value), True)


@given(st.binary(max_size=20))
def test_strings_lose_nothing(data: bytes) -> None:
    """A STRING that is no UTF-8 goes out as it came in."""
    encoded = b"\x08" + bytes((len(data),)) + data
    assert encode_value(decode_value(Reader(encoded))) == encoded


@pytest.mark.parametrize("kind", range(10, 16))
def test_reserved_types_are_refused(kind: int) -> None:
    """Types 10 to 15 have no meaning, so what follows could not be told apart."""
    with pytest.raises(ProtocolError) as caught:
        decode(f"{kind:02x}00")
    assert caught.value.status == Status.INVALID_FRAME


@pytest.mark.parametrize(
    "encoded", ["", "02", "04f0", "06c00002", "0720010db8", "08", "08036161", "09ff", "0902ff"]
)
def test_cut_off_data_is_refused(encoded: str) -> None:
    """Whatever ends before it should is an invalid frame."""
    with pytest.raises(ProtocolError) as caught:
        decode(encoded)
    assert caught.value.status == Status.INVALID_FRAME


@pytest.mark.parametrize(
    ("kind", "value", "encoded"),
    [
        (DataType.INT32, -1, f"02{MINUS_ONE}"),
        (DataType.INT32, 2**31 - 1, "02fff0fefe3e"),
        (DataType.UINT32, 16380, "03fcf006"),
        (DataType.INT64, -1, f"04{MINUS_ONE}"),
        (DataType.UINT64, 2**64 - 1, f"05{MINUS_ONE}"),
    ],
)
def test_an_integer_can_be_given_its_type(kind: DataType, value: int, encoded: str) -> None:
    """A negative INT32 has 64 bits on the wire, too: HAProxy reads 32 of them as positive."""
    assert encode_integer(kind, value) == bytes.fromhex(encoded)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DataType.INT32, 2**31),
        (DataType.UINT32, -1),
        (DataType.INT64, 2**63),
        (DataType.UINT64, 2**64),
    ],
)
def test_an_integer_must_fit_its_type(kind: DataType, value: int) -> None:
    """What would arrive as another number is not sent."""
    with pytest.raises(ValueError, match="cannot hold"):
        encode_integer(kind, value)

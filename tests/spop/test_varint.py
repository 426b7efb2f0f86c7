"""Variable-length integers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status
from webfail2ban.spop.varint import decode_varint, encode_varint

VECTORS = {
    0: "00",
    239: "ef",
    240: "f000",
    241: "f100",
    256: "f001",
    2287: "ff7f",
    2288: "f08000",
    16380: "fcf006",
    264431: "ffff7f",
    264432: "f0808000",
    2**31 - 1: "fff0fefe3e",
    2**32 - 1: "fff0fefe7e",
    2**32: "f0f1fefe7e",
    2**63 - 1: "fff0fefefefefefefe06",
    2**64 - 1: "fff0fefefefefefefe0e",
}

#: The first value that needs one byte more, by the length that no longer does.
BOUNDS = {
    1: 240,
    2: 2288,
    3: 264432,
    4: 33818864,
    5: 4328786160,
    6: 554084600048,
    7: 70922828777712,
    8: 9078122083518704,
    9: 1161999626690365680,
}


@pytest.mark.parametrize(("value", "encoded"), VECTORS.items())
def test_known_values_have_their_known_bytes(value: int, encoded: str) -> None:
    """The encoding is HAProxy's, byte for byte, in both directions."""
    data = bytes.fromhex(encoded)
    assert encode_varint(value) == data
    assert decode_varint(data, 0, len(data)) == (value, len(data))


@pytest.mark.parametrize(("length", "bound"), BOUNDS.items())
def test_length_grows_where_the_specification_says(length: int, bound: int) -> None:
    """SPOE.txt 3.1 gives the bound of each length."""
    assert len(encode_varint(bound - 1)) == length
    assert len(encode_varint(bound)) == length + 1


@given(st.integers(0, 2**64 - 1), st.binary(max_size=3), st.binary(max_size=3))
def test_decoding_undoes_encoding(value: int, before: bytes, after: bytes) -> None:
    """Any 64-bit value comes back, wherever it stands."""
    encoded = encode_varint(value)
    data = before + encoded + after
    behind = len(before) + len(encoded)
    assert decode_varint(data, len(before), len(data)) == (value, behind)


@given(st.binary(max_size=12))
def test_every_value_has_one_encoding(data: bytes) -> None:
    """Whatever decodes encodes to the very same bytes."""
    try:
        value, end = decode_varint(data, 0, len(data))
    except ProtocolError:
        return
    assert encode_varint(value) == data[:end]


@pytest.mark.parametrize("encoded", ["", "f0", "ff80", "fff0fefe", "fff0fefefefefefefe"])
def test_cut_off_is_refused(encoded: str) -> None:
    """An integer that runs past the end is an invalid frame."""
    data = bytes.fromhex(encoded)
    with pytest.raises(ProtocolError) as caught:
        decode_varint(data, 0, len(data))
    assert caught.value.status == Status.INVALID_FRAME


def test_end_binds_rather_than_the_data() -> None:
    """Bytes behind the end do not complete an integer."""
    with pytest.raises(ProtocolError):
        decode_varint(bytes.fromhex("f000"), 0, 1)


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param("f0f1fefefefefefefe0e", id="2^64"),
        pytest.param("fff0fefefefefefefe7f", id="67 bits"),
        pytest.param("f0" + "80" * 9 + "00", id="eleven bytes"),
        pytest.param("ff" * 65536, id="never ending"),
    ],
)
def test_more_than_64_bits_are_refused(encoded: str) -> None:
    """An integer that nobody can hold is an invalid frame, however long it goes on."""
    data = bytes.fromhex(encoded)
    with pytest.raises(ProtocolError) as caught:
        decode_varint(data, 0, len(data))
    assert caught.value.status == Status.INVALID_FRAME


@pytest.mark.parametrize("value", [-1, 2**64])
def test_out_of_range_cannot_be_encoded(value: int) -> None:
    """Only what fits 64 bits without a sign has an encoding."""
    with pytest.raises(ValueError, match="varint"):
        encode_varint(value)

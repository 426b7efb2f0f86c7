"""The messages in a NOTIFY."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Message, Status, decode_messages, encode_messages

CHECK_IP = Message("check-ip", (("ip", IPv4Address("192.0.2.1")), ("", None)))
CHECK_IP_BYTES = bytes.fromhex("08 636865636b2d6970 02 026970 06c0000201 00 00")


def test_a_message_has_its_known_bytes() -> None:
    """Name, number of arguments, then name and value of each; a name may be empty."""
    assert encode_messages([CHECK_IP]) == CHECK_IP_BYTES
    assert decode_messages(CHECK_IP_BYTES) == (CHECK_IP,)


def test_no_message_is_legal() -> None:
    """HAProxy 3.1 and 3.2 send empty NOTIFYs when conditions removed every message."""
    assert decode_messages(b"") == ()


def test_several_messages_come_in_their_order() -> None:
    """All messages of one event share a NOTIFY, and one may have no arguments."""
    payload = CHECK_IP_BYTES + bytes.fromhex("01 61 00") + CHECK_IP_BYTES
    assert decode_messages(payload) == (CHECK_IP, Message("a"), CHECK_IP)


def test_arguments_keep_order_and_repetition() -> None:
    """Nothing is folded: what it means is not the codec's affair."""
    message = Message("m", (("b", 1), ("a", 2), ("b", 3)))
    assert decode_messages(encode_messages([message])) == (message,)


def test_255_arguments_fit() -> None:
    """The number of arguments is one byte, all of it."""
    message = Message("m", (("", 0),) * 255)
    assert decode_messages(encode_messages([message])) == (message,)
    with pytest.raises(ValueError, match="at most 255"):
        Message("m", (("", 0),) * 256)


@given(st.lists(st.from_type(Message), max_size=4))
def test_decoding_undoes_encoding(messages: list[Message]) -> None:
    """Any messages come back."""
    assert decode_messages(encode_messages(messages)) == tuple(messages)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(CHECK_IP_BYTES[:-1], id="value missing"),
        pytest.param(CHECK_IP_BYTES[:-2], id="fewer arguments than announced"),
        pytest.param(CHECK_IP_BYTES[:9], id="number of arguments missing"),
        pytest.param(CHECK_IP_BYTES[:5], id="name beyond the frame"),
        pytest.param(CHECK_IP_BYTES[:15], id="address cut off"),
        pytest.param(CHECK_IP_BYTES + b"\x05", id="trailing byte"),
        pytest.param(bytes.fromhex("0161 01 0162 0a"), id="reserved type"),
    ],
)
def test_anything_but_whole_messages_is_refused(payload: bytes) -> None:
    """A payload that does not decode to its last byte is an invalid frame."""
    with pytest.raises(ProtocolError) as caught:
        decode_messages(payload)
    assert caught.value.status == Status.INVALID_FRAME

"""DISCONNECT frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status
from webfail2ban.spop.farewell import decode_disconnect, serialize_agent_disconnect
from webfail2ban.spop.frames import FrameType, parse_frame


def test_the_frame_has_its_known_bytes() -> None:
    """Both items are there: the status a UINT32, the message a STRING."""
    assert serialize_agent_disconnect(Status.INVALID_FRAME, "why") == bytes.fromhex(
        "00000022 66 00000001 0000 0b 7374617475732d636f6465 0304 07 6d657373616765 0803 776879"
    )


@given(st.integers(0, 2**32 - 1), st.text(max_size=400))
def test_the_frame_always_fits(status: int, message: str) -> None:
    """The message stays below 256 bytes and the frame below the smallest limit."""
    data = serialize_agent_disconnect(status, message)
    frame = parse_frame(data, 0, len(data))
    sent_status, sent = decode_disconnect(frame.payload)
    assert frame.kind == FrameType.AGENT_DISCONNECT
    assert sent_status == status
    assert len(sent.encode()) <= 255
    assert len(data) - 4 <= 256


def test_a_long_message_is_cut_between_characters() -> None:
    """What remains is a beginning of the message and still UTF-8."""
    data = serialize_agent_disconnect(Status.UNKNOWN, "x" + "ä" * 200)
    _, sent = decode_disconnect(parse_frame(data, 0, len(data)).payload)
    assert sent == "x" + "ä" * 99


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param("", (99, ""), id="nothing"),
        pytest.param("0b7374617475732d636f6465 03f0f1fefe7e", (2**32, ""), id="huge status"),
        pytest.param("0b7374617475732d636f6465 0801 78", (99, ""), id="status no integer"),
        pytest.param("0b7374617475732d636f6465 11", (99, ""), id="status a BOOL"),
        pytest.param("07 6d657373616765 0301 0161 00", (99, ""), id="message no string"),
    ],
)
def test_a_strange_goodbye_is_a_goodbye(payload: str, expected: tuple[int, str]) -> None:
    """Missing, additional and mistyped items do not matter any more."""
    assert decode_disconnect(bytes.fromhex(payload)) == expected


def test_a_broken_goodbye_is_refused() -> None:
    """A payload that does not decode is an invalid frame here, too."""
    with pytest.raises(ProtocolError) as caught:
        decode_disconnect(b"\x05abc")
    assert caught.value.status == Status.INVALID_FRAME

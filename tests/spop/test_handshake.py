"""HELLO in both directions."""

import pytest

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status, Value
from webfail2ban.spop.handshake import Hello, decode_hello, negotiate, serialize_agent_hello
from webfail2ban.spop.items import encode_items

#: What HAProxy's "option spop-check" sends, without length, type, flags and ids.
CHECK = bytes.fromhex(
    "12 737570706f727465642d76657273696f6e73 0803322e30"
    "0e 6d61782d6672616d652d73697a65 03fcf006"
    "0c 6361706162696c6974696573 0800"
    "0b 6865616c7468636865636b 11"
)
ITEMS: dict[str, Value] = {
    "supported-versions": "2.0",
    "max-frame-size": 16380,
    "capabilities": "pipelining,async",
}
HELLO = Hello(("2.0",), 16380, frozenset({"pipelining", "async"}))


def decode(**changes: Value) -> Hello:
    """Decode ITEMS with changes; names with underscores for hyphens."""
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return decode_hello(encode_items(ITEMS | changed))


def test_a_health_check_is_understood() -> None:
    """The very bytes of HAProxy."""
    assert decode_hello(CHECK) == Hello(("2.0",), 16380, frozenset(), healthcheck=True)


def test_a_session_is_understood() -> None:
    """The optional items are optional."""
    assert decode() == HELLO
    assert decode(engine_id="0b2c", healthcheck=False) == Hello(
        ("2.0",), 16380, HELLO.capabilities, healthcheck=False, engine_id="0b2c"
    )


def test_items_come_in_any_order() -> None:
    """A KV-LIST has no order."""
    assert decode_hello(encode_items(dict(reversed(ITEMS.items())))) == HELLO


@pytest.mark.parametrize("value", [None, True, 5, "x", b"x"])
def test_unknown_items_are_ignored(value: Value) -> None:
    """Whatever their type."""
    assert decode(something_new=value) == HELLO


def test_spaces_in_lists_are_ignored() -> None:
    """SPOE.txt 3.2.4 says so for versions and capabilities."""
    hello = decode(supported_versions=" 2.0 , 1.5", capabilities=" async , pipelining ,")
    assert hello.versions == ("2.0", "1.5")
    assert hello.capabilities == {"pipelining", "async"}


@pytest.mark.parametrize(
    ("missing", "status"),
    [
        ("supported-versions", Status.NO_VERSION),
        ("max-frame-size", Status.NO_MAX_FRAME_SIZE),
        ("capabilities", Status.NO_CAPABILITIES),
    ],
)
def test_a_missing_item_has_its_status(missing: str, status: Status) -> None:
    """SPOE.txt 3.5 has a code for each mandatory item."""
    items = {name: value for name, value in ITEMS.items() if name != missing}
    with pytest.raises(ProtocolError) as caught:
        decode_hello(encode_items(items))
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("supported-versions", 2),
        ("max-frame-size", "16380"),
        ("capabilities", None),
        ("healthcheck", 1),
        ("engine-id", None),
    ],
)
def test_an_item_of_another_type_is_refused(name: str, value: Value) -> None:
    """An item that is known has a known type."""
    with pytest.raises(ProtocolError) as caught:
        decode_hello(encode_items(ITEMS | {name: value}))
    assert caught.value.status == Status.INVALID_FRAME


@pytest.mark.parametrize(
    "versions", ["2.0", "2.5", "2.00", "1.5,2.0", "3.1, 2.7", "2." + "9" * 9000]
)
def test_a_version_is_covered_by_every_minor_of_its_major(versions: str) -> None:
    """Whoever speaks 2.5 also speaks 2.0 to 2.4."""
    assert negotiate(decode(supported_versions=versions), 65536) == 16380


@pytest.mark.parametrize("versions", ["", "1.0", "3.0", "2", "20", "2.x", "-2.0", "12.0", "2.0.1"])
def test_no_common_version_is_refused(versions: str) -> None:
    """Without a version of our major there is nothing to speak."""
    with pytest.raises(ProtocolError) as caught:
        negotiate(decode(supported_versions=versions), 65536)
    assert caught.value.status == Status.UNSUPPORTED_VERSION


@pytest.mark.parametrize(
    ("announced", "own", "agreed"),
    [(16380, 65536, 16380), (16380, 16380, 16380), (16380, 4096, 4096), (256, 65536, 256)],
)
def test_the_lower_frame_size_is_agreed_on(announced: int, own: int, agreed: int) -> None:
    """HAProxy's own value comes back whenever ours is not below it."""
    assert negotiate(decode(max_frame_size=announced), own) == agreed


@pytest.mark.parametrize("announced", [0, 255])
def test_frames_must_have_256_bytes(announced: int) -> None:
    """SPOE.txt 3.2: whoever offers less cannot be served."""
    with pytest.raises(ProtocolError) as caught:
        negotiate(decode(max_frame_size=announced), 65536)
    assert caught.value.status == Status.BAD_MAX_FRAME_SIZE


@pytest.mark.parametrize("kind", ["02", "03", "04", "05"])
def test_the_frame_size_may_be_any_integer(kind: str) -> None:
    """HAProxy sends a UINT32, and takes each of the four types itself."""
    payload = CHECK.replace(bytes.fromhex("03fcf006"), bytes.fromhex(f"{kind}fcf006"))
    assert decode_hello(payload).max_frame_size == 16380


def test_a_negative_frame_size_is_too_small() -> None:
    """A signed type can say so, and it is no other mistake."""
    minus_one = bytes.fromhex("04fff0fefefefefefefe0e")
    with pytest.raises(ProtocolError) as caught:
        negotiate(decode_hello(CHECK.replace(bytes.fromhex("03fcf006"), minus_one)), 65536)
    assert caught.value.status == Status.BAD_MAX_FRAME_SIZE


def test_the_answer_has_its_known_bytes() -> None:
    """Flags are exactly 1, ids 0, and all three mandatory items are there."""
    assert serialize_agent_hello(16380) == bytes.fromhex(
        "00000040 65 00000001 00 00"
        "07 76657273696f6e 0803322e30"
        "0e 6d61782d6672616d652d73697a65 03fcf006"
        "0c 6361706162696c6974696573 080a706970656c696e696e67"
    )

"""Named items."""

from collections.abc import Callable

import pytest

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status
from webfail2ban.spop.items import decode_items, encode_items, take_integer, take_text


def test_items_have_their_known_bytes() -> None:
    """Name and typed data, integers as UINT32."""
    encoded = bytes.fromhex("0161 03fcf006 0162 080178 0163 11")
    assert encode_items({"a": 16380, "b": "x", "c": True}) == encoded
    assert decode_items(encoded) == {"a": 16380, "b": "x", "c": True}


def test_the_last_of_a_name_counts() -> None:
    """A name that comes twice is no error."""
    assert decode_items(bytes.fromhex("0161 0301 0161 0302")) == {"a": 2}


@pytest.mark.parametrize("payload", ["01", "0161", "016108", "0161ff", "016100ff"])
def test_anything_but_items_is_refused(payload: str) -> None:
    """A list that does not end with an item is an invalid frame."""
    with pytest.raises(ProtocolError) as caught:
        decode_items(bytes.fromhex(payload))
    assert caught.value.status == Status.INVALID_FRAME


@pytest.mark.parametrize("take", [take_text, take_integer])
def test_a_missing_item_has_a_status_of_its_own(take: Callable[..., object]) -> None:
    """Which status says that it is missing depends on the item."""
    with pytest.raises(ProtocolError) as caught:
        take({}, "version", Status.NO_VERSION)
    assert caught.value.status == Status.NO_VERSION


@pytest.mark.parametrize(
    ("take", "value"),
    [(take_text, 1), (take_text, b"x"), (take_integer, "1"), (take_integer, True)],
)
def test_an_item_of_another_type_is_refused(take: Callable[..., object], value: object) -> None:
    """It is there, so it is not missing, but it is of no use."""
    with pytest.raises(ProtocolError) as caught:
        take({"x": value}, "x", Status.NO_VERSION)
    assert caught.value.status == Status.INVALID_FRAME

"""The bounded reader."""

from collections.abc import Callable

import pytest

from webfail2ban.errors import ProtocolError
from webfail2ban.spop import Status
from webfail2ban.spop.reader import Reader


def test_reads_from_the_front() -> None:
    """Each read takes its bytes and leaves the rest."""
    reader = Reader(bytes.fromhex("07 f000 03616263 02ff00 0102"))
    assert reader.read_byte() == 7
    assert reader.read_varint() == 240
    assert reader.read_text() == "abc"
    assert reader.read_counted() == b"\xff\x00"
    assert not reader.exhausted
    assert reader.read_bytes(2) == b"\x01\x02"
    assert reader.exhausted


@pytest.mark.parametrize(
    "read",
    [
        Reader.read_byte,
        Reader.read_varint,
        Reader.read_counted,
        Reader.read_text,
        lambda reader: reader.read_bytes(1),
    ],
)
def test_nothing_is_read_past_the_end(read: Callable[[Reader], object]) -> None:
    """At the end every read is an invalid frame."""
    with pytest.raises(ProtocolError) as caught:
        read(Reader(b""))
    assert caught.value.status == Status.INVALID_FRAME


def test_a_length_beyond_the_end_is_refused() -> None:
    """A string that claims more than there is, however much, is an invalid frame."""
    for claimed in ("04616263", "fff0fefefefefefefe0e616263"):
        with pytest.raises(ProtocolError):
            Reader(bytes.fromhex(claimed)).read_text()


def test_text_that_is_no_utf8_is_kept() -> None:
    """Bytes a client chose come back as the same bytes."""
    text = Reader(b"\x03a\xff\xfe").read_text()
    assert text.encode("utf-8", "surrogateescape") == b"a\xff\xfe"

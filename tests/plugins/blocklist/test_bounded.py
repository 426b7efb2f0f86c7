import gzip
import io

import pytest

from webfail2ban_blocklist.bounded import CorruptError, TooLargeError, open_text

TEXT = "192.0.2.1\n" * 1000


def read(data: bytes, limit: int = 100_000) -> str:
    with open_text(io.BytesIO(data), limit) as text:
        return text.read()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        gzip.compress(TEXT.encode()),
        gzip.compress(gzip.compress(TEXT.encode())),
        gzip.compress(TEXT[:5000].encode()) + gzip.compress(TEXT[5000:].encode()),
        b"\xef\xbb\xbf" + TEXT.encode(),
    ],
    ids=["plain", "packed", "packed twice", "in two parts", "with a mark"],
)
def test_packed_or_not_the_text_is_the_same(data: bytes) -> None:
    """Nobody has to say how a list is packed."""
    assert read(data) == TEXT


def test_a_bomb_is_stopped_at_the_limit() -> None:
    """Ten kilobytes that would be ten megabytes."""
    with pytest.raises(TooLargeError, match="has more than 100000 bytes"):
        read(gzip.compress(bytes(10_000_000)))


def test_a_bomb_in_a_bomb_is_stopped_too() -> None:
    """Each layer has the limit."""
    with pytest.raises(TooLargeError):
        read(gzip.compress(gzip.compress(bytes(50_000_000))))


@pytest.mark.parametrize("cut", [3, 11, 40, -1])
def test_a_packed_list_that_was_cut_off_is_refused(cut: int) -> None:
    """However much of it is there."""
    with pytest.raises(CorruptError, match="can't be unpacked"):
        read(gzip.compress(TEXT.encode())[:cut])


def test_a_packed_list_that_is_damaged_is_refused() -> None:
    """Its checksum says so."""
    data = bytearray(gzip.compress(TEXT.encode()))
    data[-6] ^= 1
    with pytest.raises(CorruptError):
        read(bytes(data))


def test_what_is_no_text_is_replaced() -> None:
    """It can't be an entry, and the rest may be."""
    assert read(b"192.0.2.1\n\xff\xfe\n") == "192.0.2.1\n\ufffd\ufffd\n"

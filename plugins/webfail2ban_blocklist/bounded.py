"""Reading no more than is good for us: a list's bytes, unpacked, up to a limit.

Ten kilobytes of gzip can hold ten megabytes, and those again ten gigabytes.
"""

import gzip
import io
import zlib
from typing import Any, BinaryIO, cast

GZIP = b"\x1f\x8b"

#: A file that a server packs once more on the way is packed twice; more is no accident.
LAYERS = 2

#: Bytes that are read at once.
PIECE = 64 * 1024


class TooLargeError(Exception):
    """A list that is longer than it may be; the message continues 'the list'."""


class CorruptError(Exception):
    """A packed list that can't be unpacked; the message continues 'the list'."""


class _Bounded(io.RawIOBase):
    """Hands on what a stream has, unless it is too much.

    Args:
        source: The stream.
        limit: Bytes that it may have.
    """

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self._source = source
        self._limit = self._left = limit

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer.

        Raises:
            TooLargeError: there is more than there may be.
            CorruptError: it is packed, and broken.
        """
        try:
            piece = self._source.read(min(len(buffer), PIECE))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            words = "ends too early" if isinstance(error, EOFError) else str(error)
            raise CorruptError(f"can't be unpacked: {words}") from None
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError(f"has more than {self._limit} bytes")
        buffer[: len(piece)] = piece
        return len(piece)


def open_text(file: BinaryIO, limit: int) -> io.TextIOWrapper:
    """Return a list's text, unpacked where it is packed with gzip.

    What is no UTF-8 is replaced: nothing of it can be an entry. Reading raises what
    `_Bounded.readinto` does.

    Args:
        file: The list.
        limit: Bytes that it may have, unpacked.
    """
    stream = io.BufferedReader(_Bounded(file, limit), PIECE)
    for _ in range(LAYERS):
        if stream.peek(2)[:2] != GZIP:
            break
        packed = cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
        stream = io.BufferedReader(_Bounded(packed, limit), PIECE)
    return io.TextIOWrapper(stream, "utf-8-sig", errors="replace")

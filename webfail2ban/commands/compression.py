"""Archived logs, told by their first bytes: what a file is called doesn't matter."""

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable
from io import BufferedIOBase, BufferedReader

#: What reading a damaged archive raises, besides OSError.
DAMAGED = (EOFError, lzma.LZMAError, zlib.error)

#: As many bytes as the longest of the signatures has.
SIGNATURE_SIZE = 10

#: RFC 1952 2.3.1 with deflate, the only method there is; bzip2's block or its end of stream, for
#: three letters alone could begin a log; the xz format's 2.1.1.1; RFC 8878 3.1.1.
_GZIP = re.compile(rb"\x1f\x8b\x08")
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_XZ = re.compile(rb"\xfd7zXZ\x00")
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd")

_READERS: tuple[tuple[re.Pattern[bytes], Callable[[BufferedReader], BufferedIOBase]], ...] = (
    (_GZIP, lambda file: gzip.GzipFile(fileobj=file)),
    (_BZIP2, bz2.BZ2File),
    (_XZ, lzma.LZMAFile),
)


class UnsupportedCompressionError(ValueError):
    """A format that the standard library doesn't read."""

    def __str__(self) -> str:
        """Say what to do instead."""
        return "is compressed with zstd; unpack it on the way in: zstdcat FILE | ... -"


def decompress(file: BufferedReader) -> BufferedIOBase:
    """Return what reads the bytes that an archive holds; any other file is returned as it is.

    Args:
        file: At its beginning; it need not be able to seek.

    Raises:
        UnsupportedCompressionError: it is an archive that can't be read.
    """
    signature = file.peek(SIGNATURE_SIZE)
    for pattern, unpack in _READERS:
        if pattern.match(signature):
            return unpack(file)
    if _ZSTD.match(signature):
        raise UnsupportedCompressionError
    return file

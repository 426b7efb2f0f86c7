"""Pieces of bytes to lines, each of a bounded length."""

from collections.abc import Iterable, Iterator

#: Bytes of a line; a ban with all its log lines is shorter.
LONGEST = 256 * 1024


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes | None]:
    """Yield lines without their ends; None for one that is too long.

    Args:
        pieces: The bytes, cut anywhere.
    """
    rest, too_long = b"", False
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield None if too_long or len(line) > LONGEST else line
            too_long = False
        if len(rest) > LONGEST:
            rest, too_long = b"", True
    if rest or too_long:
        yield None if too_long else rest

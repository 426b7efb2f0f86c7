"""Ranges, collected in any order, sorted and merged, in little memory.

A million Python numbers take 70 MB; packed in buckets they take 8, and each bucket is sorted by
itself.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator

from webfail2ban_blocklist.entries import BITS, IPV4, IPV6

#: Trailing bits of an address that don't name its bucket: a list of a million lines fills some
#: thousands of buckets.
BUCKET = {IPV4: 20, IPV6: 100}

#: What one range takes: first and last address.
PACKED = {IPV4: 8, IPV6: 32}

#: The bits of an IPv4 address.
LOWER = 0xFFFF_FFFF


class Ranges4:
    """Ranges of IPv4 addresses; both ends of one are one number."""

    def __init__(self) -> None:
        self._buckets: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))

    def add(self, first: int, last: int) -> None:
        """Add a range."""
        self._buckets[first >> BUCKET[IPV4]].append(first << 32 | last)

    def take_sorted(self) -> Iterator[tuple[int, int]]:
        """Yield the ranges in the order of their first addresses, and forget them."""
        for key in sorted(self._buckets):
            for packed in sorted(self._buckets.pop(key)):
                yield packed >> 32, packed & LOWER


class Ranges6:
    """Ranges of IPv6 addresses; both ends of one are bytes, which sort as their numbers do."""

    def __init__(self) -> None:
        self._buckets: defaultdict[int, bytearray] = defaultdict(bytearray)

    def add(self, first: int, last: int) -> None:
        """Add a range."""
        packed = (first << BITS[IPV6] | last).to_bytes(PACKED[IPV6], "big")
        self._buckets[first >> BUCKET[IPV6]] += packed

    def take_sorted(self) -> Iterator[tuple[int, int]]:
        """Yield the ranges in the order of their first addresses, and forget them."""
        size = PACKED[IPV6]
        for key in sorted(self._buckets):
            bucket = bytes(self._buckets.pop(key))
            for packed in sorted([bucket[at : at + size] for at in range(0, len(bucket), size)]):
                yield (
                    int.from_bytes(packed[: size // 2], "big"),
                    int.from_bytes(packed[size // 2 :], "big"),
                )


def merge(ranges: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Make one of ranges that overlap or touch; they come in the order of their first addresses."""
    nothing = (-1, -1)
    begin, end = next(ranges, nothing)
    if end < 0:
        return
    for first, last in ranges:
        if first > end + 1:
            yield begin, end
            begin, end = first, last
        elif last > end:
            end = last
    yield begin, end

"""Ranges of IPv4 addresses, collected in any order, sorted and merged, in little memory.

A million Python numbers take 70 MB; packed in buckets they take 8, and each bucket is sorted by
itself. `halves` does the same for IPv6.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate

from webfail2ban_blocklist.table import NETWORKS, REST

#: Trailing bits of an address that don't name its bucket: a list of a million lines fills some
#: thousands of buckets.
BUCKET = 20

#: The bits of an IPv4 address.
BITS = 32
LOWER = (1 << BITS) - 1


class Ranges4:
    """Ranges of IPv4 addresses; both ends of one are one number."""

    def __init__(self) -> None:
        self._buckets: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))

    def add(self, first: int, last: int) -> None:
        """Add a range."""
        self._buckets[first >> BUCKET].append(first << BITS | last)

    def take_columns(self) -> tuple["array[int]", "array[int]", "array[int]"]:
        """Return the table's columns of IPv4, and forget the ranges."""
        index, firsts, lasts = array("I", [0]) * (NETWORKS + 1), array("I"), array("I")
        for first, last in merge(self._take_sorted()):
            firsts.append(first)
            lasts.append(last)
            index[(first >> REST) + 1] += 1
        return array("I", accumulate(index)), firsts, lasts

    def _take_sorted(self) -> Iterator[tuple[int, int]]:
        for key in sorted(self._buckets):
            for packed in sorted(self._buckets.pop(key)):
                yield packed >> BITS, packed & LOWER


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

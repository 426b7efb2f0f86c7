"""Ranges of IPv6 addresses, cut at 64 bits, the most that an array's number has.

A range is cut as it comes, into whole /64s ("wide") and what lies within one /64 ("narrow"). Wide
ranges are sorted and merged by their upper halves alone. Narrow ones meet only within the same /64,
and so in the same cell of the table: each cell is sorted and merged by itself.
"""

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, compress

from webfail2ban_blocklist.ranges import merge
from webfail2ban_blocklist.table import CELLS, HALF, LOWER, holds

#: Numbers of a wide range: its first and last upper half; and of a narrow one: its upper half, and
#: first and last of the lower one. Packed with the highest byte first they sort as bytes.
WIDE, NARROW = 2, 3

#: What a number takes, packed, and a range.
SIZE = 8
WIDE_SIZE, NARROW_SIZE = WIDE * SIZE, NARROW * SIZE

#: Trailing bits of an upper half that don't name its bucket: what is left names a /20, of which
#: there are some hundreds in a list.
BUCKET = 44

Columns = tuple["array[int]", ...]


class Ranges6:
    """Ranges of IPv6 addresses."""

    def __init__(self) -> None:
        self._wide: defaultdict[int, bytearray] = defaultdict(bytearray)
        self._narrow = [bytearray() for _ in range(CELLS)]

    def add(self, first: int, last: int) -> None:
        """Add a range: the part of its first /64, the whole /64s, and the part of its last."""
        if first == last:  # as most are
            self._add_narrow(first, first & LOWER)
            return
        begin, end, low = first >> HALF, last >> HALF, last & LOWER
        if begin == end and (low != LOWER or first & LOWER):
            self._add_narrow(first, low)
            return
        if first & LOWER:
            self._add_narrow(first, LOWER)
            begin += 1
        if low != LOWER:
            self._add_narrow(end << HALF, low)
            end -= 1
        if begin <= end:
            self._add_wide(begin, end)

    def take_columns(self) -> Columns:
        """Return the table's columns of IPv6, and forget the ranges."""
        narrow = self._take_narrow()  # makes wide ones, too
        wide = self._take_wide()
        index, *columns = _leave_out(narrow, wide)
        # Most lists hold IPv4 alone, or whole /64s: their index takes no memory.
        return (*wide, index if columns[0] else array("I"), *columns)

    def _add_wide(self, begin: int, end: int) -> None:
        packed = (begin << HALF | end).to_bytes(WIDE_SIZE, "big")
        self._wide[begin >> BUCKET] += packed

    def _add_narrow(self, first: int, low: int) -> None:
        packed = (first << HALF | low).to_bytes(NARROW_SIZE, "big")
        self._narrow[(first >> HALF) % CELLS] += packed

    def _take_wide(self) -> Columns:
        """Return first and last of the wide ranges."""
        firsts, lasts = array("Q"), array("Q")
        for begin, end in merge(self._wide_sorted()):
            firsts.append(begin)
            lasts.append(end)
        return firsts, lasts

    def _wide_sorted(self) -> Iterator[tuple[int, int]]:
        for key in sorted(self._wide):
            numbers = _take_sorted(self._wide.pop(key), WIDE)
            yield from zip(numbers[::WIDE], numbers[1::WIDE], strict=True)

    def _take_narrow(self) -> Columns:
        """Return the index of the cells, upper halves, and first and last of the lower ones.

        What fills its /64 once it is merged becomes a wide range.
        """
        index, nets = array("I", [0]) * (CELLS + 1), array("Q")
        firsts, lasts = array("Q"), array("Q")
        for cell, packed in enumerate(self._narrow):
            if not packed:
                continue
            numbers = _take_sorted(packed, NARROW)
            here = numbers[::NARROW]
            if len(set(here)) < len(here):
                numbers = self._merge(numbers)
                here = numbers[::NARROW]
            index[cell + 1] = len(here)
            nets += here
            firsts += numbers[1::NARROW]
            lasts += numbers[2::NARROW]
        return array("I", accumulate(index)), nets, firsts, lasts

    def _merge(self, numbers: "array[int]") -> "array[int]":
        """Merge a cell's ranges, of which some are in the same /64.

        Those of two never touch: a cell has no two /64s that are next to each other.
        """
        triples = zip(*(numbers[place::NARROW] for place in range(NARROW)), strict=True)
        merged = array("Q")
        for first, last in merge(
            (net << HALF | low, net << HALF | high) for net, low, high in triples
        ):
            net, low, high = first >> HALF, first & LOWER, last & LOWER
            if low == 0 and high == LOWER:
                self._add_wide(net, net)
            else:
                merged.extend((net, low, high))
        return merged


def _take_sorted(packed: bytearray, width: int) -> "array[int]":
    """Return the numbers of packed ranges, the ranges sorted, and forget them."""
    size, row = len(packed), width * SIZE
    rows = bytes(packed)
    packed.clear()
    numbers = array("Q", b"".join(sorted([rows[at : at + row] for at in range(0, size, row)])))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _leave_out(narrow: Columns, wide: Columns) -> Columns:
    """Leave out the narrow ranges that lie in wide ones."""
    index, *columns = narrow
    firsts, lasts = wide
    if not firsts or not columns[0]:
        return narrow
    kept = bytearray(not holds(firsts, lasts, net) for net in columns[0])
    places = array("I", accumulate(kept, initial=0))
    index = array("I", (places[place] for place in index))
    return (index, *(array("Q", compress(column, kept)) for column in columns))

"""A list in memory: sorted columns of numbers, in which `bisect` finds an address.

IPv4 takes 8 bytes a range, and an index that tells where each /16 begins: a million ranges are
searched in two thirds of the time. IPv6 is cut at 64 bits, the most that an array's number has:
ranges of whole /64s take 16 bytes, those within one /64 take 24.

Upper halves of IPv6 addresses crowd in few networks, so an index by their leading bits would tell
little. Ranges within one /64 are found by what remains of its upper half in a division, which
spreads them over as many cells as there are remainders: a million is searched in half of the time.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from webfail2ban import Address

#: The columns and their types, in the order of the file.
COLUMNS = (
    ("v4_index", "I"),
    ("v4_first", "I"),
    ("v4_last", "I"),
    ("wide_first", "Q"),
    ("wide_last", "Q"),
    ("narrow_index", "I"),
    ("narrow_net", "Q"),
    ("narrow_first", "Q"),
    ("narrow_last", "Q"),
)

#: Trailing bits of an IPv4 address that don't name its /16, and how many /16 there are.
REST = 16
NETWORKS = 1 << 16

#: How many cells there are: a prime, for networks are numbered in powers of two. A million ranges
#: are 30 a cell; the index takes 128 KB.
CELLS = 32_749

#: One in so many upper halves is kept as a number besides: less than 1 ms to make for a million.
STRIDE = 64

#: The lower half of an IPv6 address.
HALF = 64
LOWER = (1 << HALF) - 1

IPV4 = 4


class AddressTable:
    """Addresses, to be asked whether one is among them.

    Args:
        columns: As `COLUMNS` names them. Where each /16 begins in the next one; first and last
            numbers of IPv4 ranges; the same of the upper halves of IPv6 ranges, of whole /64s.
            Where each cell begins in the next one; and for ranges within one /64 its upper half,
            and first and last of the lower one. No two ranges overlap. All are sorted, the latter
            within their cell, which is the remainder of the upper half divided by `CELLS`.
    """

    __slots__ = (*(name for name, _ in COLUMNS), "_guide")

    def __init__(self, columns: Sequence["array[int]"]) -> None:
        (
            self.v4_index,
            self.v4_first,
            self.v4_last,
            self.wide_first,
            self.wide_last,
            self.narrow_index,
            self.narrow_net,
            self.narrow_first,
            self.narrow_last,
        ) = columns
        # Numbers that are there already compare faster than an array's, which are made each time.
        self._guide = list(self.wide_first[::STRIDE])

    @classmethod
    def empty(cls) -> "AddressTable":
        """Return a table that holds nobody."""
        columns = make_columns()
        columns[0].extend([0] * (NETWORKS + 1))
        return cls(columns)

    @property
    def columns(self) -> list["array[int]"]:
        """Its columns, as `COLUMNS` names them."""
        return [getattr(self, name) for name, _ in COLUMNS]

    def __contains__(self, address: Address) -> bool:
        """Whether an address is in it."""
        number = int(address)
        if address.version == IPV4:
            index, network = self.v4_index, number >> REST
            place = bisect_right(self.v4_first, number, index[network], index[network + 1])
            return place > 0 and self.v4_last[place - 1] >= number
        upper = number >> HALF
        if self._guide and self._is_wide(upper):
            return True
        nets = self.narrow_net
        if not nets:
            return False
        index, cell = self.narrow_index, upper % CELLS
        end = index[cell + 1]
        begin = bisect_left(nets, upper, index[cell], end)
        if begin == end or nets[begin] != upper:
            return False
        lower = number & LOWER
        place = bisect_right(self.narrow_first, lower, begin, bisect_right(nets, upper, begin, end))
        return place > begin and self.narrow_last[place - 1] >= lower

    def _is_wide(self, upper: int) -> bool:
        """Whether the whole /64 is in it."""
        firsts, end = self.wide_first, STRIDE * bisect_right(self._guide, upper)
        if end == 0:
            return False
        place = bisect_right(firsts, upper, end - STRIDE, min(end, len(firsts)))
        return self.wide_last[place - 1] >= upper

    def __len__(self) -> int:
        """Count the ranges."""
        return len(self.v4_first) + len(self.wide_first) + len(self.narrow_net)


def make_columns() -> tuple["array[int]", ...]:
    """Return columns that hold nothing."""
    return tuple(array(code) for _, code in COLUMNS)


def holds(firsts: "array[int]", lasts: "array[int]", number: int) -> bool:
    """Whether one of the ranges, which are sorted and don't overlap, holds a number."""
    place = bisect_right(firsts, number)
    return place > 0 and lasts[place - 1] >= number

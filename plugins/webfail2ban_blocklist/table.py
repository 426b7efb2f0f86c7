"""A list in memory: sorted columns of numbers, in which `bisect` finds an address.

IPv4 takes 8 bytes a range, and an index that tells where each /16 begins: a million ranges are
searched in two thirds of the time. IPv6 is cut at 64 bits, the most that an array's number has:
ranges of whole /64s take 16 bytes, those within one /64 take 24.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from webfail2ban import Address

#: The columns and their types, in the order of the file.
COLUMNS = (
    ("v4_index", "I"),
    ("v4_first", "I"),
    ("v4_last", "I"),
    ("wide_first", "Q"),
    ("wide_last", "Q"),
    ("narrow_net", "Q"),
    ("narrow_first", "Q"),
    ("narrow_last", "Q"),
)

#: Trailing bits of an IPv4 address that don't name its /16, and how many /16 there are.
REST = 16
NETWORKS = 1 << 16

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
            numbers of IPv4 ranges; the same of the upper halves of IPv6 ranges; and for ranges
            within one /64 its upper half, and first and last of the lower one. The latter are
            sorted, and no two ranges overlap.
    """

    __slots__ = (*(name for name, _ in COLUMNS), "_guide")

    def __init__(self, columns: Sequence["array[int]"]) -> None:
        (
            self.v4_index,
            self.v4_first,
            self.v4_last,
            self.wide_first,
            self.wide_last,
            self.narrow_net,
            self.narrow_first,
            self.narrow_last,
        ) = columns
        # Numbers that are there already compare faster than an array's, which are made each time.
        self._guide = list(self.narrow_net[::STRIDE])

    @classmethod
    def empty(cls) -> "AddressTable":
        """Return a table that holds nobody."""
        return cls(fill_columns((), ()))

    def __contains__(self, address: Address) -> bool:
        """Whether an address is in it."""
        number = int(address)
        if address.version == IPV4:
            index, network = self.v4_index, number >> REST
            place = bisect_right(self.v4_first, number, index[network], index[network + 1])
            return place > 0 and self.v4_last[place - 1] >= number
        upper = number >> HALF
        place = bisect_right(self.wide_first, upper)
        if place > 0 and self.wide_last[place - 1] >= upper:
            return True
        nets, end = self.narrow_net, STRIDE * bisect_left(self._guide, upper)
        begin = bisect_left(nets, upper, max(end - STRIDE, 0), min(end, len(nets)))
        if begin == len(nets) or nets[begin] != upper:
            return False
        lower = number & LOWER
        place = bisect_right(self.narrow_first, lower, begin, bisect_right(nets, upper, begin))
        return place > begin and self.narrow_last[place - 1] >= lower

    def __len__(self) -> int:
        """Count the ranges."""
        return len(self.v4_first) + len(self.wide_first) + len(self.narrow_net)


def make_columns() -> tuple["array[int]", ...]:
    """Return columns that hold nothing."""
    return tuple(array(code) for _, code in COLUMNS)


def fill_columns(
    ipv4: Iterable[tuple[int, int]], ipv6: Iterable[tuple[int, int]]
) -> tuple["array[int]", ...]:
    """Return the columns for ranges that are sorted and don't touch."""
    columns = make_columns()
    v4_index, v4_first, v4_last, *_ = columns
    v4_index.frombytes(bytes((NETWORKS + 1) * v4_index.itemsize))
    for first, last in ipv4:
        v4_first.append(first)
        v4_last.append(last)
        v4_index[(first >> REST) + 1] += 1
    v4_index[:] = array("I", accumulate(v4_index))
    for first, last in ipv6:
        _add_ipv6(columns, first, last)
    return columns


def _add_ipv6(columns: Sequence["array[int]"], first: int, last: int) -> None:
    """Cut a range into the part of its first /64, the whole /64s, and the part of its last."""
    *_, wide_first, wide_last, narrow_net, narrow_first, narrow_last = columns
    narrow = (narrow_net, narrow_first, narrow_last)
    begin, end = first >> HALF, last >> HALF
    if begin == end and (first & LOWER or last & LOWER != LOWER):
        _add(narrow, begin, first & LOWER, last & LOWER)
        return
    if first & LOWER:
        _add(narrow, begin, first & LOWER, LOWER)
        begin += 1
    if last & LOWER != LOWER:
        _add(narrow, end, 0, last & LOWER)
        end -= 1
    if begin <= end:
        _add((wide_first, wide_last), begin, end)


def _add(columns: Sequence["array[int]"], *numbers: int) -> None:
    for column, number in zip(columns, numbers, strict=True):
        column.append(number)

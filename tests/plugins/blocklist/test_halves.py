from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from webfail2ban_blocklist.halves import Columns, Ranges6
from webfail2ban_blocklist.ranges import merge
from webfail2ban_blocklist.table import CELLS, HALF, LOWER

Span = tuple[int, int]
Row = tuple[int, int, int]

#: Networks next to each other, networks of the same cell, and the two ends of all networks.
NETS = st.sampled_from([0, 1, 2, 3, CELLS + 1, CELLS + 2, 2 * CELLS + 1, LOWER - 1, LOWER])

#: The ends of a network, its middle, and what is next to them.
LOWS = st.sampled_from([0, 1, 2, LOWER >> 1, (LOWER >> 1) + 1, LOWER - 1, LOWER])

NUMBERS = st.builds(lambda net, low: net << HALF | low, NETS, LOWS)
SPANS = st.one_of(
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))),
    st.tuples(NETS, LOWS, LOWS).map(
        lambda made: (made[0] << HALF | min(made[1:]), made[0] << HALF | max(made[1:]))
    ),
    NUMBERS.map(lambda number: (number, number)),
)


def collect(spans: list[Span]) -> Columns:
    ranges = Ranges6()
    for first, last in spans:
        ranges.add(first, last)
    return ranges.take_columns()


def cut(spans: list[Span]) -> tuple[list[Span], list[Row]]:
    """Merge ranges as numbers, and only then cut them: the wide and the narrow ones."""
    wide: list[Span] = []
    narrow: list[Row] = []
    for first, last in merge(iter(sorted(spans))):
        begin, end = first >> HALF, last >> HALF
        parts = [
            (net, first & LOWER if net == begin else 0, last & LOWER if net == end else LOWER)
            for net in sorted({begin, end})
        ]
        partial = [part for part in parts if part[1:] != (0, LOWER)]
        narrow += partial
        begin += any(part[0] == begin for part in partial)
        end -= begin <= end and any(part[0] == end for part in partial)
        if begin <= end:
            wide.append((begin, end))
    return wide, narrow


@given(st.lists(SPANS, max_size=12))
@example([(1 << HALF, 1 << HALF | 1), (1 << HALF | 2, (2 << HALF) - 1)])
@example([(5, 5), (0, LOWER)])
@example([(5, 5), (7, 7), (5, 5), (6, 6)])
def test_ranges_are_the_same_merged_before_they_are_cut(spans: list[Span]) -> None:
    """Whatever overlaps, touches, lies in another or fills a /64 together."""
    wide_firsts, wide_lasts, _, *columns = collect(spans)
    wide, narrow = cut(spans)
    assert list(zip(wide_firsts, wide_lasts, strict=True)) == wide
    assert sorted(zip(*columns, strict=True)) == narrow


@given(st.lists(SPANS, max_size=12))
def test_each_cell_is_sorted_and_where_the_index_says(spans: list[Span]) -> None:
    """Each range stands in the cell of its network's remainder."""
    *_, index, nets, firsts, _ = collect(spans)
    assert len(index) == (CELLS + 1 if nets else 0)
    for cell, (begin, end) in enumerate(pairwise(index)):
        if begin == end:
            continue
        rows = list(zip(nets[begin:end], firsts[begin:end], strict=True))
        assert rows == sorted(rows)
        assert all(net % CELLS == cell for net, _ in rows)
    assert sum(end - begin for begin, end in pairwise(index)) == len(nets)


def test_they_are_forgotten_once_they_are_taken() -> None:
    """All of them."""
    ranges = Ranges6()
    ranges.add(5, 5)
    ranges.add(1 << HALF, (2 << HALF) - 1)
    assert any(ranges.take_columns())
    assert not any(ranges.take_columns())

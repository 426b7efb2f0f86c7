from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from webfail2ban import Address, Network
from webfail2ban_blocklist.entries import Span, span_of
from webfail2ban_blocklist.halves import Ranges6
from webfail2ban_blocklist.listfile import ListInfo, read_list, write_list
from webfail2ban_blocklist.ranges import Ranges4
from webfail2ban_blocklist.table import CELLS, AddressTable

#: Few leading bits, so that networks meet and hold each other.
V4 = st.tuples(st.integers(0, 40), st.integers(26, 32)).map(
    lambda pair: ip_network((IPv4Address("192.0.2.0") + pair[0], pair[1]), strict=False)
)
V6 = st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(60, 128)).map(
    lambda made: ip_network(
        (int(IPv6Address("2001:db8::")) + (made[0] << 64) + made[1], made[2]), strict=False
    )
)
SPANS_V6 = st.tuples(st.integers(0, 3 << 64), st.integers(0, 3 << 64)).map(
    lambda pair: (6, (2 << 124) + min(pair), (2 << 124) + max(pair))
)
ASKED = st.one_of(
    st.integers(0, 80).map(lambda number: IPv4Address("192.0.2.0") + number),
    st.tuples(st.integers(0, 4), st.integers(0, 60)).map(
        lambda pair: IPv6Address(int(IPv6Address("2001:db8::")) + (pair[0] << 64) + pair[1])
    ),
    st.ip_addresses(),
)


def make_table(*spans: Span) -> AddressTable:
    ipv4, ipv6 = Ranges4(), Ranges6()
    for version, first, last in spans:
        (ipv4 if version == 4 else ipv6).add(first, last)
    return AddressTable((*ipv4.take_columns(), *ipv6.take_columns()))


@given(st.lists(st.one_of(V4, V6), max_size=30), st.lists(ASKED, min_size=1))
def test_it_holds_whom_the_networks_hold(networks: list[Network], asked: list[Address]) -> None:
    """As `ipaddress` sees it, of both versions."""
    table = make_table(*map(span_of, networks))
    for address in asked:
        assert (address in table) is any(ip_address(address) in network for network in networks)


@given(st.lists(SPANS_V6, max_size=10), st.lists(st.integers(-2, 2)))
def test_ipv6_ranges_are_cut_where_nobody_notices(spans: list[Span], steps: list[int]) -> None:
    """At /64s; what counts are the ends, and what is next to them."""
    table = make_table(*spans)
    for _, first, last in spans:
        for number in [end + step for end in (first, last) for step in steps]:
            expected = any(begin <= number <= end for _, begin, end in spans)
            assert (IPv6Address(number) in table) is expected


@given(st.lists(st.one_of(V4, V6), max_size=30))
def test_ranges_that_meet_are_one(networks: list[Network]) -> None:
    """Between two ranges there is always somebody who is in neither."""
    table = make_table(*map(span_of, networks))
    firsts, lasts = table.v4_first, table.v4_last
    assert all(last + 1 < first for last, first in zip(lasts, firsts[1:], strict=False))


def test_nobody_is_in_an_empty_table() -> None:
    """Of either version."""
    table = AddressTable.empty()
    assert ip_address("192.0.2.1") not in table
    assert ip_address("2001:db8::1") not in table
    assert len(table) == 0


def test_it_takes_eight_bytes_for_an_ipv4_range(tmp_path: Path) -> None:
    """On the disk, and so in memory; and a quarter of a megabyte for the index."""
    table = make_table(*((4, number * 10, number * 10) for number in range(10_000)))
    info = ListInfo("source", 1.0, 10_000, 10_000, 10_000)
    write_list(tmp_path / "list", info, table.columns)
    assert (tmp_path / "list").stat().st_size < 81_000 + 4 * 65_537
    _, again = read_list(tmp_path / "list", lambda: None)
    assert again.columns == table.columns


@given(st.lists(st.integers(0, 2000), min_size=100, unique=True), st.integers(-1, 2001))
def test_many_ipv6_networks_are_told_apart(numbers: list[int], asked: int) -> None:
    """Every second /64, so many that they are searched by the guide."""
    start = int(IPv6Address("2001:db8::")) >> 64
    spans = [((start + 2 * number) << 64, (start + 2 * number + 1 << 64) - 1) for number in numbers]
    table = make_table(*((6, first, last) for first, last in spans))
    assert (IPv6Address((start + 2 * asked << 64) + 5) in table) is (asked in numbers)
    assert IPv6Address(start + 2 * numbers[0] + 1 << 64) not in table
    assert IPv6Address(start - 1 << 64) not in table


@given(st.lists(st.integers(0, 40), unique=True), st.lists(st.integers(0, 3), min_size=1))
def test_addresses_of_one_cell_are_told_apart(numbers: list[int], lows: list[int]) -> None:
    """Networks whose numbers leave the same remainder: only a bisection finds them."""
    start = int(IPv6Address("2001:db8::")) >> 64
    made = {(start + CELLS * number << 64) + 2 * low for number in numbers for low in lows}
    table = make_table(*((6, one, one) for one in made))
    for number in range(42):
        for low in range(8):
            asked = (start + CELLS * number << 64) + low
            assert (IPv6Address(asked) in table) is (asked in made)

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban import parse_network
from webfail2ban_blocklist.entries import parse_entry, show_span, span_of

NETWORKS = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 128)),
)


@given(st.ip_addresses())
def test_an_address_is_a_span_of_one(address: object) -> None:
    """As `ipaddress` reads it; a mapped one is the IPv4 address behind it."""
    assert parse_entry(str(address)) == span_of(parse_network(str(address)))


@given(NETWORKS)
def test_a_network_is_read_as_ipaddress_reads_it(pair: tuple[object, int]) -> None:
    """Host bits may be set."""
    text = f"{pair[0]}/{pair[1]}"
    assert parse_entry(text) == span_of(parse_network(text))


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_a_range_is_what_lies_between(one: object, other: object) -> None:
    """Both ends belong to it."""
    first, last = sorted([ip_address(str(one)), ip_address(str(other))], key=int)
    assert parse_entry(f"{first}-{last}") == (4, int(first), int(last))


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.77/255.255.255.0", "192.0.2.0/24"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_other_spellings_mean_the_same(text: str, network: str) -> None:
    """A netmask, and mapped addresses."""
    assert parse_entry(text) == span_of(ip_network(network))


@pytest.mark.parametrize(
    "text",
    [
        *("", "evil.example", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1/33", "192.0.2.1/"),
        *("192.0.2.1/-1", "192.0.2.9-192.0.2.1", "192.0.2.1-", "192.0.2.1-2001:db8::", "1"),
        *("fe80::1%eth0", "2001:db8::/129", "192.0.2.1\0", "١٩٢.0.2.1", "192.0.2.0/٢٤"),
    ],
)
def test_anything_else_is_no_entry(text: str) -> None:
    """Half of an address least of all."""
    with pytest.raises(ValueError, match=r"^is no "):
        parse_entry(text)


@given(NETWORKS)
def test_a_span_is_shown_as_people_write_it(pair: tuple[object, int]) -> None:
    """And read again it is the same."""
    span = parse_entry(f"{pair[0]}/{pair[1]}")
    assert parse_entry(show_span(span)) == span


def test_a_span_that_is_no_network_is_shown_as_a_range() -> None:
    """From its first to its last address."""
    assert show_span(parse_entry("192.0.2.1-192.0.2.9")) == "192.0.2.1-192.0.2.9"

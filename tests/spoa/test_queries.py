from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.model import Value
from webfail2ban.spoa.queries import make_query

CLIENT = IPv4Address("192.0.2.1")
OTHER = IPv4Address("198.51.100.7")
PROXY = IPv4Address("203.0.113.9")


def find(*args: tuple[str, Value]) -> object:
    return make_query("check-ip", args).address


def test_a_query_keeps_what_was_asked() -> None:
    """Plugins look at the other arguments."""
    args = (("ip", CLIENT), ("path", "/login"), ("path", "/"))
    query = make_query("check-ip", args)
    assert (query.message, query.args, query.get("path")) == ("check-ip", args, "/login")


@pytest.mark.parametrize("name", ["ip", "src_ip", "src"])
def test_the_address_is_found_by_its_name(name: str) -> None:
    """Wherever it stands."""
    assert find(("dst", OTHER), (name, CLIENT)) == CLIENT


def test_the_surest_name_wins() -> None:
    """Behind another proxy, src is that proxy's."""
    assert find(("src", PROXY), ("src_ip", OTHER), ("ip", CLIENT)) == CLIENT
    assert find(("src", PROXY), ("src_ip", OTHER)) == OTHER


def test_a_name_without_an_address_is_passed_over() -> None:
    """A header that is missing, or holds something else."""
    assert find(("ip", None), ("src", CLIENT)) == CLIENT
    assert find(("ip", "unknown"), ("src", CLIENT)) == CLIENT


def test_else_the_first_address_counts() -> None:
    """Configurations name it as they like, or not at all."""
    assert find(("port", 443), ("", CLIENT), ("", OTHER)) == CLIENT


@pytest.mark.parametrize(
    "text", ["192.0.2.1", " 192.0.2.1 ", "::ffff:192.0.2.1", "[::ffff:c000:201]"]
)
def test_a_string_counts_if_all_of_it_is_an_address(text: str) -> None:
    """A header's value without a converter arrives so."""
    assert find(("ip", text)) == CLIENT
    assert find(("client", text)) == CLIENT


def test_what_a_client_writes_stands_behind_what_haproxy_knows() -> None:
    """A Host header that is an address would let a banned client pass for another."""
    assert find(("host", "198.51.100.7"), ("client", CLIENT)) == CLIENT


@pytest.mark.parametrize(
    "value",
    ["192.0.2.1, 198.51.100.7", "192.0.2.1:80", "192.0.2", "", b"\xc0\x00\x02\x01", 1, True],
)
def test_anything_else_is_no_address(value: Value) -> None:
    """Guessing would ban somebody else."""
    assert find(("ip", value)) is None


def test_a_mapped_address_is_folded() -> None:
    """A bind of both families sends it (RFC 4291, 2.5.5.2)."""
    assert find(("ip", IPv6Address("::ffff:192.0.2.1"))) == CLIENT


def test_an_ipv6_address_stays_one() -> None:
    """Only mapped ones have another name."""
    assert find(("ip", IPv6Address("2001:db8::1"))) == ip_address("2001:db8::1")


def test_without_any_address_there_is_none() -> None:
    """A unix-socket bind knows no client."""
    assert find() is None
    assert find(("ip", None), ("path", "/")) is None


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    """A client may send any bytes in a header."""
    make_query(text, (("ip", text), (text, text)))

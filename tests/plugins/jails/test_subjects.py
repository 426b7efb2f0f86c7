from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from webfail2ban import parse_address
from webfail2ban_jails.subjects import MAX_NAME, Prefixes, name_of, network_of, number_of


@given(st.ip_addresses(), st.integers(8, 32), st.integers(16, 128))
def test_a_number_is_the_network_of_an_address(address: object, ipv4: int, ipv6: int) -> None:
    """There and back, for every length."""
    address = parse_address(str(address))
    prefix = ipv4 if address.version == 4 else ipv6
    network = ip_network(f"{address}/{prefix}", strict=False)
    number = Prefixes(ipv4, ipv6).number(address)
    assert network_of(number) == network
    assert number_of(network) == number


def test_no_two_networks_have_the_same_number() -> None:
    """Of whatever length and version."""
    networks = ["0.0.0.0/8", "0.0.0.0/24", "0.0.0.0/32", "::/16", "::/32", "::/64", "::/128"]
    assert len({number_of(ip_network(text)) for text in networks}) == len(networks)


def test_a_network_is_widened_but_never_narrowed() -> None:
    """A ban of a whole provider stays one."""
    prefixes = Prefixes(24, 48)
    for narrow, wide in {
        "192.0.2.1/32": "192.0.2.0/24",
        "192.0.0.0/16": "192.0.0.0/16",
        "2001:db8:1:2::/64": "2001:db8:1::/48",
        "2001:db8::/32": "2001:db8::/32",
    }.items():
        assert network_of(prefixes.widen(ip_network(narrow))) == ip_network(wide)


def test_an_ipv6_client_is_a_prefix_and_an_ipv4_client_an_address() -> None:
    """Unless somebody wants it otherwise."""
    assert network_of(Prefixes().number(ip_address("2001:db8::1"))) == ip_network("2001:db8::/64")
    assert network_of(Prefixes().number(ip_address("192.0.2.1"))) == ip_network("192.0.2.1/32")


def test_names_are_counted_without_case() -> None:
    """Bob and bob are one account to most programs."""
    assert name_of({"user": "Bob"}, "user") == name_of({"user": "bOB"}, "user") == "bob"
    assert name_of({"user": ""}, "user") is None
    assert name_of({}, "user") is None


def test_long_names_are_told_apart_without_being_kept() -> None:
    """A client may write a book into the field."""
    one, other = name_of({"user": "x" * 9999}, "user"), name_of({"user": "x" * 9998}, "user")
    assert one != other
    assert one is not None
    assert len(one) == MAX_NAME

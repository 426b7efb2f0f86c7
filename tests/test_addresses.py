import copy
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import pytest

from webfail2ban.addresses import (
    SingleNetwork,
    bits_of,
    client_network,
    fold,
    make_ipv4,
    parse_address,
    parse_network,
    prefix_of,
    show_network,
)


def test_a_mapped_address_is_folded() -> None:
    """A v4v6 bind of HAProxy's and an IPv4 bind name the same client."""
    assert fold(IPv6Address("::ffff:192.0.2.1")) == IPv4Address("192.0.2.1")


def test_a_zone_is_dropped() -> None:
    """A link-local client is the same on every interface of ours."""
    assert fold(IPv6Address("fe80::1%eth0")) == IPv6Address("fe80::1")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", IPv4Address("192.0.2.1")),
        ("::FFFF:192.0.2.1", IPv4Address("192.0.2.1")),
        ("[2001:DB8::0001]", IPv6Address("2001:db8::1")),
    ],
)
def test_addresses_are_read_in_every_spelling(
    text: str, address: IPv4Address | IPv6Address
) -> None:
    """Whatever spelling a log prefers, it is one client."""
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "999.1.1.1", "192.0.2.01", "host", "192.0.2.1, 192.0.2.2"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError):  # noqa: PT011 - ipaddress's own sentence
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("2001:db8::1/64", "2001:db8::/64"),
        ("::/0", "::/0"),
    ],
)
def test_networks_are_read_and_folded(text: str, network: str) -> None:
    """Host bits and netmasks are what people write."""
    assert parse_network(text) == ip_network(network)


def test_an_ipv4_client_is_one_address() -> None:
    """No neighbour is punished."""
    assert client_network(IPv4Address("192.0.2.1")) == IPv4Network("192.0.2.1/32")


def test_an_ipv6_client_is_a_prefix() -> None:
    """An attacker owns all of his /64."""
    address = IPv6Address("2001:db8::1:2:3:4")
    assert client_network(address) == IPv6Network("2001:db8::/64")
    assert client_network(address, 56) == IPv6Network("2001:db8::/56")


def test_a_single_address_is_shown_without_a_prefix() -> None:
    """People read 192.0.2.1, not 192.0.2.1/32."""
    assert show_network(IPv4Network("192.0.2.1/32")) == "192.0.2.1"
    assert show_network(IPv6Network("2001:db8::/64")) == "2001:db8::/64"


@pytest.mark.parametrize("text", ["0.0.0.0", "192.0.2.1", "255.255.255.255"])
def test_the_network_of_one_address_is_like_any_other(text: str) -> None:
    """Though it isn't made by the constructor."""
    made: IPv4Network = SingleNetwork(IPv4Address(text))
    usual = IPv4Network(text)
    assert (made, hash(made), str(made), repr(made)) == (
        usual,
        hash(usual),
        str(usual),
        repr(usual),
    )
    assert list(made.hosts()) == list(usual.hosts()) == [IPv4Address(text)]
    assert (made.netmask, made.hostmask, made.broadcast_address, made.num_addresses) == (
        usual.netmask,
        usual.hostmask,
        usual.broadcast_address,
        usual.num_addresses,
    )
    assert made.subnet_of(IPv4Network("0.0.0.0/0"))
    assert made.supernet(8) == usual.supernet(8)
    assert copy.copy(made) == usual


@pytest.mark.parametrize("bits", [0, 3_221_225_985, 2**32 - 1])
def test_an_address_of_bits_is_like_any_other(bits: int) -> None:
    """Though it isn't made by the constructor."""
    made, usual = make_ipv4(bits), IPv4Address(bits)
    assert (made, hash(made), str(made), int(made)) == (usual, hash(usual), str(usual), bits)
    assert copy.copy(made) == usual


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1"])
def test_bits_are_what_int_returns(text: str) -> None:
    """The slots are Python's own, and might get other names."""
    address, network = ip_address(text), ip_network(text)
    assert (bits_of(address), prefix_of(network)) == (int(address), network.prefixlen)


def test_networks_of_single_addresses_share_nothing() -> None:
    """What is computed of one is not another's."""
    first = SingleNetwork(IPv4Address("192.0.2.1"))
    assert first.broadcast_address == IPv4Address("192.0.2.1")
    assert SingleNetwork(IPv4Address("192.0.2.2")).broadcast_address == IPv4Address("192.0.2.2")

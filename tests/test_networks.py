from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.addresses import Network
from webfail2ban.networks import NetworkMap

NETWORKS = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 128)),
).map(lambda pair: ip_network(pair, strict=False))


def test_every_network_that_holds_an_address_is_found() -> None:
    """A host, its network, and a default route may all have a value."""
    networks: NetworkMap[str] = NetworkMap()
    for text in ("192.0.2.1/32", "192.0.2.0/24", "0.0.0.0/0", "198.51.100.0/24"):
        networks[ip_network(text)] = text
    found = set(networks.covering(IPv4Address("192.0.2.1")))
    assert found == {"192.0.2.1/32", "192.0.2.0/24", "0.0.0.0/0"}


def test_the_versions_are_kept_apart() -> None:
    """The address ::1 is not 0.0.0.1."""
    networks: NetworkMap[str] = NetworkMap()
    networks[ip_network("0.0.0.1/32")] = "IPv4"
    assert not list(networks.covering(IPv6Address("::1")))


def test_a_removed_network_is_gone() -> None:
    """And a second removal is an error, as with a dictionary."""
    networks: NetworkMap[int] = NetworkMap()
    networks[ip_network("192.0.2.0/24")] = 1
    del networks[ip_network("192.0.2.0/24")]
    assert len(networks) == 0
    with pytest.raises(KeyError):
        del networks[ip_network("192.0.2.0/24")]


@given(st.lists(NETWORKS, max_size=20), st.ip_addresses())
def test_it_finds_what_a_search_through_all_networks_finds(
    networks: list[Network], address: IPv4Address | IPv6Address
) -> None:
    """The tables by prefix length leave nothing out."""
    found: NetworkMap[Network] = NetworkMap()
    for network in networks:
        found[network] = network
    assert set(found.covering(address)) == {
        network for network in networks if ip_address(address) in network
    }
    assert set(found.values()) == set(networks)

from ipaddress import ip_address, ip_network

import pytest

from webfail2ban import AddressSet

NETWORKS = AddressSet(
    [ip_network("192.0.2.0/24"), ip_network("198.51.100.7"), ip_network("2001:db8::/32")]
)


@pytest.mark.parametrize("address", ["192.0.2.0", "192.0.2.255", "198.51.100.7", "2001:db8::1"])
def test_an_address_in_one_of_the_networks_is_in_the_set(address: str) -> None:
    """Of both versions, the first and the last of a network."""
    assert ip_address(address) in NETWORKS


@pytest.mark.parametrize("address", ["192.0.3.0", "198.51.100.8", "2001:db9::", "::c000:201"])
def test_any_other_is_not(address: str) -> None:
    """Nor is an IPv6 address with the same number as an IPv4 one."""
    assert ip_address(address) not in NETWORKS


@pytest.mark.parametrize(
    ("network", "shared"),
    [("192.0.2.128/25", True), ("192.0.0.0/16", True), ("192.0.3.0/24", False)],
)
def test_networks_that_share_an_address_overlap(network: str, shared: bool) -> None:
    """Whichever is the wider one."""
    assert NETWORKS.overlaps(ip_network(network)) is shared

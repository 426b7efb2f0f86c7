"""Addresses are folded once, at every door, so that one client has one name.

HAProxy sends ``::ffff:192.0.2.1`` for an IPv4 client of a ``v4v6`` bind, a log may write either
form, and a ban on one that the other slips past is no ban (RFC 4291, 2.5.5.2).
"""

from collections.abc import Callable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from operator import attrgetter
from socket import AF_INET, inet_ntoa, inet_pton

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: What ``int(address)`` and ``network.prefixlen`` return, without the call of a Python method: each
#: failure and each verdict asks several times. The slots have had these names since Python 3.3.
bits_of: Callable[[Address], int] = attrgetter("_ip")
prefix_of: Callable[[Network], int] = attrgetter("_prefixlen")

_set_bits: Callable[[IPv4Address, int], None] = vars(IPv4Address)["_ip"].__set__


#: The bits in front of an IPv4-mapped address, ``::ffff:0:0/96``.
MAPPED_PREFIX = 96

IPV4_BITS = 32
IPV6_BITS = 128

#: An IPv6 customer gets a /64 at least (RFC 6177), so one client is one /64.
IPV6_CLIENT_PREFIX = 64


def make_ipv4(bits: int) -> IPv4Address:
    """Return an address, for a sixth of what the constructor takes.

    Args:
        bits: 0 to 2**32 - 1; nobody looks.
    """
    address = IPv4Address.__new__(IPv4Address)
    _set_bits(address, bits)
    return address


def fold(address: Address) -> Address:
    """Return the IPv4 address behind an IPv4-mapped IPv6 one, any other unchanged."""
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is not None:
            return mapped
        if address.scope_id is not None:  # fe80::1%eth0: the interface is ours, not the client's
            return IPv6Address(int(address))
    return address


def parse_address(text: str) -> Address:
    """Read an address, brackets around it allowed, and fold it.

    Raises:
        ValueError: the text is no address.
    """
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        # What is an IPv4 address for one is one for the other, and this one takes a fifth.
        return make_ipv4(int.from_bytes(inet_pton(AF_INET, text)))
    except (OSError, ValueError):
        return fold(ip_address(text))


def parse_network(text: str) -> Network:
    """Read an address or a network (CIDR or netmask) and fold it; host bits may be set.

    Raises:
        ValueError: the text is neither.
    """
    network = ip_network(text.strip(), strict=False)
    return fold_network(network)


def fold_network(network: Network) -> Network:
    """Return the IPv4 network behind an IPv4-mapped IPv6 one, any other unchanged."""
    if isinstance(network, IPv6Network) and network.prefixlen >= MAPPED_PREFIX:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - MAPPED_PREFIX))
    return network


def client_network(address: Address, ipv6_prefix: int = IPV6_CLIENT_PREFIX) -> Network:
    """Return what counts as one client: an IPv4 address, or an IPv6 prefix.

    Args:
        address: The client's address, folded.
        ipv6_prefix: The length of the prefix that one IPv6 client owns, in bits.
    """
    # From numbers, because the constructors write an address out and read it again.
    if isinstance(address, IPv4Address):
        return SingleNetwork(address)
    rest = IPV6_BITS - ipv6_prefix
    return IPv6Network((int(address) >> rest << rest, ipv6_prefix))


class SingleNetwork(IPv4Network):
    """The network of one IPv4 address alone, for a tenth of what `IPv4Network` itself takes."""

    # What is made of it, a wider network or a copy, is an ordinary one.
    __class__ = IPv4Network  # type: ignore[assignment]

    netmask = IPv4Network(0).netmask
    _prefixlen = IPV4_BITS

    def __init__(self, address: IPv4Address) -> None:
        self.network_address = address

    def hosts(self) -> list[IPv4Address]:  # type: ignore[override]
        """Return the address."""
        return [self.network_address]


def show_network(network: Network) -> str:
    """Write a network as people do: a single address without its prefix length."""
    address, prefix = network.network_address, prefix_of(network)
    if isinstance(address, IPv4Address):
        if prefix == IPV4_BITS:
            return inet_ntoa(bits_of(address).to_bytes(4))  # a third of the cost of str()
    elif prefix == IPV6_BITS:
        return str(address)
    return str(network)

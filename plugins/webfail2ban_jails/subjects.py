"""What failures are counted of: clients and networks as whole numbers, names as short texts.

A jail counts millions of them, and a number is a fourth of the size of a network object and made
in a tenth of the time. The number is a network's leading bits behind a one, which tells how many
they are; those of IPv6 stand above all of IPv4's.
"""

from collections.abc import Mapping
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from webfail2ban import Address, Network, client_network

#: What is counted: a network's number, or a name.
Subject = int | str

IPV4_BITS = 32
IPV6_BITS = 128

#: The numbers of IPv4 networks have no more bits than this.
IPV6_SHIFT = IPV4_BITS + 1

#: Characters of a name that are kept as they are; a longer one is told by its hash.
MAX_NAME = 64


class Prefixes:
    """How many bits of an address are counted.

    Args:
        ipv4: Of an IPv4 address.
        ipv6: Of an IPv6 address.

    Attributes:
        bits: Both.
    """

    def __init__(self, ipv4: int = IPV4_BITS, ipv6: int = 64) -> None:
        self.bits = ipv4, ipv6
        self._rest4, self._one4 = IPV4_BITS - ipv4, 1 << ipv4
        self._rest6, self._one6 = IPV6_BITS - ipv6, 1 << ipv6

    def number(self, address: Address) -> int:
        """Return the number of an address's network."""
        if isinstance(address, IPv4Address):
            return self._one4 | int(address) >> self._rest4
        return (self._one6 | int(address) >> self._rest6) << IPV6_SHIFT

    def widen(self, network: Network) -> int:
        """Return the number of the network around a network, or its own if that is the wider."""
        return min(self.number(network.network_address), number_of(network))


def number_of(network: Network) -> int:
    """Return a network's number."""
    number = 1 << network.prefixlen
    number |= int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
    return number if isinstance(network, IPv4Network) else number << IPV6_SHIFT


def is_single(number: int) -> bool:
    """Whether a number is that of one IPv4 address."""
    return number >> IPV4_BITS == 1


def network_of(number: int) -> Network:
    """Return the network of a number."""
    if number < 1 << IPV6_SHIFT:
        prefix = number.bit_length() - 1
        if prefix == IPV4_BITS:
            return client_network(IPv4Address(number ^ (1 << IPV4_BITS)))
        return IPv4Network(((number ^ (1 << prefix)) << (IPV4_BITS - prefix), prefix))
    number >>= IPV6_SHIFT
    prefix = number.bit_length() - 1
    return IPv6Network(((number ^ (1 << prefix)) << (IPV6_BITS - prefix), prefix))


def name_of(fields: Mapping[str, str], field: str) -> str | None:
    """Return a field's value as it is counted; None if there is none.

    Upper and lower case are the same name, as for most programs that people log in to.
    """
    name = fields.get(field)
    if not name:
        return None
    name = name.lower()
    if len(name) <= MAX_NAME:
        return name
    return blake2b(name.encode(errors="replace"), digest_size=MAX_NAME // 2).hexdigest()

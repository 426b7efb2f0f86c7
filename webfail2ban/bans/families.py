"""Networks as two numbers: the family (version and prefix length) and the leading bits.

A million networks as objects would cost ten times what their bans cost, and making one takes
longer than finding it.
"""

from ipaddress import IPv4Network, IPv6Network

from webfail2ban.addresses import Network, SingleNetwork, bits_of, make_ipv4, prefix_of

IPV4_BITS = 32
IPV6_BITS = 128

#: IPv4 prefix lengths are families 0 to 32, those of IPv6 come after them; all fit in a byte.
IPV6_FAMILIES = IPV4_BITS + 1

FAMILIES = IPV6_FAMILIES + IPV6_BITS + 1


def family_of(version: int, prefix: int) -> int:
    """Return the number of a family.

    Raises:
        ValueError: there is no such IP version or prefix length.
    """
    if version == 4 and 0 <= prefix <= IPV4_BITS:  # noqa: PLR2004 - IP has two versions
        return prefix
    if version == 6 and 0 <= prefix <= IPV6_BITS:  # noqa: PLR2004
        return IPV6_FAMILIES + prefix
    raise ValueError(f"IPv{version} has no prefix length {prefix}")


def host_bits(family: int) -> int:
    """Return how many bits of an address stand behind the prefix."""
    if family < IPV6_FAMILIES:
        return IPV4_BITS - family
    return IPV6_FAMILIES + IPV6_BITS - family


def place(network: Network) -> tuple[int, int]:
    """Return a network's family and leading bits."""
    prefix, bits = prefix_of(network), bits_of(network.network_address)
    if isinstance(network, IPv4Network):
        return prefix, bits >> (IPV4_BITS - prefix)
    return IPV6_FAMILIES + prefix, bits >> (IPV6_BITS - prefix)


def make_network(family: int, key: int) -> Network:
    """Return the network with these leading bits."""
    # From numbers, because the constructors would read a text.
    if family == IPV4_BITS:
        return SingleNetwork(make_ipv4(key))
    bits = key << host_bits(family)
    if family < IPV6_FAMILIES:
        return IPv4Network((bits, family))
    return IPv6Network((bits, family - IPV6_FAMILIES))

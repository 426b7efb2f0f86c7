"""A fixed set of networks, to be asked about addresses."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from webfail2ban.addresses import Address, Network, bits_of

#: As in `Address.version`.
IPV4, IPV6 = 4, 6


class AddressSet:
    """Networks, to be asked whether an address is in one of them.

    It costs one look-up for each prefix length that is in use.

    Args:
        networks: The networks.
    """

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self.networks = tuple(networks)
        leading: dict[tuple[int, int], set[int]] = {}
        for network in self.networks:
            rest = network.max_prefixlen - network.prefixlen
            bits = int(network.network_address) >> rest
            leading.setdefault((network.version, rest), set()).add(bits)
        self._ipv4 = [(rest, bits) for (version, rest), bits in leading.items() if version == IPV4]
        self._ipv6 = [(rest, bits) for (version, rest), bits in leading.items() if version == IPV6]

    def __contains__(self, address: Address) -> bool:
        """Whether an address is in one of the networks."""
        value = bits_of(address)
        for rest, bits in self._ipv4 if isinstance(address, IPv4Address) else self._ipv6:
            if value >> rest in bits:
                return True
        return False

    def overlaps(self, network: Network) -> bool:
        """Whether a network shares an address with one of the networks."""
        return any(True for _ in self.overlapping(network))

    def overlapping(self, network: Network) -> Iterator[Network]:
        """Yield those of the networks that share an address with a network."""
        for known in self.networks:
            if network.version == known.version:
                shorter = min(network.prefixlen, known.prefixlen)
                rest = network.max_prefixlen - shorter
                if int(network.network_address) >> rest == int(known.network_address) >> rest:
                    yield known

"""Networks as the keys of a map that is asked about addresses.

A look-up costs one dictionary access for each prefix length that is in use, whatever the number
of networks: in practice one to four.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

from webfail2ban.addresses import Address, Network

T = TypeVar("T")


class NetworkMap(Generic[T]):
    """Values by network, found by any address in it."""

    def __init__(self) -> None:
        # version -> prefix length -> the network's leading bits -> value
        self._tables: dict[int, dict[int, dict[int, T]]] = {4: {}, 6: {}}

    def __len__(self) -> int:
        """Count the networks."""
        return sum(len(table) for tables in self._tables.values() for table in tables.values())

    def __setitem__(self, network: Network, value: T) -> None:
        """Set the value of exactly this network."""
        table = self._tables[network.version].setdefault(network.prefixlen, {})
        table[_leading_bits(network)] = value

    def __delitem__(self, network: Network) -> None:
        """Remove exactly this network.

        Raises:
            KeyError: it isn't there.
        """
        tables = self._tables[network.version]
        table = tables[network.prefixlen]
        del table[_leading_bits(network)]
        if not table:
            del tables[network.prefixlen]

    def get(self, network: Network) -> T | None:
        """Return the value of exactly this network."""
        return self._tables[network.version].get(network.prefixlen, {}).get(_leading_bits(network))

    def covering(self, address: Address) -> Iterator[T]:
        """Yield the value of each network that holds an address."""
        bits = address.max_prefixlen
        value = int(address)
        for prefix, table in self._tables[address.version].items():
            found = table.get(value >> (bits - prefix))
            if found is not None:
                yield found

    def values(self) -> Iterator[T]:
        """Yield all values."""
        for tables in self._tables.values():
            for table in tables.values():
                yield from table.values()


def _leading_bits(network: Network) -> int:
    return int(network.network_address) >> (network.max_prefixlen - network.prefixlen)

"""This machine's own addresses: whoever bans them bans the proxy or the backup."""

from collections.abc import Callable

import ifaddr

from webfail2ban.addresses import parse_network
from webfail2ban.addressset import AddressSet

#: Seconds after which the interfaces are looked at again.
FRESH = 60.0


class OwnAddresses:
    """The addresses of all interfaces, looked up now and then.

    Args:
        now: The clock, in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._looked = 0.0
        self._networks = AddressSet()

    def __call__(self) -> AddressSet:
        """Return the addresses, loopback's whole network among them."""
        now = self._now()
        if not self._looked <= now < self._looked + FRESH:
            self._looked = now
            self._networks = _look_up()
        return self._networks


def _look_up() -> AddressSet:
    networks = [parse_network("127.0.0.0/8"), parse_network("::1")]
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            # An IPv6 address comes with its flow and scope.
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0].partition("%")[0]
            networks.append(parse_network(text))
    return AddressSet(networks)

"""The operator's own proxies: a ban of one would refuse everybody who comes through it."""

import logging
from collections.abc import Callable, Iterable

from webfail2ban.addresses import Address, Network, show_network
from webfail2ban.addressset import AddressSet
from webfail2ban.model import Ban
from webfail2ban.notices import Notices

log = logging.getLogger(__name__)


class TrustedProxies:
    """Knows the proxies, and which bans would hit one.

    Args:
        networks: Where the proxies are.
        now: The clock, in seconds since the epoch.

    Attributes:
        refused: How many bans were refused because of them.
    """

    def __init__(self, networks: Iterable[Network], now: Callable[[], float]) -> None:
        self._known = AddressSet(networks)
        self._notices = Notices(log, now)
        self.refused = 0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._known.networks)

    def replace(self, networks: Iterable[Network]) -> bool:
        """Take other networks for the proxies; return whether they are others."""
        before, self._known = self._known, AddressSet(networks)
        return before.networks != self._known.networks

    def has(self, address: Address) -> bool:
        """Whether an address is a proxy's."""
        return address in self._known

    def find(self, network: Network) -> Network | None:
        """Return the proxies that a ban of a network would hit; None if there are none."""
        return next(self._known.overlapping(network), None)

    def refuse(self, ban: Ban) -> bool:
        """Whether a ban would hit a proxy; it is counted then, and named now and then."""
        if not self._known.networks:
            return False
        proxies = self.find(ban.network)
        if proxies is None:
            return False
        self.refused += 1
        self._notices.warn(
            "%s isn't banned, though %s wants it: trusted_proxies has %s",
            show_network(ban.network),
            ban.jail,
            show_network(proxies),
        )
        return True

"""Addresses that a name may resolve to, and that are no client's own.

Whoever owns a name, or takes it over, chooses its addresses. The worst that he may do is to let
himself in; not everybody who comes through a gateway, a container's bridge or a translator.
"""

from webfail2ban import Address, Network, parse_network

#: Never a client's own (RFC 6890 and the registries of IANA).
SPECIAL: dict[str, tuple[Network, ...]] = {
    kind: tuple(map(parse_network, networks))
    for kind, networks in {
        "unspecified": ("0.0.0.0/8", "::/128"),  # what some providers say of a host that is away
        "loopback": ("127.0.0.0/8", "::1/128"),
        "link-local": ("169.254.0.0/16", "fe80::/10"),
        "multicast": ("224.0.0.0/4", "ff00::/8"),
        "reserved": ("240.0.0.0/4",),
        # All of IPv4 lies in one /64 there: RFC 6052, RFC 8215, RFC 4380. A resolver with DNS64
        # makes such addresses up for names that have none.
        "a translator's": ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32"),
    }.items()
}

#: A client's own only where it comes from inside, without a gateway between.
PRIVATE: tuple[Network, ...] = tuple(
    map(
        parse_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
    )
)


def refuse(address: Address, *, private: bool) -> str:
    """Say why an address isn't taken; empty if it is.

    Args:
        address: Folded.
        private: Whether private ones are.
    """
    for kind, networks in SPECIAL.items():
        if any(address in network for network in networks):
            return kind
    if not private and any(address in network for network in PRIVATE):
        return "private"
    return ""

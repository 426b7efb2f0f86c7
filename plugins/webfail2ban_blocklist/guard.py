"""What no list may ban: nobody's addresses, our own, our proxies', and half of the internet.

A list is written by strangers. One slip of theirs, a default route or a private network, would
lock out everybody; so each entry is looked at before it counts.
"""

from bisect import bisect_left
from collections.abc import Iterable

from webfail2ban import Network, parse_network
from webfail2ban_blocklist.entries import BITS, IPV4, IPV6, Span, span_of

#: The shortest prefixes that an entry may have: a /8 is a 256th of IPv4, and no provider has more
#: than a /19 of IPv6.
WIDEST = {IPV4: 8, IPV6: 19}

#: Special addresses (RFC 6890 and the registries of IANA). Those for documentation are not among
#: them: nobody has them, so nobody is banned by them.
SPECIAL = {
    "0.0.0.0/8": "reserved",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "private",  # behind a provider's NAT: RFC 6598
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "reserved",  # for measurements: RFC 2544
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::1": "loopback",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "private",  # once site-local: RFC 3879
    "ff00::/8": "multicast",
    # IANA has given out 2000::/3 only; IPv4-mapped addresses have become IPv4 before.
    "::/3": "reserved",
    "4000::/2": "reserved",
    "8000::/1": "reserved",
}


class Guard:
    """Says why an entry is refused.

    Args:
        protected: Networks that nobody may ban, each with whose they are.
    """

    def __init__(self, protected: Iterable[tuple[Network, str]] = ()) -> None:
        special = [(parse_network(text), why) for text, why in SPECIAL.items()]
        self._named = [(span_of(network), why) for network, why in (*protected, *special)]
        self._firsts: dict[int, list[int]] = {IPV4: [], IPV6: []}
        self._lasts: dict[int, list[int]] = {IPV4: [], IPV6: []}
        for (version, first, last), _ in sorted(self._named):
            firsts, lasts = self._firsts[version], self._lasts[version]
            if lasts and first <= lasts[-1]:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)

    def find_refusal(self, span: Span) -> str | None:
        """Say why an entry is refused; None if it isn't."""
        version, first, last = span
        # The ends of the highest range are the highest address: there always is a place.
        if self._firsts[version][bisect_left(self._lasts[version], first)] <= last:
            return self._name(span)
        if last > first and last - first >= 1 << (BITS[version] - WIDEST[version]):
            return f"is wider than a /{WIDEST[version]}"
        return None

    def _name(self, span: Span) -> str:
        version, first, last = span
        why, whole = next(
            (why, known[1] <= first and last <= known[2])
            for known, why in self._named
            if known[0] == version and known[1] <= last and first <= known[2]
        )
        return f"is {why}" if whole else f"holds addresses that are {why}"

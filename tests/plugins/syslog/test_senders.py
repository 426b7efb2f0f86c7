"""Who may send."""

import pytest

from webfail2ban import parse_network
from webfail2ban_syslog.senders import REMEMBERED, Senders

ALLOWED = Senders([parse_network("192.0.2.0/24"), parse_network("fe80::/10")])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("198.51.100.1", None),
        ("::ffff:198.51.100.1", None),
        ("2001:db8::1", None),
    ],
)
def test_senders_are_found_by_their_folded_address(address: str, expected: str | None) -> None:
    """A mapped address is the IPv4 one, an interface doesn't count."""
    assert ALLOWED.find(address) == expected


def test_forged_addresses_fill_no_memory() -> None:
    """Only so many answers are remembered."""
    senders = Senders([])
    for number in range(REMEMBERED + 10):
        senders.find(f"10.0.{number >> 8}.{number & 255}")
    assert senders.find.cache_info().currsize == REMEMBERED

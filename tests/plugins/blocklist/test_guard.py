from ipaddress import ip_network

import pytest

from webfail2ban_blocklist.entries import parse_entry
from webfail2ban_blocklist.guard import Guard

GUARD = Guard(
    [
        (ip_network("192.0.2.1"), "this machine's own"),
        (ip_network("2001:db8:1::/48"), "a trusted proxy's"),
    ]
)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("0.0.0.0/0", "holds addresses that are "),
        ("::/0", "holds addresses that are "),
        ("10.1.2.3", "is private"),
        ("100.64.0.1", "is private"),
        ("127.0.0.1", "is loopback"),
        ("169.254.169.254", "is link-local"),
        ("172.16.0.0/12", "is private"),
        ("192.168.1.0/24", "is private"),
        ("224.0.0.251", "is multicast"),
        ("255.255.255.255", "is reserved"),
        ("192.0.0.0/8", "holds addresses that are "),
        ("9.255.255.0-10.0.0.0", "holds addresses that are private"),
        ("::", "is reserved"),
        ("::1", "is loopback"),
        ("::ffff:10.0.0.1", "is private"),
        ("fe80::1", "is link-local"),
        ("fd00::/8", "is private"),
        ("ff02::1", "is multicast"),
        ("5000::1", "is reserved"),
        ("192.0.2.1", "is this machine's own"),
        ("192.0.2.0/24", "holds addresses that are this machine's own"),
        ("2001:db8:1::5", "is a trusted proxy's"),
        ("8.0.0.0/7", "is wider than a /8"),
        ("11.0.0.0-12.0.0.0", "is wider than a /8"),
        ("2600::/18", "is wider than a /19"),
    ],
)
def test_what_must_not_be_banned_is_refused(entry: str, why: str) -> None:
    """And it is said why."""
    refusal = GUARD.find_refusal(parse_entry(entry))
    assert refusal is not None
    assert refusal.startswith(why)


@pytest.mark.parametrize(
    "entry",
    ["192.0.2.2", "8.0.0.0/8", "203.0.113.0/24", "11.0.0.0-11.255.255.255", "2600::/19", "1.1.1.1"],
)
def test_everything_else_is_taken(entry: str) -> None:
    """A /8 is wide, and allowed."""
    assert GUARD.find_refusal(parse_entry(entry)) is None

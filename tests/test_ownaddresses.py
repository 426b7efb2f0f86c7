from ipaddress import ip_address

from webfail2ban import OwnAddresses
from webfail2ban.testing import Clock


def test_loopback_is_ours() -> None:
    """All of it, whatever the interfaces say."""
    ours = OwnAddresses(Clock())()
    assert ip_address("127.8.9.1") in ours
    assert ip_address("::1") in ours


def test_the_interfaces_are_not_asked_each_time() -> None:
    """A minute passes before they are looked at again."""
    clock = Clock()
    own = OwnAddresses(clock)
    first = own()
    clock.turn(59)
    assert own() is first
    clock.turn(1)
    assert own() is not first

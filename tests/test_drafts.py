from dataclasses import FrozenInstanceError
from ipaddress import IPv4Address, IPv4Network

import pytest

from webfail2ban.drafts import make_ban, make_failure
from webfail2ban.model import Ban, Failure

ADDRESS = IPv4Address("192.0.2.1")


def test_what_is_made_is_a_failure_like_any_other() -> None:
    """Equal to one that was made in the ordinary way, and of the same class."""
    made = make_failure("sshd", ADDRESS, 4.5, 2, ("a line",), {"user": "root"})
    assert type(made) is Failure
    assert made == Failure("sshd", ADDRESS, 4.5, 2, ("a line",), {"user": "root"})


def test_what_is_made_cannot_be_changed() -> None:
    """It is as frozen as any other."""
    made = make_failure("sshd", ADDRESS, 4.5, 1, (), {})
    with pytest.raises(FrozenInstanceError):
        made.jail = "dovecot"  # type: ignore[misc]


def test_a_ban_that_is_made_is_one_like_any_other() -> None:
    """Equal, of the same class, and frozen."""
    network = IPv4Network(ADDRESS)
    made = make_ban(network, "sshd", 4.5, 9.5, "because", 2, ("a line",))
    assert type(made) is Ban
    assert made == Ban(network, "sshd", 4.5, 9.5, "because", 2, ("a line",))
    with pytest.raises(FrozenInstanceError):
        made.count = 3  # type: ignore[misc]

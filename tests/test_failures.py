from dataclasses import FrozenInstanceError
from ipaddress import IPv4Address

import pytest

from webfail2ban.failures import make_failure
from webfail2ban.model import Failure

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

"""Failures that have crossed are counted whole."""

from ipaddress import IPv4Address

import gevent
import pytest
from gevent import GreenletExit

from webfail2ban.model import Failure
from webfail2ban.sensor.channel import pack_failure
from webfail2ban.sensor.counting import SLICE, count_packed

FAILURES = [Failure("sshd", IPv4Address(number), 1.5) for number in range(3 * SLICE + 1)]
PACKED = [pack_failure(failure) for failure in FAILURES]


def test_others_have_their_turn_meanwhile() -> None:
    """After every few."""
    counted: list[Failure] = []
    seen: list[int] = []

    def look() -> None:
        while len(counted) < len(FAILURES):
            seen.append(len(counted))
            gevent.sleep(0)

    looking = gevent.spawn(look)
    assert count_packed(PACKED, counted.extend) is None
    looking.join()
    assert counted == FAILURES
    assert {SLICE, 2 * SLICE} <= set(seen)


def test_whoever_is_killed_counts_to_the_end() -> None:
    """A half would be counted again after the next start."""
    counted: list[Failure] = []

    def count() -> GreenletExit | None:
        return count_packed(PACKED, counted.extend)

    counting = gevent.spawn(count)
    gevent.sleep(0)
    assert 0 < len(counted) < len(FAILURES)
    counting.kill()
    assert counted == FAILURES
    assert isinstance(counting.value, GreenletExit)
    with pytest.raises(GreenletExit):
        raise counting.value

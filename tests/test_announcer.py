"""Bans are told of one by one, or together."""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Network

from webfail2ban.announcer import Announcer
from webfail2ban.model import Ban

FIRST = Ban(IPv4Network("192.0.2.1"), "sshd", 0.0)
SECOND = Ban(IPv4Network("192.0.2.2"), "sshd", 0.0)


class Listener:
    """Keeps what it hears.

    Attributes:
        heard: The bans of each call.
    """

    def __init__(self) -> None:
        self.heard: list[Sequence[Ban]] = []

    def __call__(self, bans: Sequence[Ban]) -> None:
        self.heard.append(bans)


def test_a_ban_that_comes_alone_is_told_of_at_once() -> None:
    """Everybody hears of it."""
    listeners = Listener(), Listener()
    announcer = Announcer(*listeners)
    announcer.add(FIRST)
    announcer.add(SECOND)
    assert [listener.heard for listener in listeners] == [[[FIRST], [SECOND]]] * 2


def test_bans_that_come_together_are_told_of_together() -> None:
    """Once all of them are there."""
    listener = Listener()
    announcer = Announcer(listener)
    with announcer.together():
        announcer.add(FIRST)
        with announcer.together():
            announcer.add(SECOND)
    assert listener.heard == [[FIRST, SECOND]]


def test_what_waits_is_told_whatever_ends_it() -> None:
    """They are in force, even if what made them failed in the middle."""
    listener = Listener()
    announcer = Announcer(listener)
    with suppress(LookupError), announcer.together():
        announcer.add(FIRST)
        raise LookupError("of another client")
    assert listener.heard == [[FIRST]]


def test_what_waits_can_be_told_before() -> None:
    """Nobody hears of an end first."""
    listener = Listener()
    announcer = Announcer(listener)
    with announcer.together():
        announcer.add(FIRST)
        announcer.tell()
        assert listener.heard == [[FIRST]]
    assert listener.heard == [[FIRST]]


def test_a_ban_that_a_ban_brings_is_told_of_too() -> None:
    """As where a jail counts bans."""
    heard: list[Ban] = []

    def listen(bans: Sequence[Ban]) -> None:
        heard.extend(bans)
        if FIRST in bans:
            announcer.add(SECOND)

    announcer = Announcer(listen)
    announcer.add(FIRST)
    assert heard == [FIRST, SECOND]

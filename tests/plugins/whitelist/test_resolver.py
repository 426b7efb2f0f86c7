"""The system's own resolver, in threads of its own."""

import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from threading import Event

import gevent
import pytest

from webfail2ban import Address, parse_address
from webfail2ban_whitelist.resolver import THREADS, Answer, LookUp, Resolver, look_up

#: Far more than a look-up into nothing but memory takes.
PATIENCE = 60.0

Make = Callable[[LookUp], Resolver]


def addresses(*texts: str) -> frozenset[Address]:
    return frozenset(map(ip_address, texts))


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Resolver] = []

    def make_resolver(look_up: LookUp) -> Resolver:
        made.append(Resolver(look_up))
        return made[-1]

    yield make_resolver
    for resolver in made:
        resolver.close()


def test_the_systems_files_count(make: Make) -> None:
    """As they do for every other program."""
    assert parse_address("127.0.0.1") in make(look_up).resolve("localhost").addresses


def test_what_has_addresses_of_one_version_only_is_no_trouble(make: Make) -> None:
    """An address is a name that has no other: the system says so, and knows."""
    assert make(look_up).resolve("192.0.2.1") == Answer(addresses("192.0.2.1"))
    assert make(look_up).resolve("2001:db8::1") == Answer(addresses("2001:db8::1"))


def test_an_ipv4_mapped_address_is_folded(make: Make) -> None:
    """As everywhere."""
    assert make(look_up).resolve("::ffff:192.0.2.1").addresses == addresses("192.0.2.1")


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..example"])
def test_what_python_takes_for_no_name_is_trouble(make: Make, name: str) -> None:
    """It isn't even asked for."""
    answer = make(look_up).resolve(name)
    assert (answer.addresses, answer.silent) == (frozenset(), frozenset({4, 6}))
    assert answer.trouble.startswith("it can't be asked for: ")


def test_a_name_that_is_not_there_has_no_addresses(make: Make) -> None:
    """Which somebody knows."""

    def know_nothing(_name: str, _version: int) -> frozenset[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert make(know_nothing).resolve("nobody.example") == Answer(frozenset())


def test_one_version_may_be_told_while_the_other_is_not(make: Make) -> None:
    """What is known of the other one stays then."""

    def know_half(_name: str, version: int) -> frozenset[Address]:
        if version == 6:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return addresses("192.0.2.1")

    assert make(know_half).resolve("home.example") == Answer(
        addresses("192.0.2.1"), frozenset({6}), "Temporary failure in name resolution"
    )


def test_a_name_server_that_hangs_holds_nobody_else_up(make: Make) -> None:
    """Neither other names, as long as there are threads, nor this thread, nor the end."""
    hang = Event()
    started: list[int] = []

    def look(name: str, version: int) -> frozenset[Address]:
        if name == "slow.example":
            started.append(version)
            hang.wait(PATIENCE)
        return addresses("192.0.2.1")

    resolver = make(look)
    try:
        slow = [gevent.spawn(resolver.resolve, "slow.example") for _ in range(THREADS // 2 - 1)]
        with gevent.Timeout(PATIENCE):
            assert resolver.resolve("fast.example").addresses == addresses("192.0.2.1")
        assert not any(asked.ready() for asked in slow)
        gevent.killall(slow)  # as a reload does
    finally:
        hang.set()

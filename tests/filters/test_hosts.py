"""Addresses in one spelling each, and names turned into addresses."""

import socket
from collections.abc import Sequence

import pytest

from webfail2ban.filters.hosts import (
    CACHE_SECONDS,
    CACHED_NAMES,
    CachedResolver,
    canonical_host,
    parse_literal,
    resolve_name,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("2001:DB8:0:0::0001", "2001:db8::1"),
        ("::", "::"),
    ],
)
def test_an_address_has_one_spelling(text: str, expected: str) -> None:
    """A mapped one is the IPv4 address it maps."""
    assert canonical_host(text) == expected


@pytest.mark.parametrize(
    "text", ["999.1.1.1", "192.0.2.07", "1.2.3", "2001:db8:::1", "example", ""]
)
def test_what_is_no_address_stays_as_it_is(text: str) -> None:
    """It is an id like any other."""
    assert canonical_host(text) == text
    assert parse_literal(text) is None


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ("192.0.2.7", "24", "192.0.2.0/24"),
        ("192.0.2.7", "32", "192.0.2.7"),
        ("2001:db8::1", "32", "2001:db8::/32"),
        ("2001:db8::1", "128", "2001:db8::1"),
        ("192.0.2.7", "33", "192.0.2.7"),
        ("192.0.2.7", "9" * 5000, "192.0.2.7"),
        ("example", "24", "example"),
    ],
)
def test_an_address_with_a_prefix_is_its_network(text: str, prefix: str, expected: str) -> None:
    """An impossible prefix is left out."""
    assert canonical_host(text, prefix) == expected


def test_the_systems_resolver_knows_this_host() -> None:
    """Each address once."""
    addresses = resolve_name("localhost")

    assert set(addresses) <= {"127.0.0.1", "::1"}
    assert len(set(addresses)) == len(addresses) > 0


@pytest.mark.parametrize("name", ["a" * 64 + ".invalid", "a..invalid", "\udc80.invalid"])
def test_an_impossible_name_has_no_address(name: str) -> None:
    """Nothing is raised, whatever a log holds."""
    assert resolve_name(name) == []


def test_a_failing_resolver_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Like a name that doesn't exist."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", fail)

    assert resolve_name("example.com") == []


class Resolver:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        return ["192.0.2.7"] if name.startswith("a") else []


def test_answers_are_remembered_for_a_while() -> None:
    """That there is none, too."""
    clock = [0.0]
    resolver = Resolver()
    cached = CachedResolver(resolver, now=lambda: clock[0])

    for _ in range(2):
        assert cached("a") == ("192.0.2.7",)
        assert cached("b") == ()
    assert resolver.asked == ["a", "b"]

    clock[0] = CACHE_SECONDS
    cached("a")
    assert resolver.asked == ["a", "b", "a"]


def test_the_oldest_of_too_many_answers_is_forgotten() -> None:
    """A scan can't fill the memory."""
    resolver = Resolver()
    cached = CachedResolver(resolver, now=lambda: 0.0)
    for number in range(CACHED_NAMES + 1):
        cached(f"a{number}")
    resolver.asked.clear()

    cached("a1")
    cached("a0")

    assert resolver.asked == ["a0"]

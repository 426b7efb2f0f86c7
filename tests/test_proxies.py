"""Nobody bans the operator's own proxies."""

import logging
from collections.abc import Callable

import pytest
from gevent import sleep

from tests.plugged import plugged
from tests.waiting import wait_until
from webfail2ban.addresses import parse_address, parse_network
from webfail2ban.config import EngineSettings
from webfail2ban.engine import Engine
from webfail2ban.model import Ban
from webfail2ban.proxies import TrustedProxies
from webfail2ban.testing import Clock

PROXIES = ("192.0.2.10", "198.51.100.0/28")


def make_settings(*proxies: str) -> EngineSettings:
    return EngineSettings.model_validate({"trusted_proxies": proxies})


def make_ban(network: str, clock: Callable[[], float]) -> Ban:
    return Ban(parse_network(network), "sshd", clock())


@pytest.fixture
def engine(clock: Clock) -> Engine:
    return Engine(make_settings(*PROXIES), plugged(), clock)


@pytest.mark.parametrize(
    "network",
    ["192.0.2.10", "192.0.2.0/24", "198.51.100.7", "198.51.100.0/28", "198.51.100.0/29"],
)
def test_a_ban_that_would_hit_a_proxy_is_refused(
    engine: Engine, clock: Clock, network: str
) -> None:
    """Of the proxy, of a network around it, of a part of theirs."""
    assert not engine.ban(make_ban(network, clock))
    assert engine.proxies.refused == 1
    assert len(engine.bans) == 0


@pytest.mark.parametrize("network", ["192.0.2.11", "198.51.100.16", "2001:db8::/64"])
def test_their_neighbours_are_banned(engine: Engine, clock: Clock, network: str) -> None:
    """As everybody."""
    assert engine.ban(make_ban(network, clock))
    assert engine.proxies.refused == 0


def test_refused_bans_are_named_now_and_then(
    engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A log without the clients' addresses brings one with every failure."""
    caplog.set_level(logging.WARNING)
    for _ in range(1000):
        engine.ban(make_ban("192.0.2.10", clock))
    assert caplog.messages == [
        "192.0.2.10 isn't banned, though sshd wants it: trusted_proxies has 192.0.2.10"
    ]


def test_proxies_are_known_by_their_addresses(clock: Clock) -> None:
    """Of either version."""
    proxies = TrustedProxies([parse_network("2001:db8::/64")], clock)
    assert proxies
    assert proxies.has(parse_address("2001:db8::5"))
    assert not proxies.has(parse_address("192.0.2.10"))
    assert not TrustedProxies((), clock)


def test_bans_of_before_are_lifted_at_the_start(clock: Clock) -> None:
    """The proxy may have been banned before anybody named it."""
    engine = Engine(make_settings(*PROXIES), plugged(), clock)
    for network in ("192.0.2.0/24", "198.51.100.7", "203.0.113.1"):
        engine.bans.add(make_ban(network, clock))
    engine.start()
    try:
        wait_until(lambda: sleep(0) or len(engine.bans) == 1, "lifted bans")
        assert engine.bans.get(parse_network("203.0.113.1"))
    finally:
        engine.stop()


def test_proxies_change_with_a_reload(engine: Engine, clock: Clock) -> None:
    """What is banned of new ones is lifted, and old ones are clients again."""
    engine.start()
    try:
        engine.ban(make_ban("203.0.113.1", clock))
        engine.replace(make_settings("203.0.113.1"), plugged())
        wait_until(lambda: sleep(0) or not engine.bans, "lifted bans")
        assert engine.ban(make_ban("192.0.2.10", clock))
    finally:
        engine.stop()

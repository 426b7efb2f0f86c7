"""What is wrong, in words, from what plugins say of themselves."""

import logging
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from webfail2ban.addressset import AddressSet
from webfail2ban.health.watchdog import PAUSE, Watchdog
from webfail2ban.statuses import JailStatus, SourceStatus, Status
from webfail2ban.testing import Clock

MINUTE = 60.0


class Plugin:
    """A plugin with one source and one jail.

    Attributes:
        status: What it says of itself.
    """

    def __init__(self) -> None:
        self.clock = Clock()
        self.status = Status()
        proxies = AddressSet([IPv4Network("10.0.0.0/24")])
        self.watchdog = Watchdog(self.clock, lambda: {"probe": self.status}, proxies.__contains__)

    def look(self, **jail: Any) -> tuple[str, ...]:
        self.status = Status(jails=[JailStatus("dovecot", **jail)])
        return self.watchdog.look()

    def bring(self, lines: int, minutes: int) -> tuple[str, ...]:
        """Bring as many lines each minute, from the beginning of each sensor."""
        found: tuple[str, ...] = ()
        for _ in range(minutes):
            self.clock.turn(MINUTE)
            before = self.status.sources[0].lines if self.status.sources else 0
            source = SourceStatus("tail:mail.log", before + lines, last_line=self.last(lines))
            self.status = Status(sources=[source])
            found = self.watchdog.look()
        return found

    def last(self, lines: int) -> float | None:
        if lines or not self.status.sources:
            return self.clock()
        return self.status.sources[0].last_line


def test_a_date_pattern_that_never_fits_is_said() -> None:
    """Such a jail is deaf: fail2ban leaves it at that."""
    found = Plugin().look(lines=12_000, undated=50)
    assert found == ("dovecot: 12,000 lines, none with a date that parses",)


@pytest.mark.parametrize(("dated", "undated"), [(1, 500), (0, 5)])
def test_a_few_lines_without_a_date_are_nothing(dated: int, undated: int) -> None:
    """Some programs write such lines among others."""
    assert Plugin().look(lines=12_000, dated=dated, undated=undated) == ()


@pytest.mark.parametrize(
    ("offset", "said"),
    [(3600.0, "1h behind"), (-7230.0, "2h ahead of"), (61.0, "1m behind")],
)
def test_a_clock_that_is_off_is_said(offset: float, said: str) -> None:
    """A log in another zone, or a machine without a time server."""
    assert Plugin().look(clock_offset=offset) == (
        f"dovecot: stamps are {said} this machine's clock",
    )


def test_a_clock_within_a_minute_is_well() -> None:
    """As far as fail2ban takes a line for a new one."""
    assert Plugin().look(clock_offset=-60.0) == ()


def test_hits_that_all_come_from_a_proxy_are_said() -> None:
    """The backend logs the proxy's address: it lacks the PROXY protocol or its header."""
    address = IPv4Address("10.0.0.5")
    (said,) = Plugin().look(ignored=100, loudest=address, loudest_share=1.0)
    assert said.startswith("dovecot: all hits are from 10.0.0.5, which is a trusted proxy")


def test_hits_that_all_come_from_a_private_address_are_suspicious() -> None:
    """The operator may have forgotten to name his proxy."""
    address = IPv4Address("192.168.1.1")
    (said,) = Plugin().look(failures=100, loudest=address, loudest_share=0.97)
    assert said.startswith("dovecot: 97% of the hits are from 192.168.1.1: is that a proxy")


@pytest.mark.parametrize(("failures", "said"), [(199, False), (200, True)])
def test_hits_that_all_come_from_one_address_outside_are_told_late(
    failures: int, *, said: bool
) -> None:
    """It may be a proxy, and it may be the only attacker of the night."""
    address = IPv4Address("198.41.0.4")
    found = Plugin().look(failures=failures, loudest=address, loudest_share=1.0)
    assert bool(found) is said


@pytest.mark.parametrize(("failures", "share"), [(100, 0.9), (5, 1.0)])
def test_one_loud_client_among_others_is_no_problem(failures: int, share: float) -> None:
    """Nor is the only one of a quiet night."""
    address = IPv4Address("10.0.0.5")
    assert Plugin().look(failures=failures, loudest=address, loudest_share=share) == ()


def test_a_source_that_has_gone_silent_is_said() -> None:
    """With what it used to bring."""
    plugin = Plugin()
    assert plugin.bring(200, minutes=30) == ()
    assert plugin.bring(0, minutes=180) == (
        "tail:mail.log: no line for 3h from a source that used to bring 200 a minute",
    )
    assert plugin.bring(200, minutes=1) == ()


def test_a_source_that_seldom_speaks_may_be_silent() -> None:
    """A line an hour says little about the next hours."""
    plugin = Plugin()
    for _ in range(20):
        assert plugin.bring(1, minutes=1) == ()
        assert plugin.bring(0, minutes=59) == ()
    assert plugin.bring(0, minutes=600) == ()


@pytest.mark.parametrize("pause", [20, 120])
def test_bursts_say_little_of_the_minutes_between(pause: int) -> None:
    """Somebody tries the log out, or a job brings its lines now and then."""
    plugin = Plugin()
    for _ in range(3):
        assert plugin.bring(22, minutes=1) == ()
        assert plugin.bring(0, minutes=pause) == ()


def test_a_quiet_source_is_given_ten_minutes() -> None:
    """However much it used to bring."""
    plugin = Plugin()
    plugin.bring(10_000, minutes=30)
    assert plugin.bring(0, minutes=9) == ()
    assert plugin.bring(0, minutes=1) != ()


def test_a_new_sensor_counts_from_the_beginning() -> None:
    """Fewer lines than before are no lines taken back."""
    plugin = Plugin()
    plugin.bring(200, minutes=30)
    plugin.status = Status(sources=[SourceStatus("tail:mail.log", 0, last_line=plugin.clock())])
    plugin.watchdog.look()
    assert plugin.bring(200, minutes=30) == ()


def test_a_source_that_is_gone_is_forgotten() -> None:
    """A reload took it out of the configuration."""
    plugin = Plugin()
    plugin.bring(200, minutes=30)
    plugin.status = Status()
    plugin.clock.turn(3600)
    assert plugin.watchdog.look() == ()


def test_a_plugins_own_problems_carry_its_name() -> None:
    """They stay until the next look."""
    plugin = Plugin()
    plugin.status = Status(problems=["the feed is two days old"])
    assert plugin.watchdog.look() == ("probe: the feed is two days old",)
    assert plugin.watchdog.problems == ("probe: the feed is two days old",)


def test_a_problem_is_logged_when_it_begins_and_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not each minute, though the silence grows."""
    caplog.set_level(logging.INFO)
    plugin = Plugin()
    statuses = [
        Status(problems=["the feed is 2 days old"]),
        Status(problems=["the feed is 3 days old"]),
        Status(),
    ]

    def sleep(seconds: float) -> None:
        assert seconds == PAUSE
        if not statuses:
            raise EOFError
        plugin.status = statuses.pop(0)

    with pytest.raises(EOFError):
        plugin.watchdog.watch(sleep)
    assert caplog.messages == [
        "probe: the feed is 2 days old",
        "no longer so: probe: the feed is 3 days old",
    ]

"""The values that cross the plugin seam refuse what makes no sense."""

from ipaddress import IPv4Address, IPv4Network
from math import inf, nan

import pytest

from webfail2ban.model import Ban, Failure, LogLine, Opinion, Query

CLIENT = IPv4Address("192.0.2.1")
NETWORK = IPv4Network(CLIENT)


def test_a_query_gives_the_first_argument_of_a_name() -> None:
    """HAProxy may send several, and some without a name."""
    query = Query("check", (("", 1), ("user", "first"), ("user", "second")), CLIENT)
    assert (query.get("user"), query.get("host", "none")) == ("first", "none")


@pytest.mark.parametrize("score", [-1, 101])
def test_a_score_is_between_0_and_100(score: int) -> None:
    """A plugin that says more is wrong, and hears so."""
    with pytest.raises(ValueError, match=f"between 0 and 100, not {score}"):
        Opinion.add_score(score)


def test_what_wants_to_be_asked_again_is_not_remembered() -> None:
    """Unless it says when."""
    assert not Opinion.ask_again().remember
    assert Opinion.ask_again(until=5.0).remember


def test_a_log_line_is_one_line() -> None:
    """A forged one could hide behind an honest one."""
    with pytest.raises(ValueError, match="no newline"):
        LogLine("honest\nforged", "syslog")


def test_a_failure_counts_for_no_less_than_nothing() -> None:
    """A success counts for nothing."""
    assert Failure("sshd", CLIENT, 0.0, 0).weight == 0
    with pytest.raises(ValueError, match="not negative, as -1 is"):
        Failure("sshd", CLIENT, 0.0, -1)


@pytest.mark.parametrize("until", [99.9, nan])
def test_a_ban_does_not_end_before_it_begins(until: float) -> None:
    """The error names the ban."""
    with pytest.raises(ValueError, match=r"192\.0\.2\.1 \[sshd\] cannot end before it begins"):
        Ban(NETWORK, "sshd", 100.0, until)


@pytest.mark.parametrize("since", [inf, -inf, nan, 1e300])
def test_a_ban_begins_at_some_time(since: float) -> None:
    """An imported list may hold any number."""
    with pytest.raises(ValueError, match="cannot begin at"):
        Ban(NETWORK, "sshd", since)


def test_a_ban_may_last_for_ever() -> None:
    """Infinity is the end of a permanent one."""
    assert Ban(NETWORK, "sshd", 100.0).until == inf

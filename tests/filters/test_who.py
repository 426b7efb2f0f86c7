"""Who failed: an address, a network, an id, a host name."""

import logging

import pytest

from tests.filters.moment import DATE, TIME, Make, hosts
from webfail2ban.filters import (
    Filter,
    FilterDefinition,
    UseDns,
)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("[2001:DB8::0007]", "2001:db8::7"),
        ("999.1.1.1", "999.1.1.1"),
    ],
)
def test_an_address_has_one_spelling(make: Make, address: str, host: str) -> None:
    """What only looks like one is counted as it is."""
    assert hosts(make("from <HOST>$").find(f"{DATE} from {address}")) == [host]


def test_a_network_is_banned_whole(make: Make) -> None:
    """If the expression has its length."""
    assert hosts(make("from <SUBNET>$").find(f"{DATE} from 192.0.2.7/24")) == ["192.0.2.0/24"]


def test_an_id_comes_before_the_address(make: Make) -> None:
    """Which stays a field."""
    found = make("<F-ID>\\w+</F-ID> from <HOST>$").find(f"{DATE} x7 from ::ffff:192.0.2.7")

    assert hosts(found) == ["x7"]
    assert found[0].fields["ip"] == "192.0.2.7"


def test_an_id_alone_is_enough(make: Make) -> None:
    """An address among ids has its one spelling."""
    matcher = make("id=<F-ID/>")

    assert hosts(matcher.find(f"{DATE} id=2001:DB8::07")) == ["2001:db8::7"]
    assert matcher.find(f"{DATE} id=abc")[0].fields == {"fid": "abc"}


def test_an_id_of_parts_is_joined(make: Make) -> None:
    """The parts are in the field."""
    matcher = make("<F-ID>\\w+</F-ID>:<F-TUPLE_ID>\\w+</F-TUPLE_ID>")
    bare = make("(?:<F-ID>\\w+</F-ID>)?:<F-TUPLE_ID>\\w+</F-TUPLE_ID>")

    found = matcher.find("a:b", TIME)

    assert (found[0].host, found[0].fields) == ("a,b", {"fid": ("a", "b")})
    assert hosts(bare.find(":b", TIME)) == [",b"]


def test_a_match_that_names_nobody_is_none(make: Make) -> None:
    """The next expression gets its chance."""
    found = make("from(?: <HOST>)?", "x<HOST>").find(f"{DATE} from x192.0.2.7")

    assert [failure.regex for failure in found] == [1]


def test_names_are_not_looked_up_by_default(make: Make) -> None:
    """An attacker owns his reverse DNS: he would choose whom we ban."""
    matcher = make("from <HOST>$", resolve=lambda _: ["192.0.2.7"])
    explicit = make("from <DNS>$", resolve=lambda _: ["192.0.2.7"])

    assert matcher.find(f"{DATE} from example.com") == []
    assert explicit.find(f"{DATE} from example.com") == []


@pytest.mark.parametrize("usedns", [UseDns.YES, UseDns.WARN])
def test_every_address_of_a_name_failed(make: Make, usedns: UseDns) -> None:
    """Nobody did if it has none."""
    answers = {"example.com": ["192.0.2.7", "2001:db8::7"]}
    matcher = make("from <HOST>$", usedns=usedns, resolve=lambda name: answers.get(name, []))

    assert hosts(matcher.find(f"{DATE} from example.com")) == ["192.0.2.7", "2001:db8::7"]
    assert matcher.find(f"{DATE} from example.net") == []


def test_a_warning_names_the_name(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Without letting it write our log."""
    matcher = make("from <F-DNS>.*</F-DNS>$", usedns=UseDns.WARN, resolve=lambda _: ["192.0.2.7"])

    with caplog.at_level(logging.WARNING):
        matcher.find(f"{DATE} from a\x1b[2Jb")

    (message,) = caplog.messages
    assert "'a\\x1b[2Jb'" in message
    assert "192.0.2.7" in message


def test_an_address_in_a_names_place_is_taken(make: Make) -> None:
    """Nobody is asked for it."""
    matcher = make("from <F-DNS>\\S+</F-DNS>$", usedns=UseDns.NO)

    assert hosts(matcher.find(f"{DATE} from 2001:DB8::07")) == ["2001:db8::7"]


def test_raw_names_are_ids(make: Make) -> None:
    """As they are."""
    matcher = make("from <HOST>$", usedns=UseDns.RAW)

    assert hosts(matcher.find(f"{DATE} from example.com")) == ["example.com"]


def test_the_filter_may_say_what_to_do_with_names() -> None:
    """The caller has the last word."""
    definition = FilterDefinition("demo", failregex=("from <HOST>$",), usedns=UseDns.RAW)

    assert Filter(definition).find("from example.com")
    assert not Filter(definition, usedns=UseDns.NO).find("from example.com")

"""Fragments of JSON, one for each thing that changed."""

import json
from collections.abc import Mapping
from ipaddress import ip_network
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban.addresses import Network
from webfail2ban.model import Ban
from webfail2ban.store import Changes, ban_key, unpack_lines
from webfail2ban.store.changes import (
    LONGEST_LINE,
    MOST_LINES,
    pack_text,
    unpack_text,
)

NETWORK = ip_network("192.0.2.1")


def ban(network: Network = NETWORK, lines: tuple[str, ...] = (), reason: str = "why") -> Ban:
    return Ban(network, "sshd", 1.5, inf, reason, 2, lines)


def key(network: Network = NETWORK) -> tuple[int, int, int, str]:
    return ban_key(network, "sshd")


def only(fragments: Mapping[Any, str]) -> object:
    (fragment,) = fragments.values()
    return json.loads(fragment)


@pytest.mark.parametrize(
    ("network", "address", "prefix"),
    [
        ("192.0.2.1", 3_221_225_985, 32),
        ("192.0.2.0/24", 3_221_225_984, 24),
        ("2001:db8::/64", "20010db8000000000000000000000000", 64),
        ("::1", "00000000000000000000000000000001", 128),
    ],
)
def test_a_ban_is_numbers_and_texts(network: str, address: object, prefix: int) -> None:
    """An IPv6 address is too large for a number of most programs."""
    changes, place = Changes(), ip_network(network)
    changes.add_ban(key(place), ban(place, ("one", "two")))
    (row,) = changes.bans.values()
    assert row == (address, prefix, "sshd", 1.5, inf, 2, "why", '["one","two"]')


@pytest.mark.parametrize(
    ("until", "written"), [(100.0006, 100.001), (-5.0, -5.0), (1e13, inf), (inf, inf)]
)
def test_times_are_to_the_millisecond(until: float, written: float) -> None:
    """An end that nobody will see is none."""
    changes = Changes()
    changes.add_ban(key(), Ban(NETWORK, "sshd", -10.0, until))
    assert changes.bans[key()][4] == written


def test_the_last_word_counts() -> None:
    """A ban that is lifted and made anew is in force, one that is made and lifted isn't."""
    changes = Changes()
    changes.add_ban(key(), ban())
    changes.lift_ban(key())
    assert (len(changes.bans), len(changes.lifted)) == (0, 1)
    changes.add_ban(key(), ban())
    assert (len(changes.bans), len(changes.lifted)) == (1, 0)


def test_the_last_word_on_a_value_counts() -> None:
    """Whether it is kept, and what."""
    changes = Changes()
    changes.set_value("jails", "a", "1", inf)
    changes.set_value("jails", "a", "2", 7.0)
    assert only(changes.values) == ["jails", "a", ["2"], 7.0]
    changes.drop_value("jails", "a")
    assert len(changes) == 1
    changes.set_value("jails", "a", "3", inf)
    assert len(changes) == 1
    assert changes.values


def test_the_last_word_on_a_position_counts() -> None:
    """Any JSON value is one."""
    changes = Changes()
    changes.set_position("tail", {"offset": 7})
    assert only(changes.positions) == ["tail", [{"offset": 7}]]
    changes.drop_position("tail")
    assert only(changes.dropped_positions) == ["tail"]
    changes.set_position("tail", None)
    assert len(changes) == 1


def test_lines_are_bounded() -> None:
    """In their number and their length: the last ones tell why."""
    changes = Changes()
    lines = tuple(f"{number} {'x' * 2 * LONGEST_LINE}" for number in range(2 * MOST_LINES))
    changes.add_ban(key(), ban(lines=lines))
    kept = unpack_lines(changes.bans[key()])
    assert len(kept) == MOST_LINES
    assert kept[-1] == lines[-1][:LONGEST_LINE]


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_comes_back(text: str) -> None:
    """Also zero bytes and halves of surrogate pairs, which databases don't take."""
    read = json.loads(pack_text(text))
    assert read.isascii()
    assert "\0" not in read
    assert unpack_text(read) == text


def test_ordinary_text_is_what_it_was() -> None:
    """Whoever looks into a database can read it."""
    assert pack_text("5 failures in 10m") == '"5 failures in 10m"'

"""Lists that nobody expects are held, and what becomes of them."""

import os
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.plugins.blocklist.webserver import WebServer, say
from webfail2ban import ActionError
from webfail2ban.testing import Clock, FakeEngine
from webfail2ban_blocklist.feed import Feed
from webfail2ban_blocklist.holding import find_reason_to_hold
from webfail2ban_blocklist.listfile import ListInfo

MakeFeed = Callable[..., Feed]


def info(entries: int, ipv4: int | None = None) -> ListInfo:
    return ListInfo("source", 0, entries, entries, entries if ipv4 is None else ipv4)


def lines(number: int) -> bytes:
    return "".join(f"192.0.2.{last}\n" for last in range(number)).encode()


def on(feed: Feed, address: str) -> bool:
    return ip_address(address) in feed.table


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (info(100), info(0), "it has no entries any more, after 100"),
        (info(10_000), info(99), "it shrank from 10,000 entries to 99"),
        (info(100), info(1000), "it grew from 100 entries to 1,000"),
        (info(9, 9), info(10, 20 << 24), "it grew from 9 IPv4 addresses to 335,544,320"),
    ],
)
def test_what_nobody_expects_is_held(old: ListInfo, new: ListInfo, why: str) -> None:
    """It is told what is strange about it."""
    assert find_reason_to_hold(old, new) == why


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (info(100), info(999)),
        (info(100), info(1)),
        (info(10_000), info(100)),
        (info(0), info(1_000_000)),
        (info(9, 9), info(10, 1000)),
    ],
)
def test_other_changes_are_ordinary(old: ListInfo, new: ListInfo) -> None:
    """Lists grow and shrink; one that was empty may become anything."""
    assert find_reason_to_hold(old, new) is None


@pytest.fixture
def feed(make_feed: MakeFeed, server: WebServer) -> Feed:
    """A feed of ten addresses, with a list of a hundred that is held."""
    feed = make_feed(url=server.url)
    server.answer = say(lines(10), ETag='"ten"')
    feed.refresh()
    server.answer = say(lines(100), ETag='"hundred"')
    feed.refresh()
    return feed


def test_the_last_good_one_stays_in_force(feed: Feed) -> None:
    """Nobody is banned by what is held."""
    assert feed.held is not None
    assert on(feed, "192.0.2.9")
    assert not on(feed, "192.0.2.10")


def test_what_is_held_is_accepted(feed: Feed, engine: FakeEngine) -> None:
    """By an operator, and counts at once."""
    engine.forgotten.clear()
    assert feed.accept().entries == 100
    assert on(feed, "192.0.2.99")
    assert feed.held is None
    assert engine.forgotten == [None]
    with pytest.raises(ActionError, match="no new list of evil is held"):
        feed.accept()


def test_the_next_sane_one_ends_it(feed: Feed, server: WebServer) -> None:
    """Without an operator."""
    server.answer = say(lines(11))
    feed.refresh()
    assert feed.held is None
    assert on(feed, "192.0.2.10")


def test_the_server_is_asked_about_the_one_that_is_held(feed: Feed, server: WebServer) -> None:
    """Or it would be downloaded again and again; the one in force grows old meanwhile."""
    checked = feed.checked
    server.answer = say(b"", "304 Not Modified", Content_Length="")
    feed.refresh()
    assert '"hundred"' in server.requests[-1]
    assert feed.held is not None
    assert feed.checked == checked


def test_it_is_held_beyond_a_restart(feed: Feed, make_feed: MakeFeed, server: WebServer) -> None:
    """And may be accepted after it."""
    again = make_feed(url=server.url)
    again.load()
    assert again.held == feed.held
    assert not on(again, "192.0.2.10")
    again.accept()
    assert on(again, "192.0.2.10")


def test_an_operator_may_not_want_it(make_feed: MakeFeed, server: WebServer) -> None:
    """With hold: false everything is taken."""
    feed = make_feed(url=server.url, hold=False)
    for number in (1, 100, 0):
        server.answer = say(lines(number))
        feed.refresh()
        assert feed.info is not None
        assert feed.info.entries == number


def test_a_start_without_network_has_the_last_list(
    feed: Feed, make_feed: MakeFeed, clock: Clock
) -> None:
    """As old as it is, and the server is asked when it would have been."""
    clock.turn(600)
    again = make_feed(url=feed.settings.url)
    again.load()
    assert on(again, "192.0.2.9")
    assert again.age == 600
    assert again.due == clock() + 3000


def test_another_source_has_another_list(feed: Feed, make_feed: MakeFeed) -> None:
    """What is kept of the old one is not what the operator wants now."""
    assert feed.info is not None
    again = make_feed(url="http://127.0.0.1:1/other")
    again.load()
    assert again.info is None


def test_a_damaged_list_is_done_without(
    feed: Feed, make_feed: MakeFeed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is got anew."""
    os.truncate(tmp_path / "evil.list", 200)
    again = make_feed(url=feed.settings.url)
    again.load()
    assert again.info is None
    assert "can't be used, and is got anew" in caplog.text


def test_a_refresh_leaves_nothing_behind(feed: Feed, tmp_path: Path) -> None:
    """Only the list, and what is held."""
    assert feed.held is not None
    assert {path.name for path in tmp_path.iterdir()} == {"evil.list", "evil.held"}


def test_a_file_is_read_when_it_has_stood_still(make_feed: MakeFeed, tmp_path: Path) -> None:
    """For two looks: a list that is being written is no list."""
    path = tmp_path / "own.txt"
    path.write_bytes(lines(3))
    feed = make_feed(file=path)
    feed.refresh()
    feed.look()
    feed.look()
    assert feed.due > 0
    path.write_bytes(lines(4))
    feed.look()
    assert feed.due > 0
    feed.look()
    assert feed.due < 0
    feed.refresh()
    assert on(feed, "192.0.2.3")


def test_a_file_that_is_gone_stays_in_force(make_feed: MakeFeed, tmp_path: Path) -> None:
    """It is told, and read when it is back."""
    path = tmp_path / "own.txt"
    path.write_bytes(lines(3))
    feed = make_feed(file=path)
    feed.refresh()
    path.unlink()
    feed.look()
    assert feed.trouble == f"{path}: No such file or directory"
    assert on(feed, "192.0.2.1")
    path.write_bytes(lines(4))
    feed.look()
    feed.look()
    feed.refresh()
    assert feed.trouble == ""
    assert on(feed, "192.0.2.3")


def test_a_file_may_be_named_by_a_url(make_feed: MakeFeed, tmp_path: Path) -> None:
    """As file://."""
    (tmp_path / "own list").write_bytes(lines(3))
    feed = make_feed(url=f"file://{tmp_path}/own%20list")
    feed.refresh()
    assert on(feed, "192.0.2.1")

"""Lists from a real web server, and what servers do wrong."""

import gzip
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from weakref import ref

import pytest

from tests.plugins.blocklist.webserver import Answer, WebServer, say
from webfail2ban.testing import FakeEngine
from webfail2ban_blocklist.feed import Feed

MakeFeed = Callable[..., Feed]

LIST = b"# evil\n192.0.2.1\n198.51.100.0/24\n203.0.113.4-203.0.113.6\n"
GOOD = "192.0.2.1"


def on(feed: Feed, address: str) -> bool:
    return ip_address(address) in feed.table


@pytest.fixture
def feed(make_feed: MakeFeed, server: WebServer) -> Feed:
    """A feed from the server."""
    return make_feed(url=server.url)


@pytest.fixture
def loaded(feed: Feed, server: WebServer) -> Feed:
    """A feed whose first list is in force."""
    server.answer = say(LIST.replace(b"198.51.100.0/24\n", b""), ETag='"v1"', Last_Modified="then")
    feed.refresh()
    assert feed.info is not None
    return feed


def test_a_list_is_downloaded_and_in_force(feed: Feed, server: WebServer) -> None:
    """An entry that holds a trusted proxy isn't."""
    server.answer = say(LIST)
    feed.refresh()
    assert feed.trouble == ""
    assert on(feed, GOOD)
    assert on(feed, "203.0.113.5")
    assert not on(feed, "198.51.100.1")
    assert feed.info is not None
    assert (feed.info.entries, feed.info.rejected) == (2, 1)
    (example,) = feed.info.examples
    assert (example.line, example.text) == (3, "198.51.100.0/24")
    assert example.why.endswith("holds addresses that are a trusted proxy's")


def test_the_old_list_is_given_back_in_pieces(
    make_feed: MakeFeed, server: WebServer, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others have their turn after each column."""
    alive: list[int] = []
    old: list[ref[object]] = []
    monkeypatch.setattr(
        engine, "give_way", lambda: alive.append(sum(column() is not None for column in old))
    )
    feed = make_feed(url=server.url)
    server.answer = say(LIST)
    feed.refresh()
    old += map(ref, feed.table.columns)
    alive.clear()
    feed.refresh()
    assert alive[-len(old) - 1 :] == list(range(len(old), -1, -1))


def test_remembered_verdicts_are_dropped(feed: Feed, server: WebServer, engine: FakeEngine) -> None:
    """When the list has changed, and not when it hasn't."""
    server.answer = say(LIST, ETag='"v1"')
    feed.refresh()
    assert engine.forgotten == [None]
    server.answer = say(b"", "304 Not Modified", Content_Length="")
    feed.refresh()
    assert engine.forgotten == [None]


def test_the_server_is_asked_whether_it_has_changed(loaded: Feed, server: WebServer) -> None:
    """By both names that it gave; if not, the list is as young as that."""
    server.answer = say(b"", "304 Not Modified", Content_Length="")
    loaded.refresh()
    asked = server.requests[-1].lower()
    assert 'if-none-match: "v1"' in asked
    assert "if-modified-since: then" in asked
    assert (loaded.refreshes, loaded.trouble, loaded.age) == (2, "", 0)
    assert on(loaded, GOOD)


def test_a_304_that_nobody_asked_for_is_no_answer(feed: Feed, server: WebServer) -> None:
    """There is nothing that could be unchanged."""
    server.answer = say(b"", "304 Not Modified", Content_Length="")
    feed.refresh()
    assert feed.trouble == "HTTP 304 Not Modified"


def hang_up(connection: socket.socket, _request: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n192.0.2.9\n")


def cut_a_chunk(connection: socket.socket, _request: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"ff\r\n192.0.2.9\n")


def speak_nonsense(connection: socket.socket, _request: str) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")


WRONG: dict[str, tuple[Answer, str]] = {
    "forbidden": (say(b"no", "403 Forbidden"), "HTTP 403 Forbidden"),
    "gone": (say(b"no", "404 Nowhere to be found"), "HTTP 404 Not Found"),
    "broken": (say(b"no", "500 <b>oops</b>"), "HTTP 500 Internal Server Error"),
    "a part": (say(LIST, "206 Partial Content"), "HTTP 206 Partial Content"),
    "truncated": (hang_up, "the list was cut off after 10 of 1000 bytes"),
    "a truncated chunk": (cut_a_chunk, "the answer is no HTTP, or was cut off"),
    "longer than it says": (
        say(LIST, Content_Length="9"),
        "the server sent more than the 9 bytes that it promised",
    ),
    "too long": (say(bytes(2_000_000)), "the list has 2000000 bytes, more than 1000000"),
    "too long, unsaid": (
        say(bytes(2_000_000), Content_Length=""),
        "the list has more than 1000000 bytes",
    ),
    "a bomb": (
        say(gzip.compress(bytes(20_000_000)), Content_Encoding="gzip"),
        "the list has more than 1000000 bytes",
    ),
    "half a file": (say(gzip.compress(LIST)[:-4]), "the list can't be unpacked: ends too early"),
    "no HTTP": (speak_nonsense, "the answer is no HTTP, or was cut off"),
    "to a file": (
        say(b"", "302 Found", Location="file:///etc/passwd"),
        "the server redirects to file:, which isn't followed",
    ),
    "to FTP": (
        say(b"", "301 Moved", Location="ftp://127.0.0.1/list"),
        "the server redirects to ftp:, which isn't followed",
    ),
    "in a circle": (
        say(b"", "302 Found", Location="/list"),
        "the server redirects more than 5 times",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_last_good_list_stays_in_force(
    make_feed: MakeFeed, server: WebServer, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the server does wrong; it is told in words, in the log once."""
    feed = make_feed(url=server.url, max_size=1_000_000)
    server.answer = say(b"192.0.2.1\n")
    feed.refresh()
    server.answer, words = WRONG[wrong]
    for _ in range(2):
        feed.refresh()
    assert feed.trouble.startswith(words)
    assert caplog.text.count(words) == 1
    assert on(feed, GOOD)
    assert not on(feed, "192.0.2.9")
    assert feed.failures == 2
    server.answer = say(b"192.0.2.1\n")
    feed.refresh()
    assert feed.trouble == ""


def test_a_server_that_says_nothing_is_given_up(make_feed: MakeFeed, server: WebServer) -> None:
    """After its time; before its first word and in the middle of the list."""
    feed = make_feed(url=server.url, timeout=0.2)

    def stall(connection: socket.socket, _request: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n192.0.2.9\n")
        server.release.wait()

    server.answer = stall
    feed.refresh()
    assert feed.trouble == "the server said nothing for 0.2 s"


def test_a_server_that_never_closes_has_sent_all(make_feed: MakeFeed, server: WebServer) -> None:
    """If there is as much as it promised."""
    feed = make_feed(url=server.url, timeout=0.2)

    def linger(connection: socket.socket, request: str) -> None:
        say(b"192.0.2.1\n")(connection, request)
        server.release.wait()

    server.answer = linger
    feed.refresh()
    assert feed.trouble == ""
    assert on(feed, GOOD)


def test_nobody_listens(make_feed: MakeFeed) -> None:
    """As before a network is there."""
    feed = make_feed(url="http://127.0.0.1:1/list")
    feed.refresh()
    assert feed.trouble.startswith("the server can't be reached: ")


def test_a_redirect_is_followed_without_our_secrets(make_feed: MakeFeed, server: WebServer) -> None:
    """A key is for the server that asked for it; on the same server it is sent again."""
    with WebServer() as other:
        other.answer = say(b"192.0.2.1\n")
        feed = make_feed(url=server.url, headers={"X-Key": "secret"})

        def lead(connection: socket.socket, request: str) -> None:
            target = other.url if "GET /here" in request else "/here"
            say(b"", "302 Found", Location=target)(connection, request)

        server.answer = lead
        feed.refresh()
        assert on(feed, GOOD)
        assert all("secret" in request for request in server.requests)
        assert len(server.requests) == 2
        assert "secret" not in other.requests[0]


def test_attempts_that_fail_get_rarer(feed: Feed, server: WebServer, engine: FakeEngine) -> None:
    """Twice the pause each time, up to the usual one."""
    server.answer = say(b"", "503 Busy")
    pauses = []
    for _ in range(9):
        feed.refresh()
        pauses.append(feed.due - engine.now())
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_server_may_ask_for_patience(feed: Feed, server: WebServer, engine: FakeEngine) -> None:
    """In seconds, up to a day."""
    server.answer = say(b"", "429 Slow down", Retry_After="7200")
    feed.refresh()
    assert feed.due - engine.now() == 7200
    server.answer = say(b"", "429 Slow down", Retry_After="99999999999")
    feed.refresh()
    assert feed.due - engine.now() == 86_400


def test_chance_keeps_the_world_from_asking_at_once(
    make_feed: MakeFeed, server: WebServer, engine: FakeEngine
) -> None:
    """The pause is the configured one, more or less."""
    feed = make_feed(url=server.url, jitter=0.5)
    server.answer = say(b"192.0.2.1\n")
    pauses: set[float] = set()
    for _ in range(20):
        feed.refresh()
        pauses.add(feed.due - engine.now())
    assert len(pauses) > 10
    assert all(1800 <= pause <= 5400 for pause in pauses)


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        ({"format": "csv", "column": "ip"}, b"when,ip\n1,192.0.2.1\n"),
        ({"format": "json", "json_path": "data[].ip"}, b'{"data": [{"ip": "192.0.2.1"}]}'),
        ({"format": "jsonl", "json_path": "ip"}, b'{"ip": "192.0.2.1"}\n'),
        ({"format": "netset"}, b"create x hash:ip\nadd x 192.0.2.1\n"),
        ({"format": "hosts"}, b"192.0.2.1 evil.example\n"),
        ({}, gzip.compress(b"192.0.2.1\n", mtime=0)),
    ],
)
def test_every_form_is_read(
    make_feed: MakeFeed, server: WebServer, settings: dict[str, Any], body: bytes
) -> None:
    """As the settings say."""
    feed = make_feed(url=server.url, **settings)
    server.answer = say(body)
    feed.refresh()
    assert feed.trouble == ""
    assert on(feed, GOOD)


def test_a_list_with_too_many_entries_is_refused(make_feed: MakeFeed, server: WebServer) -> None:
    """It would take more memory than was meant."""
    feed = make_feed(url=server.url, max_entries=1)
    server.answer = say(b"192.0.2.1\n192.0.2.2\n")
    feed.refresh()
    assert feed.trouble == "the list has more than 1 entries"

"""From a request to a question: who the client is, and what else is told."""

from ipaddress import ip_address, ip_network

import pytest

from webfail2ban.authrequest.questions import (
    KNOWN,
    LONGEST_KNOWN,
    Questioner,
    make_questioner,
)
from webfail2ban.authrequest.request import Request

HEADER = "X-Forwarded-For"


def ask(*headers: tuple[str, str], method: str = "GET", target: str = "/") -> Request:
    named = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in headers)
    return Request(method.encode(), target.encode(), named, last=False)


def questioner(**arguments: str) -> Questioner:
    trusted, proxies = (ip_network("127.0.0.0/8"),), (ip_network("198.51.100.0/24"),)
    return make_questioner(HEADER, arguments, trusted, proxies)


def client(*values: str) -> str | None:
    """Return whom lines of the header name."""
    asker = questioner()
    query = asker.make_query(asker.read(ask(*((HEADER, value) for value in values))))
    return str(query.address) if query is not None else None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["[2001:db8::1]"], "2001:db8::1"),
        (["[2001:db8::1]:443"], "2001:db8::1"),
        (["192.0.2.1:443"], "192.0.2.1"),
        (["::ffff:192.0.2.1"], "192.0.2.1"),
        # Proxies of ours are passed over, what a stranger wrote isn't looked at.
        (["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9, 192.0.2.1, 127.0.0.1"], "192.0.2.1"),
        (["203.0.113.9,192.0.2.1,198.51.100.7,127.0.0.1"], "192.0.2.1"),
        (["rubbish, 192.0.2.1"], "192.0.2.1"),
        (["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        # One of our own asks for a page.
        (["127.0.0.1"], "127.0.0.1"),
        (["198.51.100.7, 127.0.0.1"], "198.51.100.7"),
        (["rubbish, 198.51.100.7"], "198.51.100.7"),
        # Nobody.
        ([], None),
        ([""], None),
        (["unknown"], None),
        (["192.0.2.1, unknown"], None),
        (["192.0.2.1,"], None),
        (["192.0.2.256"], None),
        (["\xb2"], None),
    ],
)
def test_the_client_is_the_last_stranger(values: list[str], expected: str | None) -> None:
    """Whatever else stands in the header."""
    assert client(*values) == expected


def test_the_same_client_is_the_same_question() -> None:
    """However long a list he writes before his address: it can't fill the memory."""
    asker = questioner()
    plain = asker.read(ask((HEADER, "192.0.2.1")))
    assert asker.read(ask((HEADER, "203.0.113.9, 192.0.2.1"))) == plain
    assert asker.read(ask((HEADER, "192.0.2.1:4711"))) == plain
    assert asker.read(ask((HEADER, "192.0.2.1"), ("Cookie", "a=b"), target="/other")) == plain


def test_bytes_are_known_again() -> None:
    """Up to a length and a number; more are parsed each time."""
    asker = questioner()
    asker.remember(b"x", (b"192.0.2.1",))
    assert asker.recall(b"x") == (b"192.0.2.1",)
    asker.remember(bytes(LONGEST_KNOWN + 1), (b"192.0.2.1",))
    assert asker.recall(bytes(LONGEST_KNOWN + 1)) is None
    for number in range(KNOWN):
        asker.remember(str(number).encode(), (b"192.0.2.1",))
    assert asker.recall(b"x") is None
    assert asker.recall(str(KNOWN - 1).encode()) is not None


def test_only_what_is_configured_is_told() -> None:
    """The arguments follow the address; a missing header is one without a value."""
    asker = questioner(host="X-Forwarded-Host", agent="User-Agent")
    request = ask((HEADER, "192.0.2.1"), ("x-forwarded-host", "a.example"), ("Cookie", "a=b"))
    query = asker.make_query(asker.read(request))
    assert query is not None
    assert query.message == "http"
    expected = (("ip", ip_address("192.0.2.1")), ("host", "a.example"), ("agent", None))
    assert query.args == expected


def test_a_path_has_no_query() -> None:
    """As HAProxy's; any other name has all of it."""
    asker = questioner(path="X-Forwarded-Uri", uri="X-Forwarded-Uri")
    query = asker.make_query(asker.read(ask((HEADER, "192.0.2.1"), ("X-Forwarded-Uri", "/a?b=c"))))
    assert query is not None
    assert (query.get("path"), query.get("uri")) == ("/a", "/a?b=c")


def test_the_requests_own_method_and_path_can_be_told() -> None:
    """Envoy asks with those of the request."""
    asker = questioner(path=":path", method=":method")
    request = ask((HEADER, "192.0.2.1"), method="PUT", target="/a?b")
    query = asker.make_query(asker.read(request))
    assert query is not None
    assert (query.get("path"), query.get("method")) == ("/a", "PUT")


def test_bytes_that_are_no_text_are_kept() -> None:
    """As SPOP's are."""
    asker = questioner(uri="X-Forwarded-Uri")
    query = asker.make_query(asker.read(ask((HEADER, "192.0.2.1"), ("X-Forwarded-Uri", "/\xff"))))
    assert query is not None
    assert query.get("uri") == "/\udcff"

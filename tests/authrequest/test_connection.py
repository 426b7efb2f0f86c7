"""HTTP/1.1 without a socket: which bytes are requests, and what is wrong with others."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.authrequest.heads import request
from webfail2ban.authrequest.connection import MAX_BODY, Connection

LIMIT = 4096

GARBAGE = random.Random(1).randbytes(5000)  # noqa: S311 - the same garbage each time


@pytest.fixture
def connection() -> Connection:
    return Connection(LIMIT)


def fault(connection: Connection) -> int:
    """Return the status of what was wrong."""
    assert connection.fault is not None
    assert connection.close_expected
    return connection.fault.status


def test_a_request_is_its_head(connection: Connection) -> None:
    """The method, the target, the headers by their names in small letters."""
    (found,) = connection.receive_data(request("X-One: 1", first="POST /a?b HTTP/1.1"))
    assert (found.method, found.target, found.last) == (b"POST", b"/a?b", False)
    assert found.headers == ((b"host", b"test"), (b"x-one", b"1"))
    assert not connection.mid_request


def test_requests_may_arrive_in_any_pieces(connection: Connection) -> None:
    """A byte at a time is the same as all at once."""
    data = request("X-One: 1") + request("X-Two: 2")
    found = [one for byte in data for one in connection.receive_data(bytes([byte]))]
    assert found == Connection(LIMIT).receive_data(data)
    assert len(found) == 2


def test_a_begun_request_is_known_as_one(connection: Connection) -> None:
    """Whoever looks after timeouts asks."""
    connection.receive_data(b"GET / HT")
    assert connection.mid_request
    assert connection.owes_answer


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (request(host=None), 400),
        (request("Host: again"), 400),
        (request("Content-Length: 3", "Transfer-Encoding: chunked"), 400),
        (request("Bad name: x"), 400),
        (request("X-Control: a\x01b"), 400),
        (request("X-Folded: a\r\n b"), 400),
        (request(first="GET / HTTP/3.0"), 400),
        (request(first="BREW / HTTP/1.1"), 400),
        (request(first="CONNECT a:1 HTTP/1.1"), 405),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (GARBAGE, 400),
    ],
)
def test_what_is_no_request_has_a_status(connection: Connection, data: bytes, status: int) -> None:
    """None of 500 and above where a proxy's client could cause it."""
    assert connection.receive_data(data) == []
    assert fault(connection) == status
    assert connection.owes_answer


@given(st.binary(max_size=200), st.lists(st.integers(0, 250), max_size=3))
def test_nothing_breaks_it(garbage: bytes, cuts: list[int]) -> None:
    """Whatever comes, there are requests, a fault, or it waits for more."""
    connection = Connection(LIMIT)
    data = request() + garbage
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(data)], strict=True):
        connection.receive_data(data[start:end])
    assert connection.fault is None or 400 <= connection.fault.status <= 505


def test_a_good_request_before_a_bad_one_is_answered(connection: Connection) -> None:
    """The fault comes behind it."""
    assert len(connection.receive_data(request() + b"\x00")) == 1
    assert fault(connection) == 400


@pytest.mark.parametrize("pieces", [1, 64])
def test_a_head_has_a_limit(connection: Connection, pieces: int) -> None:
    """Whether it comes at once or in pieces, and before its end."""
    data = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 2 * LIMIT
    data += b"\r\n\r\n" if pieces == 1 else b""
    size = len(data) // pieces + 1
    for start in range(0, len(data), size):
        connection.receive_data(data[start : start + size])
    assert fault(connection) == 431


def test_a_target_has_a_limit(connection: Connection) -> None:
    """It has a status of its own."""
    connection.receive_data(request(first=f"GET /{'x' * LIMIT} HTTP/1.1"))
    assert fault(connection) == 414


def test_many_requests_at_once_are_not_one_long_head(connection: Connection) -> None:
    """The limit is each one's own."""
    data = request("X-One: 1") * 500
    assert len(connection.receive_data(data[:-1])) == 499
    assert len(connection.receive_data(data[-1:])) == 1


@pytest.mark.parametrize("line", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_a_body_is_thrown_away(connection: Connection, line: str) -> None:
    """The answer doesn't wait for it; the next request stands behind it."""
    assert len(connection.receive_data(request(line))) == 1
    assert connection.mid_request
    assert not connection.owes_answer
    body = b"hello" if "Length" in line else b"5\r\nhello\r\n0\r\n\r\n"
    assert connection.receive_data(body + request("X-Next: 1"))[0].headers[-1] == (b"x-next", b"1")


def test_a_trailer_tells_nothing(connection: Connection) -> None:
    """It comes after the answer, and isn't the next request's."""
    data = request("Transfer-Encoding: chunked") + b"0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
    found = connection.receive_data(data + request())
    assert all(b"x-forwarded-for" not in dict(one.headers) for one in found)
    assert len(found) == 2


def test_an_endless_body_ends_the_connection(connection: Connection) -> None:
    """Nothing is said: the answer has gone."""
    connection.receive_data(request(f"Content-Length: {10 * MAX_BODY}"))
    for _ in range(MAX_BODY // 65536 + 2):
        connection.receive_data(bytes(65536))
    assert fault(connection) == 413
    assert not connection.owes_answer


@pytest.mark.parametrize(
    "data",
    [
        request("Connection: close"),
        request("Expect: 100-continue", "Content-Length: 1"),
        request(first="GET / HTTP/1.0", host=None),
        request("Connection: keep-alive", first="GET / HTTP/1.0"),
    ],
)
def test_a_last_request_is_known_as_the_last(connection: Connection, data: bytes) -> None:
    """What comes behind it is nobody's request."""
    (found,) = connection.receive_data(data + request())
    assert found.last
    assert connection.close_expected
    assert connection.fault is None
    assert connection.receive_data(request()) == []


def test_an_upgrade_is_not_taken_up(connection: Connection) -> None:
    """Caddy asks so about WebSockets; it goes on in HTTP/1.1."""
    upgrade = request("Connection: Upgrade", "Upgrade: websocket")
    assert [one.last for one in connection.receive_data(upgrade + upgrade)] == [False, False]
    assert len(connection.receive_data(request())) == 1

"""The endpoint over real sockets: verdicts, who may ask, limits, timeouts and the stop."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.authrequest.endpoint import BANNED, BROKEN, SLOW, Endpoint, make_settings
from tests.authrequest.heads import about, request
from tests.waiting import wait_until

INNOCENT = "192.0.2.1"

#: Short enough to wait for, long enough for a busy machine to ask in time.
BRIEF = 0.8


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


def test_it_answers_with_the_verdict(endpoint: Endpoint) -> None:
    """200 or 403, on a connection that is kept."""
    with endpoint.connect() as client:
        assert client.ask(about(INNOCENT)).status == 200
        refused = client.ask(about(BANNED))
    assert refused.status == 403
    assert refused.headers["x-webfail2ban-reason"] == f"of {BANNED}"
    assert parsedate_to_datetime(refused.headers["date"]).year >= 2024


def test_it_answers_over_a_unix_socket(tmp_path: Path) -> None:
    """Whoever may open it is trusted."""
    with Endpoint(address=tmp_path / "s", trusted=[]) as endpoint, endpoint.connect() as client:
        assert client.ask(about(BANNED)).status == 403


def test_pipelined_requests_are_answered_in_their_order(endpoint: Endpoint) -> None:
    """Those that are remembered, and those that aren't."""
    clients = [INNOCENT, BANNED, INNOCENT, "192.0.2.2", BANNED]
    with endpoint.connect() as client:
        client.send(b"".join(map(about, clients)))
        assert [found.status for found in client.read(5)] == [200, 403, 200, 200, 403]
    assert endpoint.judge.asked == [INNOCENT, BANNED, "192.0.2.2"]


def test_an_answer_is_remembered_until_something_changes(endpoint: Endpoint) -> None:
    """As SPOP's are, in the same memory."""
    with endpoint.connect() as client:
        client.ask(about(INNOCENT))
        client.ask(about(INNOCENT))
        assert endpoint.judge.asked == [INNOCENT]
        endpoint.memory.forget(ip_network(INNOCENT))
        client.ask(about(INNOCENT))
    assert endpoint.judge.asked == [INNOCENT, INNOCENT]


def test_the_same_bytes_mean_what_they_meant(endpoint: Endpoint) -> None:
    """A request that was seen isn't parsed again; within another one it is no request."""
    with endpoint.connect() as client:
        for _ in range(3):
            assert client.ask(about(BANNED)).status == 403
            assert client.ask(about(INNOCENT)).status == 200
        hidden = about(BANNED)
        client.send(about(INNOCENT, f"Content-Length: {len(hidden)}"))
        assert client.read()[0].status == 200
        client.send(hidden)
        assert client.ask(about(INNOCENT)).status == 200
        client.send(about(BANNED)[:20])
        client.send(about(BANNED)[20:])
        assert client.read()[0].status == 403


def test_verdicts_are_counted(endpoint: Endpoint) -> None:
    """With SPOP's and by themselves; errors are no verdicts."""
    with endpoint.connect() as client:
        client.send(about(INNOCENT) + about(BANNED) + about(BANNED) + request())
        client.read(4)
    assert (endpoint.tally.verdicts, endpoint.tally.banned) == (3, 2)
    assert endpoint.endpoint.agent.given == 3
    assert endpoint.endpoint.count_errors() == {400: 1}


def test_a_request_without_a_client_is_an_error(endpoint: Endpoint) -> None:
    """The proxy forgot to say whom it asks about; its connection may go on."""
    with endpoint.connect() as client:
        nobody = client.ask(request())
        assert nobody.status == 400
        assert "x-webfail2ban-banned" not in nobody.headers
        assert client.ask(about(INNOCENT)).status == 200


def test_whoever_is_not_trusted_gets_no_verdict() -> None:
    """Not even on himself; and nobody is asked."""
    with Endpoint(trusted=["192.0.2.0/24"]) as endpoint, endpoint.connect() as client:
        refused = client.ask(about(BANNED))
        assert refused.status == 400
        assert "trusted" in refused.headers["x-webfail2ban-error"]
        assert client.ends()
        assert endpoint.judge.asked == []
        assert endpoint.server.accepted == 0


def test_a_failure_of_ours_is_a_500(endpoint: Endpoint) -> None:
    """And the next one is asked about as ever."""
    with endpoint.connect() as client:
        assert client.ask(about(BROKEN)).status == 500
        assert client.ask(about(INNOCENT)).status == 200
    assert endpoint.endpoint.agent.failures == 1


def test_garbage_is_answered_and_ends_the_connection(endpoint: Endpoint) -> None:
    """With what was asked before it."""
    with endpoint.connect() as client:
        client.send(about(INNOCENT) + b"\x16\x03\x01\x02\x00" + bytes(200))
        good, bad = client.read(2)
        assert (good.status, bad.status) == (200, 400)
        assert bad.headers["connection"] == "close"
        assert client.ends()
    wait_until(lambda: endpoint.endpoint.count_errors() == {400: 1}, "it is counted")


def test_who_says_that_he_leaves_is_answered_so(endpoint: Endpoint) -> None:
    """The last response says that it is the last."""
    with endpoint.connect() as client:
        assert client.ask(about(INNOCENT, "Connection: close")).headers["connection"] == "close"
        assert client.ends()


def test_a_fault_behind_an_answer_ends_the_connection_silently(endpoint: Endpoint) -> None:
    """A second response would be taken for the next one's."""
    with endpoint.connect() as client:
        client.ask(about(INNOCENT, "Transfer-Encoding: chunked"))
        client.send(b"rubbish\r\n")
        assert client.ends()


def test_too_many_are_told_so() -> None:
    """Those who are served are served on."""
    with Endpoint(max_clients=1) as endpoint, endpoint.connect() as first:
        first.ask(about(INNOCENT))
        with endpoint.connect() as second:
            assert second.ask(about(INNOCENT)).status == 503
            assert second.ends()
        assert first.ask(about(INNOCENT)).status == 200


def test_a_request_that_does_not_end_is_timed_out() -> None:
    """Counted from its first byte on, whatever follows; and told so."""
    with Endpoint(read_timeout=BRIEF) as endpoint, endpoint.connect() as client:
        client.ask(about(INNOCENT))
        client.send(b"GET / HTTP/1.1\r\nX-Slow: ")
        (late,) = client.read()
        assert late.status == 408
        assert client.ends()


def test_an_idle_connection_is_kept_longer_than_a_request_may_take() -> None:
    """And closed without a word in the end."""
    with Endpoint(read_timeout=0.05, idle_timeout=BRIEF) as endpoint, endpoint.connect() as client:
        client.ask(about(INNOCENT))
        client.ask(about(INNOCENT))
        assert client.ends()
        assert endpoint.endpoint.count_errors() == {}


def test_who_does_not_read_his_answers_is_cut_off() -> None:
    """What he hasn't read fills his buffers and ours, and no more than that."""
    with Endpoint(read_timeout=BRIEF) as endpoint, endpoint.connect() as client:
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            client.send(about(INNOCENT) * 200_000)
        wait_until(lambda: endpoint.endpoint.count_errors() == {408: 1}, "it is counted")


def test_who_waits_for_us_is_not_timed_out() -> None:
    """A plugin may take its time: longer than anybody may be idle."""
    with Endpoint(idle_timeout=BRIEF) as endpoint, endpoint.connect() as asking:
        asking.send(about(SLOW))
        wait_until(lambda: endpoint.judge.asked, "it is asked")
        with endpoint.connect() as idle:
            assert idle.ends()
        endpoint.call(endpoint.judge.go_on.set).result()
        assert asking.read()[0].status == 200


def test_a_stop_answers_what_was_asked(endpoint: Endpoint) -> None:
    """Whoever asks nothing is let go."""
    with endpoint.connect() as asking, endpoint.connect() as idle:
        idle.ask(about(INNOCENT))
        asking.send(about(SLOW))
        wait_until(lambda: SLOW in endpoint.judge.asked, "it is asked")
        stopped = endpoint.stop(30.0)
        assert idle.ends()
        endpoint.call(endpoint.judge.go_on.set).result()
        (last,) = asking.read()
        assert (last.status, last.headers["connection"]) == (200, "close")
        assert asking.ends()
        asking.socket.close()
        stopped.result()


def test_who_is_not_trusted_any_more_is_let_go(endpoint: Endpoint) -> None:
    """A reload may take somebody out of the list."""
    with endpoint.connect() as client:
        client.ask(about(INNOCENT))
        settings = make_settings(trusted=["192.0.2.0/24"])
        endpoint.call(lambda: endpoint.endpoint.change(settings)).result()
        assert client.ends()
    with endpoint.connect() as client:
        assert client.ask(about(INNOCENT)).status == 400


def test_a_taken_address_is_told_with_the_sections_name(tmp_path: Path) -> None:
    """There are two that could be meant."""
    with (
        Endpoint(address=tmp_path / "s") as endpoint,
        pytest.raises(OSError, match=rf"^\[Errno \d+\] http: can't listen on {tmp_path}"),
    ):
        Endpoint(address=endpoint.settings.address or "").endpoint.bind()

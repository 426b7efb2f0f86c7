"""The server as clients meet it: real sockets, also of clients that mean no good."""

import http.client
import os
import pwd
import socket
import stat
from pathlib import Path

import pytest

from tests.api.serving import LOOPBACK, ApiServing, receive_all, socket_in
from tests.waiting import wait_until

TOKEN = "a-token-of-some-length"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
BAN = {"bans": [{"network": "192.0.2.1", "duration": "1h"}]}


def test_a_unix_socket_has_its_mode_in_a_folder_of_its_own(tmp_path: Path) -> None:
    """Both are made; whoever may write to the socket may steer."""
    with ApiServing(socket=socket_in(tmp_path), mode="0600") as serving:
        path = Path(serving.server.addresses[0])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750
        assert serving.ask("GET", "/v1/status")[0] == 200
    assert not path.exists()


def test_the_audit_knows_who_is_at_the_unix_socket(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The kernel says it."""
    caplog.set_level("INFO", "webfail2ban.audit")
    with ApiServing(socket=socket_in(tmp_path)) as serving:
        assert serving.ask("POST", "/v1/bans", BAN)[0] == 200
    me = pwd.getpwuid(os.getuid()).pw_name
    (entry,) = [record for record in caplog.records if record.name == "webfail2ban.audit"]
    who = f"{me} (user {os.getuid()}, process {os.getpid()})"
    assert entry.getMessage() == (
        f"{who}: POST /v1/bans 192.0.2.1 [manual] for 1h: 1 of 1 bans are new or longer"
    )


def test_the_audit_knows_the_address_over_tcp(caplog: pytest.LogCaptureFixture) -> None:
    """And the port."""
    caplog.set_level("INFO", "webfail2ban.audit")
    with ApiServing(address=LOOPBACK, port=0) as serving:
        assert serving.ask("DELETE", "/v1/bans/192.0.2.1")[0] == 404
    (entry,) = [record for record in caplog.records if record.name == "webfail2ban.audit"]
    assert entry.getMessage().startswith(f"{LOOPBACK} port ")
    assert entry.getMessage().endswith(
        ": DELETE /v1/bans/192.0.2.1: refused: 192.0.2.1 is not banned"
    )


def test_a_stale_socket_is_replaced_and_a_live_one_refused(tmp_path: Path) -> None:
    """A second program mustn't take the first one's place."""
    path = socket_in(tmp_path)
    Path(path).parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    with ApiServing(socket=path), pytest.raises(OSError, match=r"api: can't listen on .* in use"):
        ApiServing(socket=path).__enter__()


def test_a_folder_that_anybody_may_change_is_refused(tmp_path: Path) -> None:
    """Anybody could put a socket of his own there."""
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(OSError, match=r"anybody may write to its folder \(mode 0777\)"):
        ApiServing(socket=socket_in(tmp_path)).__enter__()
    folder.chmod(0o1777)
    with ApiServing(socket=socket_in(tmp_path)):
        pass


def test_a_group_that_there_is_not_is_named(tmp_path: Path) -> None:
    """Rather than leave the socket to another one."""
    with pytest.raises(OSError, match="there is no group nobodys-group"):
        ApiServing(socket=socket_in(tmp_path), group="nobodys-group").__enter__()


def test_a_token_is_wanted_over_tcp_and_not_at_the_unix_socket(tmp_path: Path) -> None:
    """The socket's mode says who may."""
    with ApiServing(socket=socket_in(tmp_path), token=TOKEN) as serving:
        assert serving.ask("GET", "/v1/status")[0] == 200
    with ApiServing(address=LOOPBACK, port=0, token=TOKEN) as serving:
        status, problem, headers = serving.ask("GET", "/v1/status")
        assert (status, problem["title"]) == (401, "Unauthorized")
        assert headers["WWW-Authenticate"].startswith("Bearer")
        assert serving.ask("GET", "/v1/status", Authorization="Bearer wrong")[0] == 401
        assert serving.ask("GET", "/v1/status", Authorization=f"Basic {TOKEN}")[0] == 401
        assert serving.ask("GET", "/v1/status", **BEARER)[0] == 200


def test_a_token_may_stand_in_a_file(tmp_path: Path) -> None:
    """With a line end, as editors leave it."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    with ApiServing(address=LOOPBACK, port=0, token_file=file) as serving:
        assert serving.ask("GET", "/v1/status")[0] == 401
        assert serving.ask("GET", "/v1/status", **BEARER)[0] == 200


@pytest.mark.parametrize("text", ["", "short", "with spaces in the middle", "\xff" * 20])
def test_a_file_without_a_good_token_stops_the_start(tmp_path: Path, text: str) -> None:
    """It is named, its contents aren't."""
    file = tmp_path / "token"
    file.write_text(text, "latin-1")
    with pytest.raises(OSError, match=r"api\.token_file: .*/token: ") as caught:
        ApiServing(address=LOOPBACK, port=0, token_file=file).__enter__()
    assert not text or text not in str(caught.value)


def test_whoever_is_not_in_allow_is_cut_off() -> None:
    """Without a word; our log says who it was."""
    with ApiServing(address=LOOPBACK, port=0, allow=["192.0.2.0/24"], token=TOKEN) as serving:
        assert serving.send(b"GET /v1/status HTTP/1.1\r\n\r\n") == b""


def test_web_pages_cannot_steer_over_loopback() -> None:
    """A browser tells where a page is from, and what name it thinks we have."""
    with ApiServing(address=LOOPBACK, port=0) as serving:
        assert serving.ask("GET", "/v1/status", Origin="https://evil.example")[0] == 403
        assert serving.ask("GET", "/v1/status", Host="evil.example")[0] == 403
        assert serving.ask("GET", "/v1/status", Host=f"127.0.0.1:{serving.port}")[0] == 200


def test_one_connection_serves_many_requests(tmp_path: Path) -> None:
    """Also after a refused one whose body was read."""
    connection = http.client.HTTPConnection("localhost")
    with ApiServing(socket=socket_in(tmp_path)) as serving, serving.connect() as sock:
        for _ in range(3):
            connection.sock = sock
            connection.request("POST", "/v1/bans", "{}", {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            assert response.status == 422
            assert response.headers["Connection"] is None


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X-A: " + b"y" * 40_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"X-A: yyyyyyyyyyyyyyyyyyyy\r\n" * 90 + b"\r\n", b"404"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"400"),
        (b"GET / HTTP/1\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"POST /v1/bans HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /v1/bans HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request_of_ours_is_refused(
    tmp_path: Path, request_bytes: bytes, status: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """In JSON, and nothing is printed."""
    with ApiServing(socket=socket_in(tmp_path), timeout=0.5) as serving:
        answer = serving.send(request_bytes)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"application/problem+json" in answer
    assert b"Server:" not in answer
    assert capfd.readouterr().err == ""


def test_a_long_body_is_refused_however_it_comes(tmp_path: Path) -> None:
    """With its length said first, and in chunks whose sum nobody said."""
    head = b"POST /v1/bans HTTP/1.1\r\nContent-Type: application/json\r\n"
    with ApiServing(socket=socket_in(tmp_path), timeout=2) as serving:
        whole = head + b"Content-Length: 300000\r\n\r\n" + b" " * 300_000
        assert serving.send(whole).startswith(b"HTTP/1.1 413 ")
        chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
        chunks = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 10 + b"0\r\n\r\n"
        assert b"HTTP/1.1 413 " in serving.send(chunks)


def test_slow_clients_are_cut_off(tmp_path: Path) -> None:
    """Whether they keep back the first line, the headers or the body."""
    parts = (b"GET", b"GET / HTTP/1.1\r\nX: y\r\n", b"")
    body = b"POST /v1/bans HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    with ApiServing(socket=socket_in(tmp_path), timeout=0.2) as serving:
        assert serving.send(parts[0]) == b""
        assert serving.send(parts[1]).startswith(b"HTTP/1.1 400 ")
        with serving.connect() as idle:
            assert receive_all(idle) == b""
        assert b" 408 " in serving.send(body).partition(b"\r\n")[0]


def test_a_client_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    """Others are served while it is, and after."""
    with ApiServing(socket=socket_in(tmp_path)) as serving:
        with serving.connect() as sock:
            sock.sendall(b"GET /v1/bans/export HTTP/1.1\r\n\r\n")
        wait_until(lambda: serving.ask("GET", "/v1/status")[0] == 200, "it serves")

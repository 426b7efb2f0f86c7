"""What is said when an engine can't be asked: each a sentence, and exit status 3."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.serving import LOOPBACK, ApiServing
from tests.commands.steering.conftest import Run
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.connection import explain
from webfail2ban.commands.steering.place import Place
from webfail2ban.errors import EngineRefusalError, EngineUnreachableError

TOKEN = "a-token-of-some-length"


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[None]:
    """Something else on a unix socket: it answers one request with these bytes."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_no_socket(run: Run) -> None:
    """Probably the engine doesn't run."""
    ran = run("status", "--api", "nowhere.sock")
    assert (ran.status, ran.out) == (3, "")
    assert ran.err == (
        "error: nowhere.sock: there is no such socket; is the engine running? Start it with "
        "`webfail2ban run`, or name its socket with --api\n"
    )


def test_a_socket_of_nobody(run: Run) -> None:
    """An engine that was killed leaves it behind."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind("dead.sock")
    ran = run("bans", "--api", "dead.sock")
    assert ran.status == 3
    assert "dead.sock: nobody listens there; is the engine running?" in ran.err


def test_a_socket_of_others() -> None:
    """The group is named whose members may."""
    place = Place(socket=Path("/nowhere/api.sock"), group="operators")
    error = explain(place, PermissionError(13, "Permission denied"))
    assert str(error) == (
        "/nowhere/api.sock: permission denied; be a member of the group operators, or root"
    )
    unknown = explain(Place(socket=Path("/nowhere/api.sock")), PermissionError(13, ""))
    assert "api.group" in str(unknown)


def test_an_engine_that_stands_still(tmp_path: Path) -> None:
    """It has its time, and no more."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "api.sock"))
        silent.listen()
        client = EngineClient(Place(socket=tmp_path / "api.sock"), patience=0.01)
        with pytest.raises(EngineUnreachableError, match="doesn't answer in time"):
            client.status()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\noops",
    ],
)
def test_another_version(run: Run, tmp_path: Path, answer: bytes) -> None:
    """Or something else that speaks HTTP."""
    with answering(tmp_path / "api.sock", answer):
        ran = run("status", "--api", "api.sock")
    assert ran.status == 3
    assert "isn't understood by this webfail2ban" in ran.err
    assert "is it another version?" in ran.err


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-Server\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
def test_something_else_or_half_an_answer(run: Run, tmp_path: Path, answer: bytes) -> None:
    """No traceback."""
    with answering(tmp_path / "api.sock", answer):
        ran = run("status", "--api", "api.sock")
    assert ran.status == 3
    assert "the engine ended the connection" in ran.err


def test_an_engine_that_fails(run: Run, tmp_path: Path) -> None:
    """It isn't the operator's fault: exit status 1, and what it says of itself."""
    problem = b'{"title": "Oh", "status": 500, "detail": "this failed; the log says why"}'
    head = f"HTTP/1.1 500 Oh\r\nContent-Length: {len(problem)}\r\n\r\n".encode()
    with answering(tmp_path / "api.sock", head + problem):
        ran = run("status", "--api", "api.sock")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "error: the engine says: this failed; the log says why\n"


def test_over_tcp_the_token_is_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file or from the environment; a wrong one and a missing one are told."""
    (tmp_path / "token").write_text(TOKEN)
    with ApiServing(address=LOOPBACK, port=0, token=TOKEN) as serving:
        place = f"http://{LOOPBACK}:{serving.port}"
        ran = run("bans", "--api", place)
        assert ran.status == 3
        assert "the token is missing; name its file with --token-file" in ran.err
        assert run("bans", "--api", place, "--token-file", "token").status == 0
        monkeypatch.setenv("FAIL2BAN_API_TOKEN", TOKEN)
        assert run("bans", "--api", place).status == 0
        monkeypatch.setenv("FAIL2BAN_API_TOKEN", f"{TOKEN}-not")
        assert "the token is wrong" in run("bans", "--api", place).err


def test_every_fault_is_told(serving: ApiServing) -> None:
    """Each with its place."""
    client = EngineClient(Place(socket=serving.settings.socket))
    with pytest.raises(EngineRefusalError) as caught:
        client.ban([{"network": "x", "duration": 1}, {"network": "y", "duration": 1}])
    said = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert said[:2] == ["body.bans.0.network", "body.bans.1.network"]


def test_a_refusal_on_the_way_is_heard(serving: ApiServing) -> None:
    """A body may be refused before all of it was sent."""
    client = EngineClient(Place(socket=serving.settings.socket))
    with pytest.raises(EngineRefusalError, match="body must be"):
        client.bring((b"x" * 65536 for _ in range(200)), "image/png", {})

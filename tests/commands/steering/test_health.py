"""What health checks get, from a server that says what the program would."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from tests.commands.steering.conftest import Run

#: Has the server say something.
Say = Callable[[HTTPStatus, object], None]


class Handler(BaseHTTPRequestHandler):
    """Answers the question that health checks ask, and no other."""

    status: ClassVar[HTTPStatus]
    body: ClassVar[bytes]

    def do_GET(self) -> None:
        assert self.path == "/healthz"
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def address_string(self) -> str:
        return "a unix socket"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def say(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Say]:  # noqa: ARG001
    path = str(tmp_path / "api.sock")
    monkeypatch.setenv("WEBFAIL2BAN_API", path)

    def set_answer(status: HTTPStatus, said: object) -> None:
        Handler.status, Handler.body = status, json.dumps(said).encode()

    with socketserver.UnixStreamServer(path, Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield set_answer
        server.shutdown()
        thread.join()


def test_an_engine_that_answers_is_fit(run: Run, say: Say) -> None:
    """Exit status 0."""
    say(HTTPStatus.OK, {"status": "ok", "problems": []})
    ran = run("health")
    assert (ran.status, ran.out) == (0, "ok\n")


def test_problems_are_told_but_no_reason_to_start_it_again(run: Run, say: Say) -> None:
    """No restart mends a log that fell silent; what it says can't steer a terminal."""
    say(HTTPStatus.OK, {"status": "degraded", "problems": ["nobody logs", "feed \x1b[2J fails"]})
    ran = run("health")
    assert (ran.status, ran.lines) == (0, ["degraded", "nobody logs", "feed #033[2J fails"])


def test_an_engine_that_has_only_begun_to_start_is_not_fit(run: Run, say: Say) -> None:
    """Exit status 1; the same in JSON."""
    say(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "starting", "problems": []})
    assert run("health").status == 1
    ran = run("health", "--json")
    assert (ran.status, json.loads(ran.out)) == (
        1,
        {"fit": False, "state": "starting", "problems": []},
    )


def test_nobody_there_is_not_fit(run: Run, tmp_path: Path) -> None:
    """Exit status 3, as for every command that reaches no engine."""
    ran = run("health", "--api", str(tmp_path / "api.sock"))
    assert ran.status == 3
    assert "is the engine running?" in ran.err


@pytest.mark.parametrize("said", [[], {"status": "ok"}, {"problems": []}, "ok"])
def test_somebody_else_there_is_not_fit(said: object, run: Run, say: Say) -> None:
    """Another program may have taken the place."""
    say(HTTPStatus.OK, said)
    assert run("health").status == 3


def test_without_the_token_it_is_said_what_is_missing(run: Run, say: Say) -> None:
    """Over TCP the API wants one."""
    say(HTTPStatus.UNAUTHORIZED, {})
    ran = run("health")
    assert ran.status == 3
    assert "the token is missing" in ran.err

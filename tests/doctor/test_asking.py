import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.doctor.sites import AGENT, CFG, Case, make_site
from tests.doctor.verdicts import Verdicts, ask, findings
from tests.serving import LOOPBACK, Answers, Serving
from webfail2ban.doctor import asking
from webfail2ban.doctor.asking import ask_all
from webfail2ban.doctor.finding import Finding
from webfail2ban.spop import Scope


def test_an_agent_is_asked_as_haproxy_asks(tmp_path: Path) -> None:
    """With the message and argument of the SPOE file, about a client that is nobody."""
    agent = Verdicts()
    with Serving(agent) as serving:
        found = ask(tmp_path, f"{LOOPBACK}:{serving.port}")
    assert not findings(found)
    ((server, answer),) = [one for one in found if not isinstance(one, Finding)]
    assert (server.name, answer.scopes) == ("agent1", {"banned": "txn"})
    message = agent.questions[0].messages[0]
    assert message.name == "check-ip"
    assert [(name, str(value)) for name, value in message.args] == [("ip", "192.0.2.1")]


def test_a_unix_socket_is_looked_for_in_the_chroot(tmp_path: Path) -> None:
    """As HAProxy does."""
    chroot = tmp_path / "jail"
    chroot.mkdir()
    with Serving(Verdicts(), str(chroot / "spoa.sock")):
        cfg = ("global\n", "global\n    chroot /jail\n")
        assert not findings(ask(tmp_path, "unix@/spoa.sock", cfg))


def test_an_agent_that_is_down_is_found(tmp_path: Path) -> None:
    """At the server's line."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
    (finding,) = findings(ask(tmp_path, f"{LOOPBACK}:{port}"))
    assert (finding.name, finding.file) == ("agent-unreachable", CFG)
    assert "Connection refused" in finding.sentence


def test_an_agent_that_stands_still_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens, so to start it is no remedy."""
    monkeypatch.setattr(asking, "PATIENCE", 0.05)
    with socket.create_server((LOOPBACK, 0)) as still:
        (finding,) = findings(ask(tmp_path, f"{LOOPBACK}:{still.getsockname()[1]}"))
    assert finding.name == "agent-unreachable"
    assert "doesn't answer within" in finding.sentence
    assert "restart" in finding.remedy


def test_a_name_that_is_none_is_found(tmp_path: Path) -> None:
    """It can't even be looked up."""
    (finding,) = findings(ask(tmp_path, f"{'a' * 64}:12345"))
    assert finding.name == "agent-unreachable"


def test_a_socket_that_is_not_there_is_found(tmp_path: Path) -> None:
    """The same for a unix socket."""
    (finding,) = findings(ask(tmp_path, "unix@/nothing.sock"))
    assert finding.name == "agent-unreachable"


def test_another_agent_is_found(tmp_path: Path) -> None:
    """It answers, and says nothing of a verdict."""
    with Serving(Answers()) as serving:
        (finding,) = findings(ask(tmp_path, f"{LOOPBACK}:{serving.port}"))
    assert finding.name == "agent-stranger"
    assert "it tells name" in finding.sentence


def test_another_scope_is_found(tmp_path: Path) -> None:
    """At each rule that reads the wrong one, with the right line."""
    with Serving(Verdicts(Scope.SESSION)) as serving:
        found = findings(ask(tmp_path, f"{LOOPBACK}:{serving.port}"))
    assert {finding.name for finding in found} == {"agent-scope"}
    assert {finding.remedy for finding in found} == {
        "http-request deny deny_status 403 if { var(sess.wf2b.banned) -m int eq 1 }",
        "tcp-request content reject if { var(sess.wf2b.banned) -m int eq 1 }",
    }


def test_a_full_agent_says_why(tmp_path: Path) -> None:
    """The reason of its goodbye is told."""
    with Serving(Verdicts(), max_clients=1) as serving, serving.client():
        (finding,) = findings(ask(tmp_path, f"{LOOPBACK}:{serving.port}"))
    assert finding.name == "agent-refuses"
    assert "it says goodbye, status 13" in finding.sentence


@contextmanager
def saying(data: bytes) -> Iterator[int]:
    """Something that listens, says so to whoever comes, and closes."""
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as sock:
                sock.recv(65536)
                sock.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "agent-refuses"), (b"", "agent-unreachable")],
)
def test_what_is_no_agent_is_found(tmp_path: Path, data: bytes, name: str) -> None:
    """It speaks something else, or nothing."""
    with saying(data) as port:
        (finding,) = findings(ask(tmp_path, f"{LOOPBACK}:{port}"))
    assert finding.name == name


def test_a_slow_agent_is_found(tmp_path: Path) -> None:
    """Slower than HAProxy waits, each time."""
    with Serving(Verdicts()) as serving:
        cfg = (AGENT, AGENT.replace("127.0.0.1:12345", f"{LOOPBACK}:{serving.port}"))
        case = Case("none", cfg=(cfg,), spoe=(("processing 50ms", "processing 1us"),))
        (finding,) = findings(list(ask_all(make_site(tmp_path, case))))
    assert finding.name == "agent-slow"

"""Listening over TLS: new certificates for new connections."""

import ssl
from pathlib import Path

import pytest

from tests.serving import Answers
from tests.tls.certificates import Pki
from tests.tls.clients import client_context
from tests.tls.serving import TlsServing
from tests.waiting import wait_until
from webfail2ban.tls import server as tls_server


def test_new_connections_get_a_new_certificate(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that there are go on with the old one."""
    monkeypatch.setattr(tls_server, "LOOK", 0.01)
    context = client_context(pki)
    with TlsServing(Answers(), pki.settings()) as serving, serving.tls_client(context) as old:
        pki.agent()

        def is_new() -> bool:
            with serving.tls_client(context) as new:
                return new.tls.getpeercert(True) != old.tls.getpeercert(True)

        wait_until(is_new, "the new certificate is shown")
        assert old.check("192.0.2.1")


def test_a_broken_certificate_changes_nothing(
    pki: Pki, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """New connections get the one that was read before."""
    monkeypatch.setattr(tls_server, "LOOK", 0.01)
    with TlsServing(Answers(), pki.settings()) as serving:
        (pki.directory / "agent.pem").write_text("garbage")
        wait_until(lambda: caplog.messages, "it is logged")
        with serving.tls_client(client_context(pki)) as client:
            assert client.check("192.0.2.1")


def test_a_session_does_not_outlive_its_certificate(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was let in by authorities of before is looked at anew."""
    monkeypatch.setattr(tls_server, "LOOK", 0.01)
    context = client_context(pki, version=ssl.TLSVersion.TLSv1_2)
    with TlsServing(Answers(), pki.settings()) as serving:
        before = serving.server._credentials.context
        with serving.tls_client(context) as client:
            session = client.tls.session
        pki.agent()
        wait_until(lambda: serving.server._credentials.context is not before, "it is taken")
        with serving.tls_client(context, session=session) as client:
            assert client.check("192.0.2.1")
            assert not client.tls.session_reused


def test_a_unix_socket_can_speak_tls_too(pki: Pki, tmp_path: Path) -> None:
    """Nobody needs it, and nothing stands against it."""
    place = str(tmp_path / "spoa.sock")
    with TlsServing(Answers(), pki.settings(), address=place) as serving:
        with serving.tls_client(client_context(pki)) as client:
            assert client.check("192.0.2.1")
        with serving.client(hello=False) as client:
            client.send(b"GET / HTTP/1.1\r\n\r\n")
            wait_until(lambda: serving.server.faults.count, "it is counted")

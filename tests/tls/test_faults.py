"""Handshakes that fail: counted, told in words, and not too often."""

import logging
from ssl import SSLCertVerificationError, SSLError

import pytest

from webfail2ban.testing import Clock
from webfail2ban.tls.faults import NAMED, QUIET, Faults, explain


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what is logged at the usual level."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]


@pytest.fixture(autouse=True)
def _listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def test_a_peer_is_named_once_a_minute(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """However often it fails; each time is counted, and seen by those who debug."""
    faults = Faults(clock)
    for _ in range(100):
        faults.add("192.0.2.1", "it shows no certificate")
    assert said(caplog) == ["TLS with 192.0.2.1 failed: it shows no certificate"]
    assert len(caplog.records) == faults.count == 100
    clock.turn(QUIET)
    faults.add("192.0.2.1", "it shows no certificate")
    assert len(said(caplog)) == 2


def test_not_all_of_many_peers_are_named(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    """Whoever owns a network can't fill the disk, nor our memory."""
    faults = Faults(clock)
    for number in range(1000):
        faults.add(f"2001:db8::{number:x}", "it doesn't speak TLS")
    assert len(said(caplog)) == NAMED
    assert len(faults._named) == NAMED


def test_what_openssl_says_is_put_into_words() -> None:
    """What has no words of ours is said in OpenSSL's."""
    error = SSLError(1, "[SSL: HTTP_REQUEST] http request")
    error.reason = "HTTP_REQUEST"
    assert explain(error) == "it doesn't speak TLS but HTTP"
    error.reason = "BAD_KEY_SHARE"
    assert explain(error) == "bad key share"
    error.reason = ""
    assert explain(error) == "unknown error"


def test_a_certificate_that_is_refused_is_told_why() -> None:
    """Expired, of another authority, or for another purpose."""
    error = SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    assert explain(error) == "its certificate is refused: certificate has expired"

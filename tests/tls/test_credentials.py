"""The certificate in force follows its files, and survives what is wrong with them."""

import logging
from pathlib import Path

import pytest

from tests.tls.certificates import Pki, write
from webfail2ban.config.engine import TlsSettings
from webfail2ban.tls.certificates import CertificateError
from webfail2ban.tls.credentials import Credentials


@pytest.fixture(autouse=True)
def _listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.fixture
def credentials(pki: Pki) -> Credentials:
    return Credentials(pki.settings(client_ca=True))


def look_twice(credentials: Credentials) -> None:
    """Look, and look again whether it is still the same."""
    credentials.look()
    credentials.look()


def test_nothing_changes_while_the_files_do_not(
    credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    """However often somebody looks."""
    before = credentials.context
    look_twice(credentials)
    assert credentials.context is before
    assert not caplog.records


def test_a_new_certificate_is_taken_once_its_files_rest(
    credentials: Credentials, pki: Pki, caplog: pytest.LogCaptureFixture
) -> None:
    """Certificate and key are written one after the other."""
    before = credentials.context
    pki.agent()
    credentials.look()
    assert credentials.context is before
    pki.agent()
    credentials.look()
    assert credentials.context is before
    credentials.look()
    assert credentials.context is not before
    assert caplog.messages == [
        "spoa.tls: the certificate has changed; new connections get the new one"
    ]


def test_authorities_of_clients_are_looked_after_too(credentials: Credentials, pki: Pki) -> None:
    """Whom they let in is no less important."""
    before = credentials.context
    write(pki.directory / "clients.pem", pki.client_ca.cert_pem, pki.ca.cert_pem)
    look_twice(credentials)
    assert credentials.context is not before


def test_a_link_that_leads_elsewhere_is_a_change(pki: Pki) -> None:
    """So certbot and Kubernetes renew."""
    link = pki.directory / "live.pem"
    link.symlink_to(pki.agent("1.pem"))
    credentials = Credentials(TlsSettings(certificate=link))
    before = credentials.context
    link.unlink()
    link.symlink_to(pki.agent("2.pem"))
    look_twice(credentials)
    assert credentials.context is not before


@pytest.mark.parametrize("text", [b"garbage", None], ids=["garbage", "missing"])
def test_a_broken_file_leaves_the_old_one_in_force(
    credentials: Credentials, pki: Pki, text: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once; the next good one is taken."""
    before = credentials.context
    path = pki.directory / "agent.pem"
    path.unlink()
    if text is not None:
        path.write_bytes(text)
    look_twice(credentials)
    look_twice(credentials)
    assert credentials.context is before
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    assert record.getMessage().startswith(f"spoa.tls.certificate: {'' if text else 'can'}")
    assert record.getMessage().endswith("; the certificate that was read before stays in force")
    pki.agent()
    look_twice(credentials)
    assert credentials.context is not before


def test_the_first_one_has_to_be_good(tmp_path: Path) -> None:
    """There is nothing to stay in force."""
    with pytest.raises(CertificateError):
        Credentials(TlsSettings(certificate=tmp_path / "missing"))


def test_files_that_cannot_be_read_any_more_are_told(
    credentials: Credentials, pki: Pki, caplog: pytest.LogCaptureFixture
) -> None:
    """As a key of root's, once root is given up."""
    credentials.warn()
    assert not caplog.records
    (pki.directory / "agent.pem").unlink()
    credentials.warn()
    assert len(caplog.messages) == 1
    assert "agent.pem isn't readable any more: when it changes, a restart" in caplog.messages[0]

"""What is wrong with certificate, key and authorities is told by its setting."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.tls.certificates import Pki, write
from webfail2ban.config.engine import TlsSettings
from webfail2ban.tls.certificates import CertificateError, find_problems, make_context


def problems(**paths: Path) -> list[tuple[str, str]]:
    """Return the setting and the message of each problem, with files by their names."""
    settings = TlsSettings.model_validate(paths)
    found = list(find_problems(settings))
    directory = f"{settings.certificate.parent}/"
    return [(str(one.path[0]), one.message.replace(directory, "")) for one in found]


def encrypt(pem: bytes) -> bytes:
    """Put a password on a key."""
    key = load_pem_private_key(pem, None)
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
    )


def test_one_file_may_hold_certificate_and_key(pki: Pki) -> None:
    """In either order, as HAProxy takes them."""
    leaf = pki.ca.issue_cert("agent.example")
    chain = leaf.cert_chain_pems
    assert not problems(certificate=write(pki.directory / "a", leaf.private_key_pem, *chain))
    assert not problems(certificate=write(pki.directory / "b", *chain, leaf.private_key_pem))


def test_the_key_may_have_a_file_of_its_own(pki: Pki) -> None:
    """And authorities of clients theirs."""
    leaf = pki.ca.issue_cert("agent.example")
    assert not problems(
        certificate=write(pki.directory / "agent.pem", *leaf.cert_chain_pems),
        key=write(pki.directory / "agent.key", leaf.private_key_pem),
        client_ca=pki.client_ca_file,
    )


def test_a_file_that_is_not_there_is_named(pki: Pki) -> None:
    """With the setting that names it."""
    missing = pki.directory / "missing"
    because = "can't read missing: No such file or directory"
    assert problems(certificate=missing) == [("certificate", because)]
    assert problems(certificate=pki.agent(), key=missing) == [("key", because)]
    assert problems(certificate=pki.agent(), client_ca=missing) == [("client_ca", because)]


def test_a_directory_is_no_certificate(pki: Pki) -> None:
    """HAProxy takes one; we don't."""
    (pki.directory / "certs").mkdir()
    assert problems(certificate=pki.directory / "certs") == [
        ("certificate", "can't read certs: Is a directory")
    ]


def test_a_key_of_another_certificate_is_told(pki: Pki) -> None:
    """The usual mistake of a renewal by hand."""
    other = write(pki.directory / "other.key", pki.ca.issue_cert("b.example").private_key_pem)
    assert problems(certificate=pki.agent(), key=other) == [
        ("key", "the key in other.key is not the certificate's")
    ]


def test_a_certificate_without_its_key_is_told(pki: Pki) -> None:
    """By the certificate's setting if that file ought to hold it."""
    leaf = pki.ca.issue_cert("agent.example")
    certificate = write(pki.directory / "agent.pem", *leaf.cert_chain_pems)
    assert problems(certificate=certificate) == [
        ("certificate", "agent.pem holds no private key in PEM format")
    ]


def test_a_key_with_a_password_is_told(pki: Pki) -> None:
    """OpenSSL would ask on the terminal."""
    leaf = pki.ca.issue_cert("agent.example")
    certificate = write(pki.directory / "agent.pem", *leaf.cert_chain_pems)
    key = pki.directory / "agent.key"
    key.write_bytes(encrypt(leaf.private_key_pem.bytes()))
    assert problems(certificate=certificate, key=key) == [
        ("key", "the key in agent.key has a password, and nobody is there to give it")
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda _: b"\0\xff garbage",
        lambda pem: pem[: len(pem) // 2],
        lambda pem: pem.replace(b"A", b"B"),
    ],
    ids=["empty", "garbage", "cut", "spoilt"],
)
@pytest.mark.parametrize("setting", ["certificate", "client_ca"])
def test_a_broken_file_is_no_certificate(
    pki: Pki, setting: str, spoil: Callable[[bytes], bytes]
) -> None:
    """Whatever is in it."""
    broken = pki.directory / "broken"
    broken.write_bytes(spoil(pki.ca.cert_pem.bytes()))
    paths = {"certificate": pki.agent(), setting: broken}
    assert problems(**paths) == [(setting, "broken holds no certificate in PEM format")]


def test_an_error_says_which_setting(pki: Pki) -> None:
    """In one line of the log."""
    settings = TlsSettings(certificate=pki.directory / "missing")
    expected = f"^spoa.tls.certificate: can't read {pki.directory}/missing: No such"
    with pytest.raises(CertificateError, match=expected):
        make_context(settings)

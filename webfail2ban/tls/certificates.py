"""Certificate, key and authorities: from files to OpenSSL, and what is wrong with them."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from webfail2ban.config.engine import TlsSettings
from webfail2ban.errors import WebFail2BanError
from webfail2ban.model import SettingsProblem

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

#: OpenSSL's name of a key and a certificate that don't belong together.
MISMATCH = "KEY_VALUES_MISMATCH"


class CertificateError(WebFail2BanError):
    """Files that TLS can't be spoken with.

    Attributes:
        setting: Which of the settings names the file.
        reason: What is wrong; it follows the setting's name.
    """

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(setting, reason)
        self.setting = setting
        self.reason = reason

    def __str__(self) -> str:
        """Say which and why in one line."""
        return f"spoa.tls.{self.setting}: {self.reason}"


def files(settings: TlsSettings) -> dict[str, Path]:
    """Return the files by the settings that name them."""
    named = {
        "certificate": settings.certificate,
        "key": settings.key,
        "client_ca": settings.client_ca,
    }
    return {setting: path for setting, path in named.items() if path is not None}


def make_context(settings: TlsSettings) -> ssl.SSLContext:
    """Read the files.

    Raises:
        CertificateError: TLS can't be spoken with them.
    """
    for setting, path in files(settings).items():
        _check_readable(setting, path)
    _check_certificates("certificate", settings.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[settings.minimum]
    # A peer could have us compute by asking for one handshake after the other.
    context.options |= ssl.OP_NO_RENEGOTIATION
    _load_key(context, settings)
    if settings.client_ca is not None:
        _check_certificates("client_ca", settings.client_ca)
        context.load_verify_locations(settings.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def find_problems(settings: TlsSettings) -> Iterator[SettingsProblem]:
    """Find what keeps TLS from being spoken; paths begin below the section."""
    try:
        make_context(settings)
    except CertificateError as error:
        yield SettingsProblem((error.setting,), error.reason)


def _check_readable(setting: str, path: Path) -> None:
    """Refuse a file that can't be read; OpenSSL wouldn't say which."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise CertificateError(setting, f"can't read {path}: {error.strerror}") from error


def _check_certificates(setting: str, path: Path) -> None:
    """Refuse a file without a certificate, or with one that can't be one."""
    text = path.read_bytes().decode("ascii", "ignore")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        reason = f"{path} holds no certificate in PEM format"
        raise CertificateError(setting, reason) from error


def _load_key(context: ssl.SSLContext, settings: TlsSettings) -> None:
    """Load the certificate and its key."""
    setting = "certificate" if settings.key is None else "key"
    path = settings.key or settings.certificate
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=_refuse_password)
    except ssl.SSLError as error:
        raise CertificateError(setting, _explain(error, path)) from error
    except _EncryptedError as error:
        reason = f"the key in {path} has a password, and nobody is there to give it"
        raise CertificateError(setting, reason) from error


def _explain(error: ssl.SSLError, path: Path) -> str:
    if error.reason == MISMATCH:
        return f"the key in {path} is not the certificate's"
    if error.reason in (None, "NO_START_LINE"):
        return f"{path} holds no private key in PEM format"
    return f"OpenSSL refuses {path}: {str(error.reason).replace('_', ' ').lower()}"


class _EncryptedError(Exception):
    """OpenSSL asks for a password."""


def _refuse_password() -> NoReturn:
    raise _EncryptedError

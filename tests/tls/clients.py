"""HAProxy's side of TLS, with Python's own."""

import ssl
from pathlib import Path

from tests.tls.certificates import NAME, Pki
from webfail2ban.testing import SpopClient


def client_context(
    pki: Pki, certificate: Path | None = None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """Return what a client needs: whom it trusts, and who it is."""
    context = ssl.create_default_context(cafile=pki.ca_file)
    if certificate is not None:
        context.load_cert_chain(certificate)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


class TlsSpopClient(SpopClient):
    """A client that does the handshake at once.

    Args:
        place: A host and port.
        context: Whom it trusts, and who it is.
        session: Of an earlier connection, to go on with.
        hello: Whether to introduce itself at once.
    """

    def __init__(
        self,
        place: tuple[str, int] | str,
        context: ssl.SSLContext,
        *,
        session: ssl.SSLSession | None = None,
        hello: bool = True,
    ) -> None:
        super().__init__(place, hello=False)
        try:
            self.tls = context.wrap_socket(
                self.sock, server_hostname=NAME, suppress_ragged_eofs=False, session=session
            )
            self.sock = self.tls
            if hello:
                self.hello()
        except BaseException:
            self.close()
            raise

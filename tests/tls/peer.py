"""HAProxy's side of TLS, in memory."""

import ssl
from contextlib import suppress
from ssl import MemoryBIO, SSLWantReadError

from tests.tls.certificates import NAME, Pki
from webfail2ban.tls.layer import RECORD


class Peer:
    """The other side."""

    def __init__(self, pki: Pki, version: ssl.TLSVersion) -> None:
        context = ssl.create_default_context(cafile=pki.ca_file)
        context.maximum_version = version
        self._incoming, self._outgoing = MemoryBIO(), MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=NAME)

    def give(self, data: bytes) -> bytes:
        """Take what the agent sends, go on with the handshake, return what is to be sent."""
        self._incoming.write(data)
        with suppress(SSLWantReadError):
            self.tls.do_handshake()
        return self._outgoing.read()

    def encrypt(self, data: bytes) -> bytes:
        self.tls.write(data)
        return self._outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        self._incoming.write(data)
        parts = []
        try:
            while part := self.tls.read(RECORD):
                parts.append(part)
        except SSLWantReadError:
            pass
        return b"".join(parts)

    def close(self) -> bytes:
        with suppress(SSLWantReadError):
            self.tls.unwrap()
        return self._outgoing.read()

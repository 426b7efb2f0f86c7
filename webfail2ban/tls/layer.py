"""The agent's side of TLS without I/O: what the socket gave in, what SPOP gets out, and back.

It owns no socket and no clock, as `webfail2ban.spop.Connection` doesn't: OpenSSL reads from one
buffer in memory and writes to another. What is kept of unread input never exceeds one record of
TLS, 16 KiB and a little (RFC 8446, 5.1), and one handshake message.
"""

from contextlib import suppress
from ssl import MemoryBIO, SSLContext, SSLError, SSLWantReadError

#: The most that a record carries (RFC 8446, 5.1): one read takes all of it.
RECORD = 16384


class TlsLayer:
    """One connection's TLS.

    Args:
        context: The certificate and what is demanded of the peer.

    Attributes:
        established: Whether the handshake is over.
        ended: Whether the peer said that it sends no more.
    """

    def __init__(self, context: SSLContext) -> None:
        self._incoming = MemoryBIO()
        self._outgoing = MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False
        self.ended = False

    def decrypt(self, data: bytes) -> bytes:
        """Take what the socket gave, and return what is in it for SPOP.

        Whether there is anything or not, and also if it raises, `data_to_send` may have something
        for the peer afterwards: a part of the handshake, or an alert.

        Raises:
            SSLError: the peer broke the protocol, or isn't one whom we or who wants us.
        """
        self._incoming.write(data)
        parts: list[bytes] = []
        try:
            if not self.established:
                self._tls.do_handshake()
                self.established = True
            while self._incoming.pending:
                part = self._tls.read(RECORD)
                if not part:
                    self.ended = True
                    break
                parts.append(part)
        except SSLWantReadError:
            pass
        return b"".join(parts)

    def encrypt(self, data: bytes) -> bytes:
        """Return what to send for something of SPOP's."""
        at = 0
        while at < len(data):
            at += self._tls.write(memoryview(data)[at:])
        return self._outgoing.read()

    def data_to_send(self) -> bytes:
        """Hand out what TLS itself has to say."""
        return self._outgoing.read()

    def close(self) -> bytes:
        """Return the goodbye of TLS, close_notify (RFC 8446, 6.1); nothing after a failure."""
        # It raises because the peer's own goodbye is still to come; nobody waits for that.
        with suppress(SSLError):
            self._tls.unwrap()
        return self._outgoing.read()

"""A mail server that refuses every login, and writes what Dovecot and Postfix write about it.

It has five services, as such a server behind HAProxy has: with TLS and without. It knows its
clients from the PROXY protocol alone, like the real ones.
"""

import imaplib
import smtplib
import socket
import socketserver
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import trustme

from tests.e2e.ports import LOOPBACK
from tests.e2e.proxyprotocol import read_v2

NAME = "mail.example"
USER = "anna"

#: As Dovecot 2.3 tells the end of a connection without a login.
DOVECOT_LINE = (
    "imap-login: Disconnected: Connection closed (auth failed, {attempts} attempts in 2 secs): "
    "user=<{user}>, method=PLAIN, rip={client}, lip=127.0.0.1, session=<aMn1>"
)

#: As Postfix 3 tells each refused login.
POSTFIX_LINE = (
    "warning: unknown[{client}]: SASL PLAIN authentication failed: "
    "authentication failure, sasl_username={user}"
)


@dataclass(frozen=True, slots=True)
class Service:
    """One of the mail server's ports.

    Attributes:
        program: What writes its log lines.
        talk: Answers a client.
        tls: Whether it begins with TLS.
    """

    program: str
    talk: Callable[[socket.SocketIO, Callable[[str], None]], None]
    tls: bool = False


class LoginServer(socketserver.ThreadingTCPServer):
    """One service.

    Args:
        service: Which.
        log: The file that it writes to.
        tls: What TLS needs.

    Attributes:
        clients: Who got there.
    """

    daemon_threads = True

    def __init__(self, service: Service, log: Path, tls: ssl.SSLContext) -> None:
        super().__init__((LOOPBACK, 0), LoginHandler)
        self.service = service
        self.tls = tls
        self.clients: list[str] = []
        self._log = log

    def write(self, line: str, client: IPv4Address | IPv6Address) -> None:
        """Write a line to the log, with a client's address in it."""
        told = line.replace("{client}", show(client)).replace("{user}", USER)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%b %d %H:%M:%S')} mail {self.service.program}: {told}\n")


class LoginHandler(socketserver.BaseRequestHandler):
    request: socket.socket
    server: LoginServer

    def handle(self) -> None:
        client = read_v2(self.request)
        if client is None:
            return  # a health check
        self.server.clients.append(show(client))
        if self.server.service.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        with self.request, self.request.makefile("rwb", buffering=0) as stream:
            self.server.service.talk(stream, lambda line: self.server.write(line, client))


def show(client: IPv4Address | IPv6Address) -> str:
    """Write an address as programs in C do, an IPv4 address within IPv6 with its dots."""
    family = socket.AF_INET6 if client.version == 6 else socket.AF_INET
    return socket.inet_ntop(family, client.packed)


def talk_imap(stream: socket.SocketIO, write: Callable[[str], None]) -> None:
    """Answer as an IMAP server does (RFC 9051); tell at the end how many logins failed."""
    attempts = 0
    stream.write(b"* OK [CAPABILITY IMAP4rev1] ready.\r\n")
    while line := stream.readline():
        tag, command = line.split()[:2]
        if command == b"CAPABILITY":
            stream.write(b"* CAPABILITY IMAP4rev1\r\n%s OK done.\r\n" % tag)
        elif command == b"LOGIN":
            attempts += 1
            stream.write(b"%s NO [AUTHENTICATIONFAILED] Authentication failed.\r\n" % tag)
        else:
            stream.write(b"* BYE Logging out\r\n%s OK done.\r\n" % tag)
            break
    if attempts:
        write(DOVECOT_LINE.replace("{attempts}", str(attempts)))


def talk_smtp(stream: socket.SocketIO, write: Callable[[str], None]) -> None:
    """Answer as an SMTP server does (RFC 5321, RFC 4954); tell each login that failed."""
    stream.write(b"220 mail.example ESMTP\r\n")
    while line := stream.readline():
        command = line.split()[0].upper()
        if command == b"EHLO":
            stream.write(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
        elif command == b"AUTH":
            stream.write(b"535 5.7.8 Error: authentication failed\r\n")
            write(POSTFIX_LINE)
        else:
            stream.write(b"221 2.0.0 Bye\r\n")
            break


#: By the names that mail.cfg gives them.
SERVICES: Mapping[str, Service] = {
    "smtp": Service("postfix/smtpd[101]", talk_smtp),
    "submission": Service("postfix/submission/smtpd[102]", talk_smtp),
    "submissions": Service("postfix/smtps/smtpd[103]", talk_smtp, tls=True),
    "imap": Service("dovecot", talk_imap),
    "imaps": Service("dovecot", talk_imap, tls=True),
}


class Authority:
    """Who vouches for the mail server: what it and its clients need for TLS."""

    def __init__(self) -> None:
        ca = trustme.CA()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(NAME).configure_cert(self.server)
        self.client = ssl.create_default_context()
        ca.configure_trust(self.client)


class Imap(imaplib.IMAP4):
    """A client on a connection that there is already."""

    def __init__(self, connection: socket.socket) -> None:
        self._given = connection
        super().__init__()

    def _create_socket(self, _timeout: float | None) -> socket.socket:
        return self._given


def log_in(service: str, connection: socket.socket, authority: Authority) -> bool:
    """Try a wrong password as a mail program does, on a connection that is taken over.

    Returns:
        Whether the server was there to refuse it; else HAProxy ended the connection before.
    """
    try:
        if SERVICES[service].tls:
            connection = authority.client.wrap_socket(connection, server_hostname=NAME)
        if service.startswith("imap"):
            _log_in_by_imap(connection)
        else:
            _log_in_by_smtp(connection)
    except (ConnectionError, ssl.SSLEOFError, imaplib.IMAP4.abort, smtplib.SMTPServerDisconnected):
        return False
    finally:
        connection.close()
    return True


def _log_in_by_imap(connection: socket.socket) -> None:
    with Imap(connection) as imap:
        try:
            imap.login(USER, "wrong")
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return  # the server's own refusal


def _log_in_by_smtp(connection: socket.socket) -> None:
    with smtplib.SMTP(local_hostname="client.example") as smtp:
        smtp.sock = connection
        smtp.getreply()
        with suppress(smtplib.SMTPAuthenticationError):
            smtp.login(USER, "wrong")

"""Stands in for Dovecot where compose.yaml shows a ban: an IMAP server that nobody can log in to.

It speaks as much IMAP (RFC 9051) as a login takes, hears from HAProxy by the PROXY protocol who the
client is, and sends Dovecot's own log line for each connection that ends without a login, by
syslog, as rsyslog would. Its environment says where: ``SYSLOG`` is a host and a port, ``LISTEN``
too.
"""

import asyncio
import os
import re
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from ipaddress import ip_address

#: The first bytes of a PROXY header (proxy-protocol.txt 2.2), with what stands behind them: version
#: and command, family, length.
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
HEADER = struct.Struct("!12sBBH")

#: HAProxy speaks for a client; in its health checks it speaks for itself.
PROXY = 0x21

#: The bytes of an address by the family, IPv4 and IPv6 over TCP.
ADDRESSES = {0x11: 4, 0x21: 16}

#: A login: its tag, and the name as an atom or in quotes. Dovecot refuses other names by default
#: (auth_username_chars), so that none can forge a log line.
LOGIN = re.compile(rb'(\S+) LOGIN "?([\w.@-]{1,64})"? .+', re.IGNORECASE)

#: Facility mail, severity info (RFC 3164, 4.1.1).
PRIORITY = 2 * 8 + 6

#: Seconds that a client may be silent.
PATIENCE = 30.0


def read_place(text: str) -> tuple[str, int]:
    """Read a host and a port."""
    host, _, port = text.rpartition(":")
    return host, int(port)


async def read_client(reader: asyncio.StreamReader) -> str | None:
    """Read the PROXY header; return whom HAProxy speaks for, None for itself.

    Raises:
        ValueError: this isn't HAProxy.
    """
    signature, command, family, length = HEADER.unpack(await reader.readexactly(HEADER.size))
    body = await reader.readexactly(length)
    if signature != SIGNATURE:
        raise ValueError("no PROXY header")
    return str(ip_address(body[: ADDRESSES[family]])) if command == PROXY else None


class Log:
    """Sends lines by syslog, and prints them.

    Args:
        place: Who takes them.
    """

    def __init__(self, place: tuple[str, int]) -> None:
        self._place = place
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def write(self, text: str) -> None:
        """Write a line of Dovecot's."""
        stamp = time.strftime("%b %e %H:%M:%S")
        line = f"{stamp} mailserver dovecot: imap-login: {text}"
        print(line, flush=True)
        with suppress(OSError):  # as with rsyslog: whoever isn't there yet misses it
            self._socket.sendto(f"<{PRIORITY}>{line}".encode(), self._place)


class MailServer:
    """Greets, and refuses every login.

    Args:
        log: Takes a line for each connection with a login.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until it ends."""
        with suppress(OSError, EOFError, ValueError, LookupError, TimeoutError):
            client = await asyncio.wait_for(read_client(reader), PATIENCE)
            if client is not None:
                await self._talk(client, reader, writer)
        writer.close()

    async def _talk(
        self, client: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        began, names = time.monotonic(), []
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        try:
            while line := await asyncio.wait_for(reader.readline(), PATIENCE):
                login = LOGIN.fullmatch(line.strip())
                if login is None:
                    writer.write(b"* BYE only LOGIN is spoken here\r\n")
                    return
                names.append(login[2].decode())
                writer.write(login[1] + b" NO [AUTHENTICATIONFAILED] Authentication failed.\r\n")
        finally:
            if names:
                self._log.write(
                    f"Disconnected: Connection closed (auth failed, {len(names)} attempts in "
                    f"{time.monotonic() - began:.0f} secs): user=<{names[-1]}>, method=PLAIN, "
                    f"rip={client}, lip=192.0.2.1, session=<{os.urandom(6).hex()}>"
                )


async def main() -> None:
    """Serve until somebody ends the program."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    log = Log(read_place(os.environ["SYSLOG"]))
    host, port = read_place(os.environ.get("LISTEN", "0.0.0.0:10143"))
    async with await asyncio.start_server(MailServer(log).serve, host, port):
        print("ready", file=sys.stderr, flush=True)
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())

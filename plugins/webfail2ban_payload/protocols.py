"""Protocols by the first bytes that a client sends.

Only the beginning is looked at, so a client that means to look like something can: this tells who
speaks the wrong protocol, not who speaks the right one well.
"""

import re

#: What a client's first bytes look like. Matched at the beginning; nothing here can backtrack far,
#: because what may repeat is bounded.
PROTOCOLS: dict[str, re.Pattern[bytes]] = {
    # A handshake record with a ClientHello in it (RFC 8446, 5.1 and 4), and SSL 3.0.
    "tls": re.compile(rb"\x16\x03[\x00-\x04][\x00-\x40][\x00-\xff]\x01", re.DOTALL),
    # A request line (RFC 9112, 3), or the preface of HTTP/2 (RFC 9113, 3.4).
    "http": re.compile(rb"[A-Z]{3,20} [!-~]{1,4096} HTTP/1\.[01]\r?\n|PRI \* HTTP/2\.0\r\n"),
    # The identification string (RFC 4253, 4.2).
    "ssh": re.compile(rb"SSH-[12]\.[0-9]{1,2}-"),
    # EHLO and HELO (RFC 5321, 4.1.1.1), LHLO (RFC 2033).
    "smtp": re.compile(rb"(?:EHLO|HELO|LHLO) [!-~]", re.IGNORECASE),
    # A tag and a command of the not authenticated state (RFC 9051, 6.1 and 6.2), or ID (RFC 2971).
    "imap": re.compile(
        rb"[!#$&',-\[^-z|}~]{1,32} "
        rb"(?:CAPABILITY|NOOP|LOGOUT|STARTTLS|AUTHENTICATE|LOGIN|ID)[ \r\n]",
        re.IGNORECASE,
    ),
    # Commands of the authorization state (RFC 1939, 4 and 7; RFC 2449, 2595 and 5034).
    "pop3": re.compile(rb"(?:CAPA|STLS|QUIT|USER|APOP|AUTH)[ \r\n]", re.IGNORECASE),
    # TPKT around an X.224 connection request (RFC 1006, 6; ITU-T X.224, 13.3): remote desktops.
    "rdp": re.compile(rb"\x03\x00[\x00-\xff]{2}[\x00-\xff]\xe0", re.DOTALL),
    # The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt, 2.1 and 2.2).
    "proxy": re.compile(rb"PROXY (?:TCP4|TCP6|UNKNOWN)|\r\n\r\n\x00\r\nQUIT\n"),
}

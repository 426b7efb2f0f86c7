import pytest

from webfail2ban_payload.protocols import PROTOCOLS

#: How clients of each protocol begin.
SAID = {
    "tls": [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x16\x03\x03\x00\x40\x01"],
    "http": [b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST /x?y HTTP/1.0\n", b"PRI * HTTP/2.0\r\n\r\n"],
    "ssh": [b"SSH-2.0-OpenSSH_9.2\r\n", b"SSH-1.99-x\r\n"],
    "smtp": [b"EHLO mail.example.com\r\n", b"helo x\r\n"],
    "imap": [b"a001 LOGIN user pass\r\n", b"1 capability\r\n", b't ID ("name" "x")\r\n'],
    "pop3": [b"USER mrose\r\n", b"CAPA\r\n"],
    "rdp": [b"\x03\x00\x00\x2f\x2a\xe0\x00\x00\x00\x00\x00Cookie: mstshash=a\r\n"],
    "proxy": [b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\x11"],
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_is_told_by_how_clients_begin(name: str) -> None:
    """Each is taken for what it is, and for nothing else."""
    for said in SAID[name]:
        assert [other for other, regex in PROTOCOLS.items() if regex.match(said)] == [name]


@pytest.mark.parametrize("said", [b"\0", b"@NTC\x01\0\0\0", b"\x16\x03", b"GET /", b"a b c d\r\n"])
def test_others_look_like_nothing(said: bytes) -> None:
    """Nor do beginnings that aren't complete."""
    assert not any(regex.match(said) for regex in PROTOCOLS.values())

"""Reading one syslog message."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfail2ban_syslog.message import Message, escape, parse

#: Pieces that headers are made of, so that what is tried looks like a message more often.
PIECES = [
    *(b"<134>", b"<38>1 ", b"Nov 21 10:00:00 ", b"2026-11-21T10:00:00.5+01:00 ", b"- ", b"host "),
    *(b"sshd[12]: ", b"sshd: ", b'[a b="c\\]"]', b"[", b"]", b":", b'"', b"\\", b"\n", b"\0", b" "),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\xff", b"2001:db8::1 ", b"%SYS-5-X: "),
]

ANY_MESSAGE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=5))).map(b"".join),
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"<134>Nov 21 10:00:00 hostname dovecot: auth failed, method=PLAIN, rip=192.168.1.100",
            Message("hostname", "dovecot", "", "auth failed, method=PLAIN, rip=192.168.1.100"),
            id="RFC 3164",
        ),
        pytest.param(
            b"<38>Nov  1 10:00:00 h sshd[12]: x", Message("h", "sshd", "12", "x"), id="blank day"
        ),
        pytest.param(
            b"<38>Nov 01 10:00:00 h sshd[12]: x", Message("h", "sshd", "12", "x"), id="zero day"
        ),
        pytest.param(
            b"<38>Nov 1 10:00:00 h sshd[12]: x", Message("h", "sshd", "12", "x"), id="bare day"
        ),
        pytest.param(
            b"<38>Nov 21 10:00:00 sshd[12]: x", Message("", "sshd", "12", "x"), id="no host"
        ),
        pytest.param(
            b"<134>Nov 21 10:00:00 haproxy[1234]: 192.0.2.1:4711 [21/Nov/2026:10:00:00.123] fe",
            Message("", "haproxy", "1234", "192.0.2.1:4711 [21/Nov/2026:10:00:00.123] fe"),
            id="HAProxy",
        ),
        pytest.param(
            b"<22>Nov 21 10:00:00 mx postfix/submission/smtpd[9]: x",
            Message("mx", "postfix/submission/smtpd", "9", "x"),
            id="slashes in the program",
        ),
        pytest.param(
            b"<38>2026-11-21T10:00:00.123456+01:00 mx sshd[12]: x",
            Message("mx", "sshd", "12", "x"),
            id="RFC 3339 stamp",
        ),
        pytest.param(
            b"<30>2026-11-21T10:00:00Z mx sshd[12]: x", Message("mx", "sshd", "12", "x"), id="UTC"
        ),
        pytest.param(
            b"<30>2026-11-21 10:00:00,123 mx sshd[12]: x",
            Message("mx", "sshd", "12", "x"),
            id="blank in an ISO stamp",
        ),
        pytest.param(
            b"<30> 2026-11-21T10:00:00Z mx web/1[7]: x",
            Message("mx", "web/1", "7", "x"),
            id="Docker's blank",
        ),
        pytest.param(
            b"<13>Nov 21 2026 10:00:00 h p: x", Message("h", "p", "", "x"), id="year inside"
        ),
        pytest.param(
            b"<13>Sat Nov 21 10:00:00 2026 h p: x", Message("h", "p", "", "x"), id="year behind"
        ),
        pytest.param(b"<13>Nov 21 10:00:00 +0200 h p: x", Message("h", "p", "", "x"), id="offset"),
        pytest.param(b"<13>Nov 21 10:00:00 GMT h p: x", Message("h", "p", "", "x"), id="GMT"),
        pytest.param(
            b"<189>29: *Mar  1 00:00:00.123 UTC: %SYS-5-CONFIG_I: Configured by 192.0.2.1",
            Message("", "%SYS-5-CONFIG_I", "", "Configured by 192.0.2.1"),
            id="Cisco IOS",
        ),
        pytest.param(
            b"<189>29: 000031: .Mar 1 00:00:00.123 CEST: %SYS-5-CONFIG_I: Configured",
            Message("", "%SYS-5-CONFIG_I", "", "Configured"),
            id="Cisco IOS, two numbers",
        ),
        pytest.param(
            b"<189>: 2026 Nov 21 10:00:00 UTC: %AUTHPRIV-5-SYSTEM_MSG: x",
            Message("", "%AUTHPRIV-5-SYSTEM_MSG", "", "x"),
            id="Cisco NX-OS",
        ),
        pytest.param(
            b"<166>Nov 21 2026 10:00:00 asa : %ASA-6-605004: Login denied from 192.0.2.1",
            Message("asa", "%ASA-6-605004", "", "Login denied from 192.0.2.1"),
            id="Cisco ASA",
        ),
        pytest.param(
            b"<166>Nov 21 2026 10:00:00: %ASA-6-605004: Login denied",
            Message("", "%ASA-6-605004", "", "Login denied"),
            id="Cisco ASA, no host",
        ),
        pytest.param(
            b"<78>Nov 21 10:00:00 CRON: x", Message("", "CRON", "", "x"), id="no zone but a program"
        ),
        pytest.param(
            b"<13>Nov 21 10:00:00 2001:db8::1 sshd[1]: x",
            Message("2001:db8::1", "sshd", "1", "x"),
            id="IPv6 host",
        ),
        pytest.param(
            b"<13>Nov 21 10:00:00 2001:db8:: sshd[1]: x",
            Message("2001:db8::", "sshd", "1", "x"),
            id="IPv6 host with a colon at its end",
        ),
        pytest.param(
            b"<13>Nov 21 10:00:00 dead: beef: x",
            Message("", "dead", "", "beef: x"),
            id="a program of hexadecimal digits",
        ),
        pytest.param(b"Nov 21 10:00:00 h p: x", Message("h", "p", "", "x"), id="no priority"),
        pytest.param(b"<38>sshd[12]: x", Message("", "sshd", "12", "x"), id="no stamp"),
        pytest.param(b"<13>message", Message("", "", "", "message"), id="text alone"),
        pytest.param(b"message", Message("", "", "", "message"), id="text, no priority"),
        pytest.param(
            b"<134>192.0.2.1:4711 fe be/srv",
            Message("", "", "", "192.0.2.1:4711 fe be/srv"),
            id="HAProxy's format short",
        ),
        pytest.param(
            b"<6>2026-11-21T10:00:00.123456+00:00 192.0.2.1:4711 fe",
            Message("", "", "", "192.0.2.1:4711 fe"),
            id="HAProxy's format timed",
        ),
        pytest.param(
            b"2026-11-21T10:00:00.123456+00:00 192.0.2.1:4711 fe",
            Message("", "", "", "192.0.2.1:4711 fe"),
            id="HAProxy's format iso",
        ),
        pytest.param(
            b"<13>Nov 21 10:00:00 h last message repeated 2 times",
            Message("h", "", "", "last message repeated 2 times"),
            id="no program",
        ),
        pytest.param(
            b'<14>{"error": "x"}', Message("", "", "", '{"error": "x"}'), id="JSON is no program"
        ),
        pytest.param(
            b"<13>Nov 21 10:00:00 h p[1] x", Message("h", "p", "1", "x"), id="pid without colon"
        ),
        pytest.param(
            b"<13>Nov 21 10:00:00 h p[1]:x", Message("h", "p", "1", "x"), id="colon without blank"
        ),
        pytest.param(b"<13>Nov 21 10:00:00 h p[]: x", Message("h", "p", "", "x"), id="empty pid"),
        pytest.param(b"<13>Nov 21 10:00:00 h p:", Message("h", "p", "", ""), id="no text"),
        pytest.param(b"<13>Nov 21 10:00:00", Message("", "", "", ""), id="stamp alone"),
        pytest.param(b"<13>", Message("", "", "", ""), id="priority alone"),
        pytest.param(b"", Message("", "", "", ""), id="nothing"),
        pytest.param(
            b"<13>Nov 21 10:00:00 h p: x\r\n\0", Message("h", "p", "", "x"), id="line end and NUL"
        ),
    ],
)
def test_old_form(data: bytes, expected: Message) -> None:
    """What RFC 3164 tells, and what devices make of it, is read."""
    assert parse(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"<34>1 2026-11-21T10:00:00.003Z mx.example.com su - ID47 - \xef\xbb\xbf'su' failed",
            Message("mx.example.com", "su", "", "'su' failed"),
            id="byte order mark",
        ),
        pytest.param(
            b'<34>1 2026-11-21T10:00:00Z h app 12 ID [a@1 b="c\\]d" e="\\"\\\\"][f g=""] x',
            Message("h", "app", "12", "x"),
            id="structured data",
        ),
        pytest.param(
            b"<134>1 2026-11-21T10:00:00.1+01:00 - haproxy 12 - - 192.0.2.1:4711 fe",
            Message("", "haproxy", "12", "192.0.2.1:4711 fe"),
            id="HAProxy",
        ),
        pytest.param(b"<34>1 - - - - - - x", Message("", "", "", "x"), id="all unknown"),
        pytest.param(b"<34>1 - - - - - -", Message("", "", "", ""), id="no text"),
        pytest.param(
            b"<34>1 - h app - - [broken x",
            Message("h", "app", "", "[broken x"),
            id="broken structured data",
        ),
    ],
)
def test_new_form(data: bytes, expected: Message) -> None:
    """RFC 5424 is read, structured data left out."""
    assert parse(data) == expected


def test_message_is_shown_as_filters_expect_it() -> None:
    """Host, program and pid stand in front, as in the journal."""
    assert Message("mx", "sshd", "12", "x").show("192.0.2.7") == "mx sshd[12]: x"


def test_sender_stands_in_for_the_host() -> None:
    """A message without a host gets its sender's address."""
    assert Message("", "sshd", "", "x").show("192.0.2.7") == "192.0.2.7 sshd: x"


def test_unknown_program_is_shown() -> None:
    """A text without a program can't begin with one."""
    shown = parse(b"<34>1 - h - - - - sshd[12]: Failed password").show("192.0.2.7")
    assert shown == "h -: sshd[12]: Failed password"


def test_given_program_stands_in() -> None:
    """A message without a program gets the one that the operator names."""
    assert Message("h", "", "", "x").show("192.0.2.7", "haproxy") == "h haproxy: x"


def test_host_is_looked_for_only_behind_a_stamp() -> None:
    """Without a stamp the first word is text: whoever chooses it can't bring a program behind."""
    assert parse(b"<13>evil sshd[12]: x") == Message("", "", "", "evil sshd[12]: x")


def test_second_line_stays_in_the_first() -> None:
    """A newline in a message is written, so what follows is text."""
    message = parse(b"<13>Nov 21 10:00:00 h app: a\nNov 21 10:00:00 h sshd[1]: Failed")
    assert message == Message("h", "app", "", "a#012Nov 21 10:00:00 h sshd[1]: Failed")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb", "a#011b"),
        ("\r\0\x1b\x7f", "#015#000#033#177"),
        ("\x85\x9f", "#302#205#302#237"),
        ("\u2028\u2029", "#342#200#250#342#200#251"),
        ("\xa0\xe4\ufffd", "\xa0\xe4\ufffd"),
    ],
)
def test_control_characters_are_octal(text: str, expected: str) -> None:
    """Each byte of a control character is written as rsyslog writes it; nothing else changes."""
    assert escape(text) == expected


def test_invalid_utf8_is_replaced() -> None:
    """Bytes that are no UTF-8 don't stop a message."""
    assert parse(b"<13>app: \xff\xe4x").text == "\ufffd\ufffdx"


@given(ANY_MESSAGE)
def test_any_bytes_are_one_line(data: bytes) -> None:
    """Whatever arrives is one line without control characters, and never an error."""
    line = parse(data).show("192.0.2.7")
    assert len(line.splitlines()) == 1
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Zl", "Zp", "Cs"}


@given(
    st.sampled_from(
        [
            b"<13>app[7]: ",
            b"<13>Nov 21 10:00:00 app[7]: ",
            b"<13>Nov 21 10:00:00 h app[7]: ",
            b"<13>2026-11-21T10:00:00Z h app[7]: ",
            b"<13>1 2026-11-21T10:00:00Z h app 7 - - ",
            b'<13>1 2026-11-21T10:00:00Z h app 7 - [a b="c"] ',
            b"Nov 21 10:00:00 h app[7]: ",
        ]
    ),
    ANY_MESSAGE,
)
def test_text_cannot_forge_a_program(header: bytes, text: bytes) -> None:
    """Behind a header, no text makes another program of it."""
    message = parse(header + text)
    assert (message.program, message.pid) == ("app", "7")


@pytest.mark.parametrize(
    "data",
    [
        b"a" * 65_535,
        b":" * 65_535,
        b"1: " * 21_845,
        b"Nov 21 10:00:00 " + b"a:" * 30_000,
        b"Nov 21 10:00:00 " + b" " * 65_000 + b"x",
        b"<1>1 - h p 1 m " + b'[a b="\\]"' * 6_000,
        b"<1>1 - h p 1 m [a" + b' b="\\]"' * 8_000,
        b"<1>1 - h p 1 m " + b"[a]" * 20_000 + b"x",
        b"\n\xc2\x85" * 20_000 + b"x",
    ],
)
def test_long_hostile_messages_end(data: bytes) -> None:
    """No expression backtracks over and over."""
    assert parse(data).text

"""What becomes of lines that nobody would write unless he wants something, from bytes to failures.

Whoever tries to log in chooses his user's name. What he must never choose is the address that is
counted, or a line of his own.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.pathways import PATHWAYS, Pathway, file_line, syslog_message

Open = Callable[..., Pathway]

#: Who writes the lines, and whom he would like to be banned.
CLIENT, VICTIM = "192.0.2.111", "203.0.113.66"

#: The most bytes of a line, by default.
LIMIT = 8192

#: What some programs take for a line's end, or a terminal for a command, or nobody for text.
STRANGE = {
    "carriage return": b"\r",
    "vertical tab": b"\v",
    "form feed": b"\f",
    "file separator": b"\x1c",
    "next line": "\x85".encode(),
    "line separator": "\u2028".encode(),
    "paragraph separator": "\u2029".encode(),
    "zero": b"\0",
    "several zeros": bytes(5),
    "backspace": b"\b",
    "escape": b"\x1b[2K",
    "delete": b"\x7f",
    "byte order mark": "\ufeff".encode(),
    "right to left": "\u202e".encode(),
    "no text": b"\xff\xfe",
    "half a character": b"\xe2\x82",
    "overlong newline": b"\xc0\x8a",
    "surrogate": b"\xed\xa0\x80",
    "newline as rsyslog writes it": b"#012",
    "newline as C writes it": rb"\n",
    "newline in a URL": b"%0a",
}

#: What belongs to no line though it stands behind it.
TRAILERS = {"carriage return", "zero", "several zeros"}


def login(user: bytes = b"ann", client: bytes = CLIENT.encode()) -> bytes:
    """Return what Dovecot says of a failed login."""
    return (
        b"imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<" + user + b">, "
        b"method=PLAIN, rip=" + client + b", lip=198.51.100.1, session=<YWJj>"
    )


#: All about the victim, with what its program and its transport put before it.
FORGED = login(client=VICTIM.encode())
FORGED_MESSAGE = syslog_message(b"dovecot: " + FORGED)
FORGERIES = {
    "message": FORGED,
    "short message": f"auth failed, method=PLAIN, rip={VICTIM}".encode(),
    "named message": b"dovecot: " + FORGED,
    "line": b"mail dovecot: " + FORGED,
    "dated line": file_line(b"dovecot: " + FORGED),
    "syslog message": FORGED_MESSAGE,
    "modern syslog message": b"<134>1 2026-11-21T10:00:00Z mail dovecot - - - " + FORGED,
    "counted syslog message": b"%d " % len(FORGED_MESSAGE) + FORGED_MESSAGE,
}


@pytest.fixture
def open_path(tmp_path: Path) -> Iterator[Open]:
    """Return what opens a way to a jail with the filter for Dovecot, or other settings."""
    opened: list[Pathway] = []

    def open_path(name: str, **jail: Any) -> Pathway:
        opened.append(PATHWAYS[name](tmp_path, {"mail": jail or {"filter": "dovecot"}}))
        return opened[-1]

    yield open_path
    for path in opened:
        path.stop()


@pytest.fixture(params=PATHWAYS)
def path(request: pytest.FixtureRequest, open_path: Open) -> Pathway:
    """Each way in turn."""
    return open_path(request.param)


def test_an_ordinary_line_counts(path: Pathway) -> None:
    """Once, for its client."""
    assert path.find(login()) == [CLIENT]


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_a_strange_name_hides_nobody(path: Pathway, strange: bytes) -> None:
    """Whatever a name holds, the line is one, and its client failed."""
    assert path.find(login(b"a" + strange + b"b")) == [CLIENT]
    assert len(path.sensor.texts) == 2


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_nothing_but_a_newline_ends_a_line(path: Pathway, forgery: bytes) -> None:
    """A line within a line is none, whatever is around it."""
    lines = [login(b"x" + strange + forgery + strange) for strange in STRANGE.values()]
    assert set(path.find(*lines)) == {CLIENT}
    assert len(path.sensor.texts) == len(lines) + 1


@pytest.mark.parametrize("name", ["udp", "counted"])
@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_newline_smuggled_into_a_message_begins_no_line(
    open_path: Open, name: str, forgery: bytes
) -> None:
    """Where a datagram or a length tells how long a message is, it is one line."""
    path = open_path(name)
    lines = [login(b"x" + end + forgery + end) for end in (b"\n", b"\r\n", b"\n\n")]
    assert set(path.find(*lines)) == {CLIENT}
    assert len(path.sensor.texts) == len(lines) + 1
    assert all("x#01" in text for text in path.sensor.texts[:-1])


@pytest.mark.parametrize(("name", "forge"), [("tcp", syslog_message), ("file", file_line)])
def test_a_newline_where_newlines_end_lines_begins_one(
    open_path: Open, name: str, forge: Callable[[bytes], bytes]
) -> None:
    """Nobody can tell who wrote it: the program has to escape it, as Dovecot and rsyslog do."""
    assert open_path(name).find(login(b"x\n" + forge(b"dovecot: " + FORGED) + b"\n")) == [VICTIM]


def test_no_message_names_its_program_in_its_text(path: Pathway) -> None:
    """What another program lets its users write doesn't make it Dovecot."""
    assert path.find(*FORGERIES.values(), program=b"webmail") == []
    assert len(path.sensor.texts) == len(FORGERIES) + 1


@pytest.mark.parametrize("strange", STRANGE)
def test_what_stands_around_a_message_is_no_part_of_it(path: Pathway, strange: str) -> None:
    """Carriage returns and zeros at the end are dropped; anything else makes it another line."""
    dropped = TRAILERS if path.protocol else {"carriage return"}
    expected = [CLIENT] if strange in dropped else []
    assert path.find(STRANGE[strange] + login(), login() + STRANGE[strange]) == expected


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_an_address_with_something_in_it_is_none(path: Pathway, strange: bytes) -> None:
    """Nor is its beginning one."""
    lines = [
        login(client=strange.join(parts))
        for parts in ((b"192.0.2.1", b"11"), (b"192", b".0.2.111"))
    ]
    assert path.find(*lines) == []


def test_digits_of_other_scripts_are_no_address(path: Pathway) -> None:
    """Though Python reads them as numbers."""
    one = "\N{FULLWIDTH DIGIT ONE}".encode()
    assert path.find(login(client=b"192.0.2." + one), login(client=one + b"92.0.2.1")) == []


def test_lines_of_nothing_count_nothing(path: Pathway) -> None:
    """Nor do they harm the next."""
    assert path.find(b"", b"\0\0\0", b"\r", b" ", b"\xff", login()) == [CLIENT]


@pytest.mark.parametrize("name", ["file", "tcp", "counted"])
def test_a_megabyte_before_the_address_hides_it(open_path: Open, name: str) -> None:
    """Of a long line its first words are searched, eight kibibytes of them; the next is whole."""
    path = open_path(name)
    assert path.find(login(b"x " * 500_000), login()) == [CLIENT]
    assert [len(text) > 1000 for text in path.sensor.texts] == [True, False, False]
    assert len(path.sensor.texts[0]) <= LIMIT


@pytest.mark.parametrize("name", ["file", "tcp", "counted"])
def test_a_megabyte_behind_the_address_does_not(open_path: Open, name: str) -> None:
    """What stands within the limit counts."""
    path = open_path(name)
    assert path.find(login() + b" " + b"x" * 1_000_000) == [CLIENT]
    assert len(path.sensor.texts) == 2


def test_a_line_of_a_megabyte_holds_no_other(path: Pathway) -> None:
    """Not behind the limit either, nor where a datagram ends."""
    size = 1_000_000 if path.protocol != "udp" else 30_000
    lines = [b"x " * (size // 2) + forgery for forgery in FORGERIES.values()]
    assert path.find(*lines) == []
    assert len(path.sensor.texts) == len(lines) + 1


@pytest.mark.parametrize("name", PATHWAYS)
def test_no_address_is_cut(open_path: Open, name: str) -> None:
    """Whoever chooses a name's length doesn't choose which half of his address is counted."""
    path = open_path(name, failregex=[r"rip=<ADDR>"])
    lines = [b"x" * size + login() for size in range(LIMIT - 200, LIMIT - 100)]
    found = path.find(*lines)
    assert set(found) == {CLIENT}
    assert 0 < len(found) < len(lines)

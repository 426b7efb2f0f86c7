"""Entries into log lines."""

import pytest

from webfail2ban_journald.line import make_line, name_source

ENTRY = {
    "__REALTIME_TIMESTAMP": "1700000000500000",
    "_SOURCE_REALTIME_TIMESTAMP": "1700000000250000",
    "_HOSTNAME": "mail",
    "_COMM": "sshd-session",
    "_PID": "7",
    "SYSLOG_IDENTIFIER": "sshd",
    "SYSLOG_PID": "4711",
    "MESSAGE": "no",
}


def text(**fields: str) -> str:
    """Return the text of an entry with other fields; empty ones are left out."""
    entry = {name: value for name, value in (ENTRY | fields).items() if value}
    line = make_line(entry, 300, 0)
    assert line is not None
    return line.text


def test_as_fail2ban_builds_it() -> None:
    """Host, identifier and pid stand in front."""
    assert text() == "mail sshd[4711]: no"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"SYSLOG_PID": ""}, "mail sshd[7]: no"),
        ({"SYSLOG_PID": "", "_PID": ""}, "mail sshd: no"),
        ({"SYSLOG_IDENTIFIER": ""}, "mail sshd-session[4711]: no"),
        ({"SYSLOG_IDENTIFIER": "", "_COMM": ""}, "mail -[4711]: no"),
        ({"_HOSTNAME": ""}, "- sshd[4711]: no"),
    ],
)
def test_what_an_entry_may_lack(fields: dict[str, str], expected: str) -> None:
    """Something else stands in for it."""
    assert text(**fields) == expected


def test_it_is_one_line() -> None:
    """Whatever field the newline is in."""
    assert text(MESSAGE="a\nb\n") == r"mail sshd[4711]: a\nb"
    assert text(SYSLOG_IDENTIFIER="a\nb") == r"mail a\nb[4711]: no"


def test_a_long_message_is_cut_to_whole_words() -> None:
    """Nobody chooses which half of his address is seen."""
    assert text(MESSAGE="x" * 290 + " 192.0.2.111") == f"mail sshd[4711]: {'x' * 290}"
    assert make_line(ENTRY | {"MESSAGE": "x" * 301}, 300, 0) is None


@pytest.mark.parametrize(
    ("source", "time"),
    [("1700000000250000", 1_700_000_000.25), ("", 1_700_000_000.5), ("soon", 1_700_000_000.5)],
)
def test_its_time(source: str, time: float) -> None:
    """When it was said, else when it was written."""
    line = make_line(ENTRY | {"_SOURCE_REALTIME_TIMESTAMP": source}, 300, 0)
    assert line is not None
    assert line.time == time


def test_no_time() -> None:
    """An entry that doesn't tell leaves it to the text."""
    line = make_line({"MESSAGE": "x", "__REALTIME_TIMESTAMP": "9" * 5000}, 300, 0)
    assert line is not None
    assert line.time is None


def test_whether_it_is_live() -> None:
    """If it was written since reading began."""
    written = int(ENTRY["__REALTIME_TIMESTAMP"])
    old, new = (make_line(ENTRY, 300, written + ahead) for ahead in (1, 0))
    assert old is not None
    assert new is not None
    assert (old.live, new.live) == (False, True)


def test_its_source_is_the_unit() -> None:
    """Who logs can't choose it; what can't be shown is escaped."""
    assert name_source("ssh.service") == "journald:ssh.service"
    assert name_source("") == "journald"
    assert name_source("a\nb") == r"journald:a\nb"

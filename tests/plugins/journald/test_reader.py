"""Reading real journal files with the real journalctl."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.journald.conftest import Reading, Until
from tests.plugins.journald.journals import Journal, serialize
from tests.waiting import is_running
from webfail2ban_journald.line import SOURCE


def test_an_entry_becomes_a_line(journal: Journal, reading: Reading) -> None:
    """With its time, its unit and its program."""
    journal.write(serialize("Failed password for root", 1_700_000_000.25))
    reading.begin()
    reading.wait_for("Failed password for root")
    [line] = reading.sensor.lines
    assert line.text == "mail sshd[4711]: Failed password for root"
    assert (line.source, line.program) == ("journald:ssh.service", "sshd")
    assert line.time == 1_700_000_000.25
    assert not line.live


@pytest.mark.parametrize(
    ("matches", "expected"),
    [
        ((), ["a", "b", "c", "d"]),
        (("_SYSTEMD_UNIT=ssh.service",), ["a"]),
        (("_SYSTEMD_UNIT=ssh.service _SYSTEMD_UNIT=nginx.service",), ["a", "b"]),
        (("SYSLOG_IDENTIFIER=webmail PRIORITY=4",), ["d"]),
        (("SYSLOG_IDENTIFIER=webmail PRIORITY=4 PRIORITY=6",), ["c", "d"]),
        (("_SYSTEMD_UNIT=ssh.service + PRIORITY=4",), ["a", "d"]),
        (("_SYSTEMD_UNIT=ssh.service", "PRIORITY=4"), ["a", "d"]),
        (("_SYSTEMD_UNIT=ssh.service", "_COMM=sshd", "_COMM=nginx + _COMM=sshd"), ["a", "b"]),
        (("MESSAGE=c + MESSAGE=a",), ["a", "c"]),
    ],
)
def test_matches(
    journal: Journal, reading: Reading, matches: tuple[str, ...], expected: list[str]
) -> None:
    """The same field means either, another one both, a plus and a further match either again."""
    webmail: dict[str, Any] = {
        "SYSLOG_IDENTIFIER": "webmail",
        "_SYSTEMD_UNIT": "php.service",
        "_COMM": "php",
    }
    journal.write(
        serialize("a"),
        serialize("b", _SYSTEMD_UNIT="nginx.service", _COMM="nginx"),
        serialize("c", **webmail),
        serialize("d", **webmail, PRIORITY="4"),
    )
    reading.begin(*matches)
    reading.wait_for(*expected)


def test_what_is_written_meanwhile_is_read(journal: Journal, reading: Reading) -> None:
    """As it comes, and known to be new."""
    journal.write(serialize("old", time.time() - 60))
    reading.begin()
    reading.wait_for("old")
    with journal.writing() as writer:
        writer.write(serialize("new"))
        reading.wait_for("old", "new")
        writer.write(serialize("newer") + serialize("newest"))
        reading.wait_for("old", "new", "newer", "newest")
    assert [line.live for line in reading.sensor.lines] == [False, True, True, True]


def test_a_restart_reads_nothing_twice_and_skips_nothing(
    journal: Journal, reading: Reading
) -> None:
    """Also what was written in between, and in the same microsecond."""
    now = time.time()
    journal.write(*(serialize(text, now) for text in "abc"))
    reading.read_all("a", "b", "c")
    reading.read_all("a", "b", "c")
    journal.write(*(serialize(text, now) for text in "de"))
    reading.read_all("a", "b", "c", "d", "e")


def test_thousands_of_entries_through_many_deaths(
    journal: Journal, reading: Reading, until: Until
) -> None:
    """Each comes once and in its order, whenever journalctl is killed."""
    texts = [f"entry {number} {'x' * 100}" for number in range(3000)]
    journal.write(*map(serialize, texts))
    reader = reading.begin()
    for part in range(1, 4):
        until(lambda part=part: len(reading.sensor.lines) >= 800 * part, "some lines")  # type: ignore[misc]
        if reader.child:
            reader.child.kill()
    reading.wait_for(*texts)


def test_a_position_is_kept_right_behind_its_lines(journal: Journal, reading: Reading) -> None:
    """So that both last, or neither."""
    journal.write(serialize("a"), serialize("b"))
    reading.read_all("a", "b")
    assert reading.sensor.kept_with == [2]


def test_rotation_while_it_reads(journal: Journal, reading: Reading) -> None:
    """The archived file to its end, then the new one."""
    journal.write(serialize("a"))
    reading.begin()
    reading.wait_for("a")
    journal.write(serialize("b"))
    journal.rotate()
    journal.write(serialize("c"))
    reading.wait_for("a", "b", "c")


def test_rotation_between_two_readers(journal: Journal, reading: Reading) -> None:
    """Several files later, it goes on where it stood."""
    journal.write(serialize("a"), serialize("b"))
    reading.read_all("a", "b")
    for text in "cd":
        journal.write(serialize(text))
        journal.rotate()
    journal.write(serialize("e"))
    reading.read_all("a", "b", "c", "d", "e")


def test_vacuum_between_two_readers(journal: Journal, reading: Reading) -> None:
    """Where the entry that was read last is gone, the first one after its time is next."""
    journal.write(serialize("a"), serialize("b"))
    reading.read_all("a", "b")
    archived = journal.rotate()
    journal.write(serialize("c"), serialize("d"))
    journal.vacuum()
    assert not archived.exists()
    reading.read_all("a", "b", "c", "d")


def test_vacuum_while_it_reads(journal: Journal, reading: Reading) -> None:
    """What is deleted under it is no reason to stop."""
    journal.write(serialize("a"))
    reader = reading.begin()
    reading.wait_for("a")
    journal.rotate()
    journal.write(serialize("b"))
    journal.vacuum()
    journal.write(serialize("c"))
    reading.wait_for("a", "b", "c")
    assert reader.starts == 1


def test_a_position_that_is_none_is_taken_by_its_time(
    journal: Journal, reading: Reading, until: Until
) -> None:
    """A cursor that journalctl refuses doesn't keep it from reading."""
    now = time.time()
    journal.write(serialize("before", now - 100), serialize("behind", now - 50))
    position = {"time": round((now - 100) * 1_000_000), "cursor": "nonsense"}
    reading.sensor.keep_position(SOURCE, position)
    reader = reading.begin()
    until(lambda: reader.trouble, "the refusal")
    reading.wait_for("behind")


@pytest.mark.parametrize(
    ("start", "expected"),
    [("end", []), ("1m", ["b"]), (600, ["b"]), ("3h", ["a", "b"]), ("beginning", ["a", "b"])],
)
def test_where_it_begins(
    journal: Journal, reading: Reading, start: str | int, expected: list[str]
) -> None:
    """As far back as is wanted, and from there on everything."""
    now = time.time()
    journal.write(serialize("a", now - 7200), serialize("b", now - 30))
    reading.begin(start=start)
    if start == "end":
        reading.stop()
        reading.begin(start="end")
    journal.write(serialize("c", now + 1))
    reading.wait_for(*expected, "c")


def test_what_is_written_before_the_first_entry_is_read_isnt_lost(
    journal: Journal, reading: Reading, until: Until
) -> None:
    """The end where reading began is kept, not where it begins again."""
    journal.write(serialize("old", time.time() - 60))
    reader = reading.begin(start="end")
    until(lambda: reading.sensor.position(SOURCE), "a position")
    reader.stop()
    journal.write(serialize("new"))
    reading.read_all("new", start="end")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("", None),
        ("one\ntwo", r"one\ntwo"),
        ("one\n\nMESSAGE=two\n\n", r"one\n\nMESSAGE=two"),
        (b"na\xefve", "na�ve"),
        (b"a\0b\x1b[2K", "a\0b\x1b[2K"),
        ("na\u00efve \u2028 \U0001f512", "na\u00efve \u2028 \U0001f512"),
        ("word " * 10_000, ("word " * 1638).strip()),
        (b"word\n" + b"word " * 2_000_000, r"word\n" + ("word " * 1637).strip()),
        ("x" * 100_000, None),
    ],
    ids=["empty", "two lines", "forged", "latin-1", "control", "unicode", "long", "huge", "a word"],
)
def test_strange_messages(
    journal: Journal, reading: Reading, message: str | bytes, text: str | None
) -> None:
    """Each is one line or none, and the next is whole."""
    journal.write(serialize(message), serialize("next"))
    reading.begin()
    reading.wait_for(*[text] if text else [], "next")


def test_an_entry_without_a_message_moves_the_position(
    journal: Journal, reading: Reading, until: Until
) -> None:
    """It is dealt with, though there is no line."""
    journal.write(serialize(None))
    reading.begin()
    until(lambda: reading.sensor.position(SOURCE), "a position")
    assert reading.sensor.position(SOURCE)["cursor"]
    assert not reading.sensor.lines


def test_a_program_that_hangs_is_replaced(journal: Journal, reading: Reading) -> None:
    """By another one, that goes on behind what was read."""
    journal.write(serialize("a"))
    reader = reading.begin(silence=0.5)
    reading.wait_for("a")
    assert reader.child
    hung = reader.child.pid
    os.kill(hung, signal.SIGSTOP)
    journal.write(serialize("b"))
    reading.wait_for("a", "b")
    assert not is_running(hung)
    assert reader.starts > 1
    assert not reader.trouble


def test_a_journal_that_comes_later(tmp_path: Path, until: Until) -> None:
    """It is waited for, and what is wrong is said meanwhile."""
    journal = Journal(tmp_path / "later")
    journal.directory.rmdir()
    reading = Reading(journal)
    reader = reading.begin()
    until(lambda: reader.trouble, "trouble")
    assert "No such file or directory" in reader.tell().state
    journal.directory.mkdir()
    journal.write(serialize("a"))
    reading.wait_for("a")
    assert not reader.trouble
    assert reader.tell().lines == 1
    reading.stop()


def test_a_journal_that_comes_and_is_silent(
    journal: Journal, reading: Reading, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is no trouble any more, though nobody has written anything new."""
    monkeypatch.setattr("webfail2ban_journald.reader.SETTLED", 0.1)
    journal.directory.rmdir()
    reader = reading.begin(start="end")
    until(lambda: reader.trouble, "trouble")
    journal.directory.mkdir()
    journal.write(serialize("old", time.time() - 60))
    until(lambda: not reader.trouble, "the end of trouble")
    assert not reader.lines


def test_a_stop_leaves_no_process(journal: Journal, reading: Reading) -> None:
    """Nor a second reader."""
    journal.write(serialize("a"))
    reader = reading.begin()
    reading.wait_for("a")
    assert reader.child
    pid = reader.child.pid
    reader.stop()
    assert not is_running(pid)
    assert reader.child is None

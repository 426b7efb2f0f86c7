"""Where to begin in a log that was there before it was first followed."""

import logging
import os
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest

from tests.plugins.tail.conftest import NOW
from tests.plugins.tail.writing import append
from webfail2ban_tail.beginning import DISORDER, Beginning
from webfail2ban_tail.lines import Splitter
from webfail2ban_tail.logfile import LogFile

#: As the usual programs write dates.
STAMPS = {
    "rsyslog": "{utc:%Y-%m-%dT%H:%M:%S.%f+00:00} mail dovecot: imap-login: x",
    "syslog": "{local:%b %d %H:%M:%S} mail dovecot: imap-login: x",
    "web server": '192.0.2.1 - - [{utc:%d/%b/%Y:%H:%M:%S +0000}] "GET / HTTP/1.1" 404 12',
    "epoch": "{epoch} x",
}


def stamp(time: float, form: str = STAMPS["rsyslog"]) -> str:
    utc = datetime.fromtimestamp(time, UTC)
    return form.format(utc=utc, local=utc.astimezone(), epoch=int(time))


def write_days(log: Path, *, step: int = 60, form: str = STAMPS["rsyslog"]) -> None:
    """Write three days of lines, the last one now."""
    times = range(int(NOW) - 3 * 86_400, int(NOW) + 1, step)
    append(log, "".join(f"{stamp(time, form)}\n" for time in times))


def begin(log: Path, age: float) -> LogFile:
    file = LogFile(log)
    Beginning(age, lambda: NOW, Splitter(8192)).place(file)
    return file


def read(log: Path, age: float) -> list[str]:
    """Return what is read of a log from its beginning on, up to a block."""
    return begin(log, age).peek().decode().splitlines()


@pytest.mark.parametrize("form", STAMPS.values(), ids=STAMPS)
def test_begins_where_lines_are_new_enough(log: Path, form: str) -> None:
    """A minute earlier, for lines may be in disorder."""
    write_days(log, form=form)
    times = range(int(NOW - 600 - DISORDER), int(NOW) + 1, 60)
    assert read(log, 600) == [stamp(time, form) for time in times]


def test_tells_where(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    """So the operator knows what was not read."""
    caplog.set_level(logging.INFO)
    write_days(log)
    file = begin(log, 600)
    (said,) = caplog.messages
    assert said == (
        f"{log} is new: of its {file.size} bytes those from byte {file.offset} on are read, "
        "the last 10m"
    )


def test_reads_little(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six megabytes, less than 300 kilobytes."""
    write_days(log, step=3)
    sizes: list[int] = []

    def pread(descriptor: int, size: int, offset: int) -> bytes:
        data = real(descriptor, size, offset)
        sizes.append(len(data))
        return data

    real = os.pread
    monkeypatch.setattr(os, "pread", pread)
    file = begin(log, 600)
    assert file.size > 5_000_000
    assert sum(sizes) < 300_000


def test_passes_a_hole(log: Path) -> None:
    """Two gigabytes of nothing, as a writer that doesn't append leaves them, are not read."""
    write_days(log)
    text = log.read_text()
    os.truncate(log, 0)
    os.truncate(log, 2 << 30)
    append(log, text)
    file = begin(log, 600)
    assert file.peek().decode().startswith(stamp(NOW - 600 - DISORDER))


def test_may_begin_at_either_end(log: Path) -> None:
    """Without looking at a date."""
    write_days(log)
    assert begin(log, inf).offset == 0
    assert begin(log, 0).offset == log.stat().st_size


def test_begins_at_the_end_of_an_old_log(log: Path) -> None:
    """That is the beginning of a line that has no end yet."""
    append(log, f"{stamp(NOW - 3600)}\n{stamp(NOW)}")
    assert begin(log, 600).offset == len(stamp(NOW)) + 1


def test_a_log_without_dates_begins_at_its_end(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody knows when its lines were written."""
    caplog.set_level(logging.INFO)
    append(log, "login failed from 192.0.2.1\n" * 100_000)
    assert begin(log, 600).offset == log.stat().st_size
    assert caplog.messages == [f"{log} has no dates that are known, so it is followed from its end"]


def test_dates_that_do_not_exist_are_passed_over(log: Path) -> None:
    """The 45th of November is none."""
    append(log, f"{stamp(NOW - 3600)}\n2023-11-45T22:13:20 x\n{stamp(NOW)}\n")
    assert read(log, 600) == [stamp(NOW)]


def test_a_log_ahead_of_the_clock_begins_at_its_end(
    log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If its zone is another, old failures must not count as new ones."""
    append(log, "".join(f"{stamp(NOW + 3600 - ago)}\n" for ago in range(7200, -1, -60)))
    assert begin(log, 600).offset == log.stat().st_size
    (said,) = caplog.messages
    assert said == (
        f"{log} is followed from its end: its last date is 1h ahead of the clock, "
        "so one of them, or a time zone, is wrong"
    )


def test_an_empty_log_is_not_worth_a_word(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It begins at its first byte, which is its last."""
    caplog.set_level(logging.INFO)
    log.touch()
    assert (begin(log, 600).offset, caplog.messages) == (0, [])


def test_reads_dates_in_the_encoding_of_the_log(log: Path) -> None:
    """Bytes that are no text in it harm no date."""
    log.write_bytes(f"{stamp(NOW - 3600)} \xe4\n{stamp(NOW)} \xe4\n".encode("latin-1"))
    assert begin(log, 600).offset == len(stamp(NOW)) + 3


def test_a_line_of_a_megabyte_is_no_obstacle(log: Path) -> None:
    """Wherever it stands, what is new is found."""
    hour = [stamp(NOW - ago) for ago in range(3600, -1, -1)]
    for place in (0, 1800, 3300, 3601):
        log.write_text("\n".join([*hour[:place], "x" * 1_000_000, *hour[place:]]) + "\n")
        first = begin(log, 600).peek().decode().split("\n")[0]
        assert first.startswith("xxx") or first <= stamp(NOW - 600)

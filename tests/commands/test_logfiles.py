import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from webfail2ban.commands import logfiles
from webfail2ban.commands.logfiles import Log, find_logs
from webfail2ban.errors import InputFileError

Write = Callable[[str, str | bytes], Path]


def lines_of(log: Log) -> list[str]:
    return [line for block in log.blocks() for line in block.lines]


def find_lines(name: str | Path) -> list[str]:
    (log,) = find_logs([str(name)])
    return lines_of(log)


def test_only_a_newline_ends_a_line(write: Write) -> None:
    """Other characters that some programs take for one may stand in a line."""
    path = write("a.log", "one\rstill one\vand\fon\x85and\u2028on\ntwo\r\n")

    assert find_lines(path) == ["one\rstill one\vand\fon\x85and\u2028on", "two\r"]


def test_the_last_line_needs_no_newline(write: Write) -> None:
    """A log may end where its writer stopped."""
    assert find_lines(write("a.log", "one\n\ntwo")) == ["one", "", "two"]


def test_an_empty_file_has_no_line(write: Write) -> None:
    """Nothing is nothing."""
    assert find_lines(write("a.log", "")) == []


def test_bytes_that_are_no_text_are_replaced(write: Write) -> None:
    """Each line is read whatever a client put into it, and none swallows the next."""
    assert find_lines(write("a.log", b"a\xffb\nc\xe2\x82\nd\n")) == ["a\ufffdb", "c\ufffd", "d"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_archives_are_told_by_their_first_bytes(
    write: Write, compress: Callable[[bytes], bytes]
) -> None:
    """What the file is called doesn't matter."""
    path = write("a.log", compress(b"one\ntwo\n"))

    assert find_lines(path) == ["one", "two"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_may_come_through_standard_input(
    monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
) -> None:
    """Nothing has to be sought in it."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(compress(b"one\ntwo\n"))))

    assert find_lines("-") == ["one", "two"]


def test_an_empty_archive_has_no_line(write: Write) -> None:
    """bzip2 writes another beginning for it."""
    assert find_lines(write("a.log", bz2.compress(b""))) == []


def test_a_log_that_begins_like_an_archive_is_a_log(write: Write) -> None:
    """Three letters are no signature."""
    assert find_lines(write("a.log", "BZh9 came in\n")) == ["BZh9 came in"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_archive_is_an_error(write: Write, compress: Callable[[bytes], bytes]) -> None:
    """It is named, and not taken for a shorter log."""
    path = write("a.log", compress(b"line\n" * 1000)[:-12])

    with pytest.raises(InputFileError, match=r"a\.log: is damaged: "):
        find_lines(path)


def test_what_cannot_be_unpacked_is_said(write: Write) -> None:
    """With what to do instead."""
    path = write("a.log", b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00")

    with pytest.raises(InputFileError, match=r"compressed with zstd; .* zstdcat"):
        find_lines(path)


def test_a_quoted_line_is_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that follow each other are one log, numbered on."""
    monkeypatch.chdir(tmp_path)

    (log,) = find_logs(["login failed", "login failed again"])

    assert lines_of(log) == ["login failed", "login failed again"]
    assert log.quoted


def test_a_quoted_line_may_hold_any_bytes() -> None:
    """What Python made of the shell's bytes is undone."""
    (log,) = find_logs(["user \udcff failed"])

    assert lines_of(log) == ["user \ufffd failed"]


def test_a_quoted_line_may_be_longer_than_any_name() -> None:
    """Looking for such a file is no error."""
    line = "x " * 5000

    assert find_lines(line) == [line]


def test_a_file_is_a_file_though_its_name_has_a_blank(write: Write) -> None:
    """What is there goes first."""
    assert find_lines(write("my own.log", "one\n")) == ["one"]


def test_a_name_without_a_blank_has_to_be_there(tmp_path: Path) -> None:
    """A mistyped path is not searched as a line."""
    with pytest.raises(InputFileError, match="there is no such file"):
        find_logs([str(tmp_path / "no.log")])


def test_a_directory_is_no_log(tmp_path: Path) -> None:
    """It is named as what it is."""
    with pytest.raises(InputFileError, match="is a directory"):
        find_logs([str(tmp_path)])


def test_a_log_that_vanishes_is_an_error(write: Write) -> None:
    """With its name and the system's reason."""
    path = write("a.log", "one\n")
    (log,) = find_logs([str(path)])
    path.unlink()

    with pytest.raises(InputFileError, match=r"a\.log: No such file"):
        lines_of(log)


@pytest.mark.parametrize("size", range(1, 12))
def test_lines_are_the_same_however_they_are_read(
    write: Write, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A line or a character may be split between two reads."""
    monkeypatch.setattr(logfiles, "BLOCK_SIZE", size)

    assert find_lines(write("a.log", "é\nzwölf\n\nlast")) == ["é", "zwölf", "", "last"]


@pytest.mark.parametrize("size", range(1, 12))
def test_a_line_without_end_is_cut(
    write: Write, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """What is no log doesn't fill the memory, and the next line is whole."""
    monkeypatch.setattr(logfiles, "BLOCK_SIZE", size)
    monkeypatch.setattr(logfiles, "MAX_LINE", 20)

    long, following = find_lines(write("a.log", "x" * 1000 + "\nnext\n"))

    assert 20 <= len(long) <= 20 + size
    assert set(long) == {"x"}
    assert following == "next"


def test_sizes_add_up_to_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a progress bar ends at its end, for archives too."""
    monkeypatch.setattr(logfiles, "BLOCK_SIZE", 100)
    path = write("a.log", gzip.compress(b"line\n" * 1000))
    (log,) = find_logs([str(path)])

    assert sum(block.size for block in log.blocks()) == log.size == path.stat().st_size


def test_a_log_is_a_source_as_tail_names_it(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its absolute path."""
    write("a.log", "")
    monkeypatch.chdir(tmp_path)

    (log,) = find_logs(["a.log"])

    assert log.source == f"tail:{tmp_path}/a.log"


def test_standard_input_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its descriptor must not be the next file's."""
    stdin = io.TextIOWrapper(io.BytesIO(b"one\n"))
    monkeypatch.setattr(sys, "stdin", stdin)

    assert find_lines("-") == ["one"]
    assert not stdin.closed

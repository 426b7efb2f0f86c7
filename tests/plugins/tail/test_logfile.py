"""One open file and a place in it."""

import os
from pathlib import Path

import pytest

from webfail2ban_tail.lines import Block
from webfail2ban_tail.logfile import CHUNK, LogFile, RewrittenError, identify


def take(file: LogFile, size: int) -> None:
    """Deal with so many of the bytes that were last returned."""
    file.advance(Block((), size))


def test_looks_without_moving(log: Path) -> None:
    """The same bytes are returned until they are dealt with."""
    log.write_bytes(b"abc")
    file = LogFile(log)
    assert (file.peek(), file.peek()) == (b"abc", b"abc")
    take(file, 2)
    assert (file.peek(), file.offset) == (b"c", 2)


def test_bounds_what_is_read(log: Path) -> None:
    """However large a file is, a block is not."""
    log.write_bytes(b"x" * (CHUNK + 1))
    assert len(LogFile(log).peek()) == CHUNK


def test_sees_that_it_was_truncated(log: Path) -> None:
    """A file shorter than what was read is not the same any more."""
    log.write_bytes(b"abc")
    file = LogFile(log)
    file.peek()
    take(file, 3)
    os.truncate(log, 2)
    with pytest.raises(RewrittenError):
        file.peek()


def test_sees_that_it_was_rewritten(log: Path) -> None:
    """Other bytes before the place, in the same number, are seen too."""
    log.write_bytes(b"abc")
    file = LogFile(log)
    file.peek()
    take(file, 3)
    with log.open("r+b") as other:
        other.write(b"abd")
    with pytest.raises(RewrittenError):
        file.peek()


def test_the_position_grows_like_that_of_a_seek(log: Path) -> None:
    """A place reached step by step is the same as one that was gone to at once."""
    log.write_bytes(bytes(range(1, 251)) * 8)
    file, other = LogFile(log), LogFile(log)
    for size in (1, 10, 300, 600, 700, 2):
        file.peek()
        take(file, size)
        other.seek(file.offset)
        assert file.position == other.position


def test_passes_a_hole(log: Path) -> None:
    """A hole is passed without being read, up to the page where bytes begin."""
    log.touch()
    os.truncate(log, 1 << 30)
    with log.open("ab") as other:
        other.write(b"abc\n")
    file = LogFile(log)
    assert file.peek().endswith(b"abc\n")
    assert file.offset + CHUNK > 1 << 30


def test_a_hole_at_the_end_is_nothing_yet(log: Path) -> None:
    """A hole with nothing behind it may still be filled."""
    log.touch()
    os.truncate(log, 1 << 30)
    assert LogFile(log).peek() == b""


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_refuses_what_is_no_regular_file(log: Path, make: object) -> None:
    """Pipes and directories are no logs, and hold nobody up."""
    assert callable(make)
    make(log)
    with pytest.raises(OSError, match="no regular file"):
        LogFile(log)


def test_tells_files_apart(log: Path, tmp_path: Path) -> None:
    """A link is the file that it leads to; nothing is nothing."""
    log.touch()
    link = tmp_path / "link"
    link.symlink_to(log)
    assert identify(link) == identify(log) == LogFile(log).identity
    assert identify(tmp_path / "nothing") is None

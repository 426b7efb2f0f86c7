"""Positions as values to keep."""

import json
import os
from pathlib import Path

import pytest

from webfail2ban_tail.logfile import LogFile
from webfail2ban_tail.position import SAMPLE, Position


@pytest.fixture
def file(log: Path) -> LogFile:
    log.write_bytes(bytes(range(1, 251)) * 8)
    return LogFile(log)


@pytest.mark.parametrize("offset", [0, 1, SAMPLE, SAMPLE + 1, 2000])
def test_survives_as_json(file: LogFile, offset: int) -> None:
    """A position is a JSON value, and the same again when it is read."""
    file.seek(offset, cut=True)
    kept = json.dumps(file.position.to_json())
    assert Position.from_json(json.loads(kept)) == file.position


@pytest.mark.parametrize("offset", [0, 1, SAMPLE, SAMPLE + 1, 2000])
def test_knows_its_file(file: LogFile, offset: int) -> None:
    """The bytes up to the place tell the file."""
    file.seek(offset)
    assert file.position.matches(file.descriptor)


@pytest.mark.parametrize("changed", [0, SAMPLE - 1, 1999 - SAMPLE + 1, 1999])
def test_knows_another_file(file: LogFile, log: Path, changed: int) -> None:
    """A single other byte among the first or the last ones makes another file."""
    file.seek(2000)
    position = file.position
    with log.open("r+b") as other:
        other.seek(changed)
        other.write(b"\0")
    assert not position.matches(file.descriptor)


def test_knows_a_shorter_file(file: LogFile, log: Path) -> None:
    """A file that ends before the place is another one."""
    file.seek(2000)
    os.truncate(log, 1999)
    assert not file.position.matches(file.descriptor)


def test_ignores_what_follows(file: LogFile, log: Path) -> None:
    """A file that has grown is the same."""
    file.seek(100)
    position = file.position
    with log.open("ab") as other:
        other.write(b"more")
    assert position.matches(file.descriptor)


@pytest.mark.parametrize("kept", [None, 17, "x", [], {}, {"device": 1, "inode": 2, "offset": -1}])
def test_refuses_what_is_none(kept: object) -> None:
    """What another version or program kept is not taken for a position."""
    with pytest.raises(ValueError, match="no position"):
        Position.from_json(kept)

"""Finding the next file while a rotation renames what is there."""

from pathlib import Path

import pytest

from webfail2ban_tail import search
from webfail2ban_tail.logfile import LogFile


def rotate(log: Path, text: str) -> None:
    """Give each file the name of the one before it, and begin a new one."""
    for age in (2, 1):
        older = log.with_name(f"{log.name}.{age}")
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{age + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))
    log.write_text(text)


def test_a_rotation_between_looking_and_opening_skips_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was at the path a moment ago has another name now."""
    log = tmp_path / "mail.log"
    log.write_text("one\n")
    read = LogFile(log)
    rotate(log, "two\n")
    take_stock, rotations = search._take_stock, ["three\n", "four\n"]

    def look_and_rotate(path: Path) -> object:
        known = take_stock(path)
        if rotations:
            rotate(log, rotations.pop(0))
        return known

    monkeypatch.setattr(search, "_take_stock", look_and_rotate)
    following = search.open_next(log, read)
    assert following is not None
    assert Path(f"/proc/self/fd/{following.descriptor}").read_text() == "two\n"
    following.close()
    read.close()

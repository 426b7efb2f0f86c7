"""Which logs are followed."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.tail.conftest import FakeSensor
from tests.plugins.tail.writing import append, write
from webfail2ban_tail.roster import ABSENCE, Roster, name_source
from webfail2ban_tail.settings import TailSettings

Make = Callable[..., Roster]


@pytest.fixture
def make(sensor: FakeSensor) -> Make:
    """Return what makes a roster, as each start of the sensor does."""

    def make(*files: Path, **settings: Any) -> Roster:
        roster = Roster(TailSettings(files=files, **settings), sensor, linger=0)
        roster.update()
        return roster

    return make


def read(roster: Roster, sensor: FakeSensor) -> list[str]:
    """Read all there is, as the loop does."""
    texts: list[str] = []
    for entry in roster.entries.values():
        while block := entry.follower.read(sensor.now()):
            texts += block.texts
            entry.follower.advance(block, sensor.now())
        roster.keep_position(entry)
    roster.keep()
    return texts


def names(roster: Roster) -> set[str]:
    return {path.name for path in roster.entries}


def touch(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).touch()


def test_follows_paths_and_globs(tmp_path: Path, make: Make) -> None:
    """A path is followed whether anything is there or not, a glob where something matches."""
    touch(tmp_path, "a.log", "b.log", "c.txt")
    assert names(make(tmp_path / "*.log", tmp_path / "later")) == {"a.log", "b.log", "later"}


def test_follows_what_appears(tmp_path: Path, make: Make) -> None:
    """What matches later is followed then."""
    roster = make(tmp_path / "*.log")
    touch(tmp_path, "a.log")
    roster.update()
    assert names(roster) == {"a.log"}


def test_leaves_rotated_files(tmp_path: Path, make: Make) -> None:
    """A careless glob doesn't read what was rotated."""
    touch(tmp_path, "a.log", "a.log.1", "a.log.2.gz", "a.log-20240131")
    assert names(make(tmp_path / "a.log*")) == {"a.log"}


def test_leaves_what_is_no_file(
    tmp_path: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Pipes and directories that match are named once."""
    touch(tmp_path, "a.log")
    os.mkfifo(tmp_path / "b.log")
    roster = make(tmp_path / "*.log")
    roster.update()
    assert names(roster) == {"a.log"}
    assert caplog.messages == [f"not followed, because it is no regular file: {tmp_path / 'b.log'}"]


def test_mentions_what_is_not_there(
    tmp_path: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """A glob or path without a match is no error, but worth a line."""
    caplog.set_level(logging.INFO)
    make(tmp_path / "*.log", tmp_path / "a").update()
    assert caplog.messages == [
        f"nothing is there yet: {tmp_path / name}" for name in ("*.log", "a")
    ]


def test_begins_at_the_end(log: Path, make: Make, sensor: FakeSensor) -> None:
    """The operator may want nothing that is there at the very first start."""
    write(log, 1, 50)
    roster = make(log, start="end")
    assert read(roster, sensor) == []
    write(log, 51, 51)
    assert len(read(roster, sensor)) == 1


def test_begins_ten_minutes_ago(log: Path, make: Make, sensor: FakeSensor) -> None:
    """Unless he says so, as far back as failures count by default."""
    for minutes in (60, 20, 9, 0):
        append(log, f"{sensor.time - minutes * 60:.0f} {minutes} minutes ago\n")
    texts = read(make(log), sensor)
    assert [text.partition(" ")[2] for text in texts] == ["9 minutes ago", "0 minutes ago"]


def test_begins_at_the_beginning(log: Path, make: Make, sensor: FakeSensor) -> None:
    """He may want all of it."""
    write(log, 1, 50)
    assert len(read(make(log, start="beginning"), sensor)) == 50


@pytest.mark.parametrize("name", ["mail.log", "*.log"])
def test_reads_what_appears_from_its_beginning(
    log: Path, make: Make, sensor: FakeSensor, name: str
) -> None:
    """A file that wasn't there at the start is new from its first byte."""
    roster = make(log.with_name(name))
    assert read(roster, sensor) == []
    write(log, 1, 2)
    roster.update()
    assert len(read(roster, sensor)) == 2


@pytest.mark.parametrize("name", ["mail.log", "*.log"])
def test_reads_what_appeared_between_two_starts(
    log: Path, make: Make, sensor: FakeSensor, name: str
) -> None:
    """Only the very first start skips anything."""
    read(make(log.with_name(name)), sensor)
    write(log, 1, 2)
    assert len(read(make(log.with_name(name)), sensor)) == 2


def test_begins_at_the_end_where_a_path_is_new(
    log: Path, tmp_path: Path, make: Make, sensor: FakeSensor
) -> None:
    """For a path that the operator adds, the next start is the first."""
    read(make(log), sensor)
    write(tmp_path / "other.log", 1, 2)
    assert read(make(log, tmp_path / "other.log", start="end"), sensor) == []


def test_goes_on_after_a_restart(log: Path, make: Make, sensor: FakeSensor) -> None:
    """Known files are read from where they stood, however old the lines are."""
    write(log, 1, 2)
    read(make(log), sensor)
    write(log, 3, 50_000)
    assert len(read(make(log), sensor)) == 49_998


def test_finishes_what_a_glob_led_to(
    log: Path, tmp_path: Path, make: Make, sensor: FakeSensor
) -> None:
    """A log renamed between two starts is read to its end, though nothing matches any more."""
    write(log, 1, 2)
    read(make(tmp_path / "*.log"), sensor)
    write(log, 3, 4)
    log.replace(f"{log}.1")
    assert len(read(make(tmp_path / "*.log"), sensor)) == 2


def test_forgets_what_was_deleted(
    log: Path, tmp_path: Path, make: Make, sensor: FakeSensor
) -> None:
    """What a glob led to and is gone leaves nothing behind."""
    write(log, 1, 1)
    roster = make(tmp_path / "*.log")
    read(roster, sensor)
    log.unlink()
    read(roster, sensor)
    roster.update()
    assert names(roster) == set()
    assert sensor.sources == {"tail"}


def test_forgets_what_stays_away(log: Path, tmp_path: Path, make: Make, sensor: FakeSensor) -> None:
    """A log that vanished while nobody looked is given up after a day."""
    write(log, 1, 1)
    read(make(tmp_path / "*.log"), sensor)
    log.unlink()
    roster = make(tmp_path / "*.log")
    read(roster, sensor)
    sensor.time += ABSENCE
    roster.update()
    assert names(roster) == {"mail.log"}
    sensor.time += 1
    roster.update()
    assert names(roster) == set()
    assert sensor.sources == {"tail"}


def test_forgets_what_nobody_names_any_more(
    log: Path, tmp_path: Path, make: Make, sensor: FakeSensor
) -> None:
    """A path that was removed from the settings leaves nothing behind."""
    write(log, 1, 1)
    read(make(log), sensor)
    make(tmp_path / "other.log")
    assert sensor.sources == {"tail"}


def test_takes_a_foreign_position_for_none(
    log: Path, make: Make, sensor: FakeSensor, caplog: pytest.LogCaptureFixture
) -> None:
    """What can't be read as a position doesn't stop the start."""
    sensor.keep_position(f"tail:{log}", {"line": 17})
    sensor.keep_position("tail", ["what", "is", "this"])
    write(log, 1, 1)
    assert len(read(make(log, start="beginning"), sensor)) == 1
    assert "is taken for new" in caplog.text


def test_knows_where_something_may_happen(tmp_path: Path, make: Make) -> None:
    """The directories of the log, of what it is a link to, and of globs."""
    for name in ("logs", "data", "empty"):
        (tmp_path / name).mkdir()
    touch(tmp_path / "data", "app-1")
    link = tmp_path / "logs" / "app"
    link.symlink_to(tmp_path / "data" / "app-1")
    assert make(link, tmp_path / "empty" / "*.log").directories == {
        tmp_path / "logs": {link},
        tmp_path / "data": {link},
        tmp_path / "empty": set(),
    }


def test_names_sources_in_print() -> None:
    """A file's name may hold anything, a source's name nothing that harms a terminal."""
    assert name_source(Path("/var/log/a\n\x1b[31m\udcff.log")) == (
        "tail:/var/log/a\\n\\x1b[31m\\udcff.log"
    )


@pytest.mark.parametrize(
    ("seconds", "live"), [(0.1, True), (9.9, True), (10.0, False), (-1, False)]
)
def test_lines_of_a_short_break_are_new(
    log: Path, make: Make, sensor: FakeSensor, seconds: float, live: bool
) -> None:
    """Another sensor takes over; after a long break nobody knows how old a line is."""
    write(log, 1, 1)
    first = make(log)
    read(first, sensor)
    first.keep_end()
    sensor.time += seconds
    (entry,) = make(log).entries.values()
    assert entry.follower.live is live


def test_only_what_was_read_to_its_end_is_new_after_a_break(log: Path, make: Make) -> None:
    """What was behind may be old."""
    write(log, 1, 1)
    first = make(log)
    first.keep()
    first.keep_end()
    (entry,) = make(log).entries.values()
    assert not entry.follower.live

"""Reading what has changed, when it has changed."""

import os
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from tests.plugins.tail.conftest import FakeSensor
from tests.plugins.tail.writing import append, copytruncate, line, lines, rotate, write
from webfail2ban import LogLine
from webfail2ban_tail.loop import Loop

Follow = Callable[..., Loop]


@pytest.fixture(params=["inotify", "polling"])
def follow_all(request: pytest.FixtureRequest, follow: Follow) -> Follow:
    """Start a loop that begins at the beginning, told by the kernel or looking by itself."""
    inotify = request.param == "inotify"

    def start(*files: Path, **arguments: float) -> Loop:
        return follow(*files, inotify=inotify, poll=0.05, start="beginning", **arguments)

    return start


def test_reads_what_is_there_and_what_comes(
    log: Path, sensor: FakeSensor, follow_all: Follow
) -> None:
    """Lines are emitted with their source and without a time; the old ones are not live."""
    write(log, 1, 2)
    follow_all(log)
    sensor.wait_for(*lines(1, 2))
    write(log, 3, 3)
    sensor.wait_for(*lines(1, 3))
    assert {(each.source, each.time) for each in sensor.lines} == {(f"tail:{log}", None)}
    assert [each.live for each in sensor.lines] == [False, False, True]


def test_follows_files_that_appear(tmp_path: Path, sensor: FakeSensor, follow_all: Follow) -> None:
    """A file, and the directories above it, may come later, one after the other."""
    a = tmp_path / "a"
    b = a / "b"
    loop = follow_all(b / "x.log", a / "*" / "y.log")
    sensor.wait_until(lambda: tmp_path in loop.roster.directories)
    a.mkdir()
    sensor.wait_until(lambda: a in loop.roster.directories)
    b.mkdir()
    write(b / "x.log", 1, 1)
    sensor.wait_for(line(1))
    write(b / "y.log", 2, 2)
    sensor.wait_for(*lines(1, 2))


@pytest.mark.parametrize("turn", [rotate, copytruncate])
def test_follows_through_rotation(
    log: Path, sensor: FakeSensor, follow_all: Follow, turn: Callable[[Path], None]
) -> None:
    """The next file's lines come after the last one's."""
    write(log, 1, 1)
    follow_all(log)
    sensor.wait_for(line(1))
    for number in (2, 3, 4):
        turn(log)
        write(log, number, number)
        sensor.wait_for(*lines(1, number))


def test_waits_for_a_writer(log: Path, sensor: FakeSensor, follow_all: Follow) -> None:
    """While a rotated file is lingered over, what is written to it comes first."""
    write(log, 1, 1)
    follow_all(log, linger=3600)
    sensor.wait_for(line(1))
    with log.open("a") as held:
        rotate(log)
        write(log, 3, 3)
        held.write(line(2) + "\n")
    sensor.wait_for(*lines(1, 2))
    clock, hours = sensor.read_clock, count()
    # An hour later at each look: the loop may not have seen the rotation before the first.
    sensor.read_clock = lambda: clock() + 3600 * next(hours)

    def look() -> bool:
        log.with_name("other").touch()  # so that the loop looks at its clock
        return sensor.texts == [*lines(1, 3)]

    sensor.wait_until(look)


def test_follows_a_switched_link(
    log: Path, tmp_path: Path, sensor: FakeSensor, follow_all: Follow
) -> None:
    """A link to another file is a rotation."""
    write(tmp_path / "app-1", 1, 1)
    log.symlink_to(tmp_path / "app-1")
    follow_all(log)
    sensor.wait_for(line(1))
    write(tmp_path / "app-2", 2, 2)
    new = tmp_path / "new"
    new.symlink_to(tmp_path / "app-2")
    new.replace(log)
    sensor.wait_for(*lines(1, 2))


def test_keeps_exactly_what_was_emitted(log: Path, sensor: FakeSensor, follow: Follow) -> None:
    """A partial line is emitted by the next sensor, whole."""
    follow(log)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    append(log, "one\ntw")
    sensor.wait_for("one")
    restart(sensor, follow, log)
    append(log, "o\n")
    sensor.wait_for("one", "two")


def restart(sensor: FakeSensor, follow: Follow, log: Path) -> None:
    sensor.wait_until(lambda: sensor.position(f"tail:{log}"))
    sensor.greenlets.kill()
    follow(log)


def test_keeps_nothing_before_it_is_emitted(
    log: Path, sensor: FakeSensor, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines during whose search the sensor dies are searched again by the next one."""
    searching = Event()

    def emit(_: Sequence[LogLine]) -> None:
        searching.set()
        Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(sensor, "emit", emit)
        follow(log)
        sensor.wait_until(lambda: "tail" in sensor.sources)
        append(log, "one\n")
        searching.wait()
        sensor.greenlets.kill()
    follow(log)
    sensor.wait_for("one")


def test_stops_behind_a_block(log: Path, sensor: FakeSensor, follow: Follow) -> None:
    """What is being searched when the sensor ends is searched to its end, and kept."""
    loop = follow(log)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    append(log, "x\n" * 200_000)
    sensor.wait_until(lambda: sensor.blocks)
    loop.stop()
    kept = sensor.position(f"tail:{log}")
    assert kept["offset"] == 2 * len(sensor.lines) < 400_000


def test_stops_before_it_has_begun(log: Path, sensor: FakeSensor, follow: Follow) -> None:
    """Stopping needs no start."""
    write(log, 1, 1)
    follow(log, start="beginning").stop()
    sensor.greenlets.join()
    assert sensor.lines == []


def test_files_take_turns(tmp_path: Path, sensor: FakeSensor, follow: Follow) -> None:
    """A large file doesn't hold the others up."""
    large, small = tmp_path / "large", tmp_path / "small"
    append(large, "x\n" * 200_000)
    append(small, "small\n")
    follow(large, small, start="beginning")
    sensor.wait_until(lambda: len(sensor.lines) == 200_001)
    assert sensor.texts.index("small") < 100_000


def test_other_sources_take_turns(
    log: Path, sensor: FakeSensor, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two blocks, others have their turn, also while nobody searches."""
    turns = []

    def emit(lines: Sequence[LogLine]) -> None:
        sensor.lines.extend(lines)
        gevent.spawn(lambda: turns.append(len(sensor.lines)))

    monkeypatch.setattr(sensor, "emit", emit)
    append(log, "x\n" * 200_000)
    follow(log, start="beginning")
    sensor.wait_until(lambda: len(sensor.lines) == 200_000)
    assert len(set(turns)) > 1


def test_bounds_its_descriptors(tmp_path: Path, sensor: FakeSensor, follow_all: Follow) -> None:
    """Of many files few are open, and yet all are followed."""
    paths = [tmp_path / f"{number}.log" for number in range(20)]
    for path in paths:
        append(path, "first\n")
    loop = follow_all(tmp_path / "*.log", max_open=5)
    sensor.wait_until(lambda: len(sensor.lines) == 20)
    for path in paths:
        append(path, "second\n")
    sensor.wait_until(lambda: len(sensor.lines) == 40)
    assert count_open(tmp_path) <= 5
    for path in paths:
        rotate(path)
        append(path, "third\n")
    sensor.wait_until(lambda: len(sensor.lines) == 60)
    assert sum(sensor.texts.count(text) for text in ("first", "second", "third")) == 60
    sensor.wait_until(lambda: count_open(tmp_path) <= 5)
    loop.stop()
    assert count_open(tmp_path) == 0


def count_open(directory: Path) -> int:
    """Count this process's open files in a directory."""
    links = (path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
    return sum(link.is_relative_to(directory) for link in links)


def test_begins_anew_after_a_failure(
    log: Path, sensor: FakeSensor, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the search fails, the same lines are emitted again: the sensor runs the loop again."""
    loop = follow(log)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    sensor.greenlets.kill()
    append(log, "one\n")
    with monkeypatch.context() as patch:
        patch.setattr(sensor, "emit", None)
        with pytest.raises(TypeError):
            loop.run()
    sensor.spawn(loop.run)
    sensor.wait_for("one")


def test_a_clock_set_back_stops_nothing(log: Path, sensor: FakeSensor, follow_all: Follow) -> None:
    """An hour that happens twice is not waited for."""
    write(log, 1, 1)
    follow_all(log)
    sensor.wait_for(line(1))
    clock = sensor.read_clock
    sensor.read_clock = lambda: clock() - 3600
    write(log, 2, 2)
    sensor.wait_for(*lines(1, 2))
    rotate(log)
    write(log, 3, 3)
    sensor.wait_for(*lines(1, 3))


def test_looks_at_everything_when_changes_were_lost(
    log: Path, sensor: FakeSensor, follow: Follow
) -> None:
    """After more changes than the kernel remembers, every file is read on."""
    queue = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    follow(log)
    sensor.wait_until(lambda: "tail" in sensor.sources)
    other = log.with_name("other")
    other.touch()
    for _ in range(queue):
        os.utime(other)
        os.utime(log.parent)
    write(log, 1, 1)
    sensor.wait_for(line(1))

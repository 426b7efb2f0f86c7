"""Being told by the kernel that something happened."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest

from webfail2ban_tail.inotify import SAFETY_NET, InotifyWatch, open_watch
from webfail2ban_tail.logfile import LogFile
from webfail2ban_tail.watch import Changes, Watch

#: Seconds: no test waits so long unless it has failed.
LONG = 30.0


@pytest.fixture
def watch() -> Iterator[InotifyWatch]:
    watch = InotifyWatch(1.0)
    yield watch
    watch.close()


@pytest.fixture
def file(log: Path) -> Iterator[LogFile]:
    log.touch()
    file = LogFile(log)
    yield file
    file.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda log: log.write_text("x"),
        lambda log: log.replace(f"{log}.1"),
        lambda log: log.unlink(),
        lambda log: log.chmod(0o600),
    ],
)
def test_tells_of_a_file(
    watch: InotifyWatch, file: LogFile, log: Path, change: Callable[[Path], object]
) -> None:
    """Growth, truncation, a new name and new rights are changes."""
    assert watch.watch_file(log, file)
    change(log)
    assert watch.wait(LONG) == Changes(files=frozenset({log}))


def test_tells_of_a_file_under_another_name(watch: InotifyWatch, file: LogFile, log: Path) -> None:
    """The open file is watched, not the path."""
    old = log.replace(f"{log}.1")
    watch.watch_file(log, file)
    log.touch()
    old.write_text("x")
    assert watch.wait(LONG) == Changes(files=frozenset({log}))


def test_watches_a_file_once(watch: InotifyWatch, file: LogFile, log: Path) -> None:
    """The same file again is nothing new."""
    assert watch.watch_file(log, file)
    assert not watch.watch_file(log, file)


def test_watches_the_next_file_instead(watch: InotifyWatch, file: LogFile, log: Path) -> None:
    """The one before isn't watched any more."""
    watch.watch_file(log, file)
    old = log.replace(f"{log}.1")
    log.touch()
    watch.watch_file(log, LogFile(log))
    watch.wait(0)
    old.write_text("x")
    assert watch.wait(0) == Changes()
    watch.watch_file(log, None)
    log.write_text("x")
    assert watch.wait(0) == Changes()


@pytest.mark.parametrize(
    "change",
    [
        lambda directory: (directory / "new").touch(),
        lambda directory: (directory / "file").rename(directory / "other"),
        lambda directory: (directory / "file").unlink(),
        lambda directory: (directory / "file").chmod(0o600),
        lambda directory: directory.rename(f"{directory}.old"),
    ],
)
def test_tells_of_a_directory(
    watch: InotifyWatch, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    """Names that come and go and rights that change are changes."""
    directory = tmp_path / "logs"
    directory.mkdir()
    (directory / "file").touch()
    watch.watch_directories([directory])
    change(directory)
    assert watch.wait(LONG) == Changes(directories=frozenset({directory}))


def test_watches_other_directories_instead(watch: InotifyWatch, tmp_path: Path) -> None:
    """Those that aren't named again aren't watched any more."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    watch.watch_directories([first])
    watch.watch_directories([second])
    (first / "x").touch()
    (second / "x").touch()
    assert watch.wait(LONG) == Changes(directories=frozenset({second}))


def test_a_directory_may_have_gone(watch: InotifyWatch, tmp_path: Path) -> None:
    """Nothing is wrong with that."""
    watch.watch_directories([tmp_path / "nothing"])
    assert watch.interval == SAFETY_NET


def test_watches_a_directory_made_anew(watch: InotifyWatch, tmp_path: Path) -> None:
    """The same name may mean another directory by now."""
    directory = tmp_path / "logs"
    directory.mkdir()
    watch.watch_directories([directory])
    directory.rmdir()
    assert watch.wait(LONG) == Changes(directories=frozenset({directory}))
    directory.mkdir()
    watch.watch_directories([directory])
    (directory / "x").touch()
    assert watch.wait(LONG) == Changes(directories=frozenset({directory}))


def test_wakes(watch: InotifyWatch) -> None:
    """Waiting can be ended from outside."""
    gevent.spawn(watch.wake)
    assert watch.wait(LONG) == Changes()


def test_tells_when_changes_were_lost(
    watch: InotifyWatch, file: LogFile, log: Path, tmp_path: Path
) -> None:
    """If more happens than the kernel remembers, anything may have happened."""
    queue = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    watch.watch_file(log, file)
    watch.watch_directories([tmp_path])
    for _ in range(queue // 2 + 1):  # the same change twice in a row is one
        log.chmod(0o600)
    assert watch.wait(LONG).everything


def refuse(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_polls_without_watches(
    watch: InotifyWatch,
    file: LogFile,
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """When the kernel watches no more files, they are looked at, and the log says so once."""
    monkeypatch.setattr(watch._inotify, "add_watch", refuse)
    assert watch.watch_file(log, file)
    watch.watch_directories([log.parent])
    assert watch.interval == 1.0
    (message,) = caplog.messages
    assert "fs.inotify.max_user_watches is used up" in message
    assert "files are looked at each 1 s" in message


def test_polls_without_inotify(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where there is none, files are looked at."""
    monkeypatch.setattr("webfail2ban_tail.inotify.INotify", refuse)
    watch = open_watch(2.5)
    assert type(watch) is Watch
    assert watch.interval == 2.5
    assert "files are looked at each 2.5 s" in caplog.text


def test_polls_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It can't be imported where there is no Unix."""
    monkeypatch.setattr("webfail2ban_tail.inotify.INotify", None)
    assert type(open_watch(2.5)) is Watch


def test_polls_on_demand() -> None:
    """The operator knows which file systems are remote."""
    assert type(open_watch(2.5, inotify=False)) is Watch

"""Following one log through everything that may happen to it."""

import gzip
import logging
import os
import shutil
from collections.abc import Callable
from errno import EIO
from pathlib import Path

import pytest

from tests.plugins.tail.conftest import NOW, Reader
from tests.plugins.tail.writing import append, copytruncate, line, lines, rotate, write
from webfail2ban_tail.beginning import Beginning
from webfail2ban_tail.follower import Follower
from webfail2ban_tail.lines import Splitter
from webfail2ban_tail.linger import LONGEST_LINGER
from webfail2ban_tail.logfile import LogFile


def fail(*_: object) -> bytes:
    raise OSError(EIO, os.strerror(EIO))


class TestGrowth:
    def test_reads_what_is_there(self, log: Path, reader: Reader) -> None:
        """A log is read from its beginning."""
        write(log, 1, 3)
        assert reader.read() == lines(1, 3)

    def test_reads_what_is_added(self, log: Path, reader: Reader) -> None:
        """What was read isn't read again."""
        reader.write_and_read(1, 2)
        write(log, 3, 4)
        assert reader.read() == lines(3, 4)

    def test_waits_for_a_log(self, log: Path, reader: Reader) -> None:
        """A log that isn't there yet is read when it is."""
        assert reader.read() == []
        write(log, 1, 1)
        assert reader.read() == [line(1)]

    def test_waits_for_a_directory(self, tmp_path: Path) -> None:
        """Not even the directory need be there."""
        reader = Reader(tmp_path / "later" / "mail.log")
        assert reader.read() == []
        reader.path.parent.mkdir()
        write(reader.path, 1, 1)
        assert reader.read() == [line(1)]

    def test_waits_for_the_rest_of_a_line(self, log: Path, reader: Reader) -> None:
        """A line is one line, in however many parts it is written."""
        append(log, "first\nsec")
        assert reader.read() == ["first"]
        append(log, "on")
        assert reader.read() == []
        append(log, "d\n")
        assert reader.read() == ["second"]

    def test_cuts_long_lines(self, log: Path, caplog: pytest.LogCaptureFixture) -> None:
        """A line that never ends costs no memory, and is named once."""
        reader = Reader(log, limit=300)
        append(log, "one two" + "x" * 400)
        assert reader.read() == ["one"]
        append(log, "y" * 400_000)
        assert reader.read() == []
        append(log, "z\nnext\n" + "w" * 299 + " v" + "\n")
        assert reader.read() == ["next", "w" * 299]
        assert reader.follower.cut_lines == 2
        assert caplog.messages == [
            f"{log} has lines of more than 300 bytes: the rest of them is dropped, 1 so far"
        ]

    def test_reads_block_by_block(self, log: Path, reader: Reader) -> None:
        """A large file isn't read at once, and nothing is lost where the blocks meet."""
        texts = [f"line {number} " + "x" * (number % 97) for number in range(10_000)]
        append(log, "\n".join(texts) + "\n")
        reader.read_block()
        assert 0 < len(reader.texts) < len(texts)
        reader.read()
        assert reader.texts == texts

    def test_returns_a_block_until_it_is_dealt_with(self, log: Path, reader: Reader) -> None:
        """What couldn't be handed over isn't lost."""
        write(log, 1, 2)
        assert reader.follower.read(NOW) == reader.follower.read(NOW)
        assert reader.read() == lines(1, 2)


class TestBeginning:
    def follow_end(self, log: Path) -> Follower:
        splitter = Splitter(300)
        return Follower(log, splitter, beginning=Beginning(0, lambda: NOW, splitter))

    def read(self, follower: Follower) -> list[str]:
        block = follower.read(NOW)
        assert block is not None
        follower.advance(block, NOW)
        return list(block.texts)

    def test_begins_at_the_end(self, log: Path) -> None:
        """Old lines are skipped, new ones read."""
        write(log, 1, 50)
        follower = self.follow_end(log)
        assert follower.read(NOW) is None
        write(log, 51, 51)
        assert self.read(follower) == [line(51)]

    def test_begins_at_a_partial_last_line(self, log: Path) -> None:
        """A line isn't read from its middle, where it may look like another."""
        append(log, "old\nnew")
        follower = self.follow_end(log)
        assert follower.read(NOW) is None
        append(log, " line\n")
        assert self.read(follower) == ["new line"]

    def test_begins_at_the_only_line(self, log: Path) -> None:
        """A file that holds but a part of a line is read from its beginning."""
        append(log, "new")
        follower = self.follow_end(log)
        assert follower.read(NOW) is None
        append(log, " line\n")
        assert self.read(follower) == ["new line"]

    def test_drops_a_line_that_began_long_ago(self, log: Path) -> None:
        """If even the last line is too long, its rest is dropped."""
        append(log, "old\n" + "x" * 1000)
        follower = self.follow_end(log)
        assert follower.read(NOW) is None
        append(log, "from 192.0.2.1\nnew\n")
        assert self.read(follower) == ["new"]

    def test_tries_again_where_it_cannot_look(
        self, log: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A disk that fails while the place is looked for costs no descriptor, and no line."""
        append(log, f"{NOW - 3600} old\n{NOW} new\n")
        splitter = Splitter(300)
        follower = Follower(log, splitter, beginning=Beginning(600, lambda: NOW, splitter))
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        with monkeypatch.context() as patch:
            patch.setattr(LogFile, "read_at", fail)
            assert follower.read(NOW) is None
        assert caplog.messages == [f"{log} cannot be read: Input/output error"]
        assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
        assert self.read(follower) == [f"{NOW} new"]

    def test_reads_a_new_file_from_its_beginning(self, log: Path, reader: Reader) -> None:
        """Only what was there at the start is skipped."""
        write(log, 1, 2)
        follower = reader.follower = self.follow_end(log)
        reader.read()
        rotate(log)
        write(log, 3, 4)
        assert reader.read_on() == lines(3, 4)
        assert follower.position is not None


class TestRename:
    def test_reads_the_new_file(self, log: Path, reader: Reader) -> None:
        """When the log is renamed, the new file is read from its beginning."""
        reader.write_and_read(1, 2)
        rotate(log)
        write(log, 3, 4)
        assert reader.read_on() == lines(3, 4)

    def test_reads_the_old_file_to_its_end(self, log: Path, reader: Reader) -> None:
        """What was written before the rotation comes first."""
        reader.write_and_read(1, 2)
        write(log, 3, 4)
        rotate(log)
        write(log, 5, 6)
        assert reader.read_on() == lines(3, 6)

    def test_waits_for_the_writer(self, log: Path, reader: Reader) -> None:
        """A writer that holds the old file for a moment may finish."""
        reader.write_and_read(1, 2)
        with log.open("a") as held:
            rotate(log)
            log.touch()
            assert reader.read() == []
            reader.pass_time(4)
            held.write(line(3) + "\n")
            held.flush()
            assert reader.read() == [line(3)]
            reader.pass_time(4)
            assert reader.read() == []
        write(log, 4, 4)
        reader.pass_time(1)
        assert reader.read() == [line(4)]

    def test_says_when_to_look_again(self, log: Path, reader: Reader) -> None:
        """Nothing else tells that a file is no longer written to."""
        reader.write_and_read(1, 1)
        rotate(log)
        log.touch()
        reader.read()
        assert reader.follower.wake_at == reader.now + 5

    def test_stays_with_a_writer_that_does_not_reopen(self, log: Path, reader: Reader) -> None:
        """As long as the new file is empty, the old one is the log."""
        reader.write_and_read(1, 1)
        with log.open("a") as held:
            rotate(log)
            log.touch()
            for number in range(2, 50):
                held.write(line(number) + "\n")
                held.flush()
                reader.pass_time(4)
                assert reader.read() == [line(number)]

    def test_leaves_a_writer_that_never_ends(
        self, log: Path, reader: Reader, caplog: pytest.LogCaptureFixture
    ) -> None:
        """After a minute, the new file's lines matter more than the old one's."""
        reader.write_and_read(1, 1)
        with log.open("a") as held:
            rotate(log)
            append(log, "new\n")
            began, texts = reader.now, []
            while "new" not in texts:
                held.write("old\n")
                held.flush()
                texts += reader.read()
                reader.pass_time(4)
        assert reader.now - began == pytest.approx(LONGEST_LINGER, abs=8)
        assert "still written to" in caplog.text

    def test_emits_a_partial_last_line(self, log: Path, reader: Reader) -> None:
        """What stands at the end of the old file is a line, newline or not."""
        append(log, "one\ntwo")
        reader.read()
        rotate(log)
        append(log, "three\n")
        assert reader.read_on() == ["two", "three"]

    def test_waits_for_a_new_file(self, log: Path, reader: Reader) -> None:
        """While nothing is at the path, the renamed file is the log."""
        reader.write_and_read(1, 1)
        rotate(log)
        reader.pass_time(1000)
        assert reader.read() == []
        write(Path(f"{log}.1"), 2, 2)
        assert reader.read() == [line(2)]
        write(log, 3, 3)
        assert reader.read_on() == [line(3)]

    def test_reads_generations_between(self, log: Path, reader: Reader) -> None:
        """Rotated more than once between two looks, every generation is read."""
        reader.write_and_read(1, 1)
        for number in (2, 3, 4):
            write(log, number, number)
            rotate(log)
        write(log, 5, 5)
        assert reader.read_on(times=3) == lines(2, 5)

    def test_reads_dated_generations_between(self, log: Path, reader: Reader) -> None:
        """The same where rotation names files by date."""
        reader.write_and_read(1, 1)
        for number in (2, 3):
            write(log, number, number)
            log.replace(f"{log}-2024010{number}")
        write(log, 4, 4)
        assert reader.read_on(times=2) == lines(2, 4)

    def test_does_not_read_earlier_generations(self, log: Path, reader: Reader) -> None:
        """What was rotated away before the log was followed stays unread."""
        write(log, 1, 1)
        rotate(log)
        write(log, 2, 2)
        assert reader.read() == [line(2)]
        rotate(log)
        write(log, 3, 3)
        assert reader.read_on() == [line(3)]

    def test_follows_a_link(self, log: Path, tmp_path: Path, reader: Reader) -> None:
        """A link that is switched to another file is a rotation."""
        first, second = tmp_path / "app-1.log", tmp_path / "app-2.log"
        write(first, 1, 1)
        log.symlink_to(first)
        reader.read()
        write(first, 2, 2)
        write(second, 3, 3)
        log.unlink()
        log.symlink_to(second)
        assert reader.read_on() == lines(2, 3)


class TestCopyTruncate:
    def test_begins_anew(self, log: Path, reader: Reader) -> None:
        """A file that is shorter than what was read is read from its beginning."""
        reader.write_and_read(1, 3)
        copytruncate(log)
        assert reader.read() == []
        write(log, 4, 4)
        assert reader.read() == [line(4)]

    def test_sees_that_it_has_grown_past_its_place(self, log: Path, reader: Reader) -> None:
        """Even if it is longer than before, other bytes stand where reading stopped."""
        reader.write_and_read(1, 3)
        copytruncate(log)
        write(log, 4, 9)
        assert reader.read() == lines(4, 9)

    def test_sees_that_it_has_grown_to_its_place(self, log: Path, reader: Reader) -> None:
        """Even if it is exactly as long as before."""
        reader.write_and_read(1, 3)
        copytruncate(log)
        write(log, 4, 6)
        assert reader.read() == lines(4, 6)

    def test_reads_the_copy_to_its_end(self, log: Path, reader: Reader) -> None:
        """What was written before the truncation is read from the copy."""
        reader.write_and_read(1, 2)
        write(log, 3, 4)
        copytruncate(log)
        write(log, 5, 6)
        assert reader.read() == lines(3, 6)

    def test_does_without_a_copy(
        self, log: Path, reader: Reader, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Without a copy, what was unread is lost, and the log says so."""
        caplog.set_level(logging.INFO)
        reader.write_and_read(1, 2)
        size = log.stat().st_size
        os.truncate(log, 0)
        write(log, 3, 3)
        assert reader.read() == [line(3)]
        assert caplog.messages[-1] == (
            f"{log} is read from its beginning, and what it held is not to be found: "
            f"what was written after byte {size} was not read"
        )

    def test_passes_the_hole_of_a_writer_that_does_not_append(
        self, log: Path, reader: Reader
    ) -> None:
        """It goes on at its old place, and leaves zeros before."""
        with log.open("w") as held:
            held.write("\n".join(lines(1, 3)) + "\n")
            held.flush()
            reader.read()
            copytruncate(log)
            held.write(line(4) + "\n")
            held.flush()
            assert reader.read() == [line(4)]

    def test_passes_a_huge_hole(self, log: Path, reader: Reader) -> None:
        """A hole isn't read: it may be as large as the disk."""
        reader.write_and_read(1, 3)
        os.truncate(log, 0)
        with log.open("r+") as held:
            held.seek(1 << 40)
            held.write(line(4) + "\n")
        assert reader.read() == [line(4)]

    def test_leaves_zeros_at_the_end(self, log: Path, reader: Reader) -> None:
        """On a network file system, zeros may stand for bytes that haven't arrived."""
        write(log, 1, 1)
        size = log.stat().st_size
        os.truncate(log, size + 100)
        assert reader.read() == [line(1)]
        with log.open("r+") as held:
            held.seek(size)
            held.write("x" * 99 + "\n")
        assert reader.read() == ["x" * 99]


class TestDeletion:
    def test_reads_a_deleted_file_to_its_end(self, log: Path, reader: Reader) -> None:
        """What an open file holds can be read without a name."""
        append(log, "one\n")
        reader.read()
        append(log, "two\nthree")
        log.unlink()
        assert reader.read_on() == ["two", "three"]

    def test_closes_a_deleted_file(self, log: Path, reader: Reader) -> None:
        """Held open, it would hold its disk space."""
        reader.write_and_read(1, 1)
        log.unlink()
        reader.read_on()
        assert reader.follower.file is None
        assert reader.kept is None

    def test_reads_a_file_made_anew(self, log: Path, reader: Reader) -> None:
        """A file that takes a deleted one's place is read from its beginning."""
        reader.write_and_read(1, 1)
        log.unlink()
        reader.read_on()
        write(log, 2, 2)
        assert reader.read() == [line(2)]

    def test_reads_a_file_made_anew_at_once(self, log: Path, reader: Reader) -> None:
        """The same if nobody looked in between."""
        reader.write_and_read(1, 1)
        log.unlink()
        write(log, 2, 2)
        assert reader.read_on() == [line(2)]


class TestRestart:
    def test_goes_on(self, log: Path, reader: Reader) -> None:
        """A new reader goes on at the byte where the old one stood."""
        append(log, "one\ntw")
        reader.read()
        reader.restart()
        append(log, "o\nthree\n")
        assert reader.read() == ["two", "three"]

    def test_goes_on_within_a_cut_line(self, log: Path) -> None:
        """The rest of a line that was cut is still dropped."""
        reader = Reader(log, limit=300)
        append(log, "x" * 400)
        reader.read()
        reader.restart()
        append(log, "x from 192.0.2.1\nnext\n")
        assert reader.read() == ["next"]

    def test_finds_a_renamed_file(self, log: Path, reader: Reader) -> None:
        """Rotated while nobody was reading, the old file is read to its end first."""
        reader.write_and_read(1, 2)
        write(log, 3, 4)
        rotate(log)
        write(log, 5, 6)
        reader.restart()
        assert reader.read_on() == lines(3, 6)

    def test_finds_a_renamed_file_without_a_successor(self, log: Path, reader: Reader) -> None:
        """The new file need not be there yet."""
        reader.write_and_read(1, 2)
        write(log, 3, 4)
        rotate(log)
        reader.restart()
        assert reader.read() == lines(3, 4)

    def test_finds_several_generations(self, log: Path, reader: Reader) -> None:
        """Rotated more than once while nobody was reading, all generations are read."""
        reader.write_and_read(1, 1)
        for number in (2, 3, 4):
            write(log, number, number)
            rotate(log)
        write(log, 5, 5)
        reader.restart()
        assert reader.read_on(times=3) == lines(2, 5)

    def test_goes_on_within_a_renamed_file(self, log: Path, reader: Reader) -> None:
        """A position in a file that was rotated away holds, too."""
        append(log, "x" * 100 + "\n")
        reader.read()
        append(log, "".join(f"line {number}\n" for number in range(20_000)))
        rotate(log)
        append(log, "last\n")
        reader.read_block()
        reader.restart()
        reader.read_on()
        assert reader.texts[1:] == [f"line {number}" for number in range(20_000)] + ["last"]

    def test_finds_a_copy(self, log: Path, reader: Reader) -> None:
        """Truncated while nobody was reading, the copy is read to its end first."""
        reader.write_and_read(1, 2)
        write(log, 3, 4)
        copytruncate(log)
        write(log, 5, 12)
        reader.restart()
        assert reader.read() == lines(3, 12)

    def test_knows_a_file_on_another_disk(self, log: Path, reader: Reader) -> None:
        """Neither device nor inode need be the same if the bytes are."""
        reader.write_and_read(1, 4)
        copy = log.with_name("copy")
        shutil.copy(log, copy)
        log.unlink()
        copy.replace(log)
        write(log, 5, 5)
        reader.restart()
        assert reader.read() == [line(5)]

    def test_is_not_deceived_by_a_reused_inode(self, log: Path, reader: Reader) -> None:
        """A new file with the old one's inode is read from its beginning."""
        reader.write_and_read(1, 2)
        reader.follower.close()
        with log.open("r+") as file:  # the same inode, other bytes
            file.write("\n".join(lines(11, 16)) + "\n")
        reader.restart()
        assert reader.read() == lines(11, 16)

    def test_says_what_may_be_lost(
        self, log: Path, reader: Reader, caplog: pytest.LogCaptureFixture
    ) -> None:
        """If the old file is gone, the log says how much of it was known unread."""
        append(log, "x" * 100 + "\n" + "y" * 200_000 + "\n")
        block = reader.follower.read(NOW)
        assert block is not None
        reader.read_block()
        assert reader.follower.position is not None
        offset = reader.follower.position.offset
        rotate(log)
        old = Path(f"{log}.1")
        reader.restart()
        with gzip.open(f"{old}.gz", "wb") as packed:
            packed.write(old.read_bytes())
        old.unlink()
        write(log, 1, 1)
        assert reader.read() == [line(1)]
        assert caplog.messages[-1] == (
            f"{log} is read from its beginning, and what it held is not to be found: "
            f"{200_102 - offset} bytes or more after byte {offset} were not read"
        )

    def test_waits_for_a_file_system(self, log: Path, reader: Reader) -> None:
        """While nothing is there, the position stays."""
        reader.write_and_read(1, 1)
        away = log.parent.with_name("away")
        log.parent.replace(away)
        reader.restart()
        assert reader.read() == []
        away.replace(log.parent)
        write(log, 2, 2)
        assert reader.read() == [line(2)]


class TestTrouble:
    def test_names_trouble_once(
        self, log: Path, reader: Reader, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What can't be read is named when that begins, and when it ends."""
        caplog.set_level(logging.INFO)
        log.mkdir()
        reader.read()
        reader.read()
        assert caplog.messages == [f"{log} cannot be read: {log} is no regular file"]
        log.rmdir()
        write(log, 1, 1)
        assert reader.read() == [line(1)]
        assert caplog.messages[1:] == [f"{log} can be read again"]

    def test_does_not_wait_for_a_pipe(self, log: Path, reader: Reader) -> None:
        """A named pipe without a writer holds nobody up."""
        os.mkfifo(log)
        assert reader.read() == []

    def test_stays_with_the_old_file(self, log: Path, reader: Reader) -> None:
        """If the new file can't be read, the old one isn't given up."""
        reader.write_and_read(1, 1)
        rotate(log)
        log.mkdir()
        reader.read_on()
        write(Path(f"{log}.1"), 2, 2)
        assert reader.read() == [line(2)]
        log.rmdir()
        write(log, 3, 3)
        assert reader.read_on() == [line(3)]

    def test_goes_on_when_rights_return(
        self, log: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file that could not be opened for a while is read from its place."""
        reader.write_and_read(1, 1)
        reader.restart()
        write(log, 2, 2)
        with monkeypatch.context() as patch:  # root may read anything
            patch.setattr("webfail2ban_tail.logfile.os.open", refuse)
            assert reader.read() == []
        assert reader.read() == [line(2)]


def refuse(*_: object) -> int:
    raise PermissionError(13, "Permission denied")


class TestRest:
    def test_reads_on_after_a_rest(self, log: Path, reader: Reader) -> None:
        """A file that was closed to save descriptors is opened when it grows."""
        reader.write_and_read(1, 1)
        reader.follower.rest()
        assert reader.read() == []
        assert reader.follower.file is None
        write(log, 2, 2)
        assert reader.read() == [line(2)]

    def test_reads_on_after_a_rotation_during_a_rest(self, log: Path, reader: Reader) -> None:
        """Rotation is seen, too."""
        reader.write_and_read(1, 1)
        reader.follower.rest()
        write(log, 2, 2)
        rotate(log)
        write(log, 3, 3)
        assert reader.read_on() == lines(2, 3)

    def test_does_not_rest_with_work_to_do(self, log: Path, reader: Reader) -> None:
        """What was not read yet is read without further change."""
        append(log, "x\n" * 200_000)
        reader.read_block()
        reader.follower.rest()
        reader.read()
        assert len(reader.texts) == 200_000


class TestLive:
    """Whether a line is read as it is written."""

    def read(self, reader: Reader) -> list[bool]:
        """Return, for each line that is there, whether it is live."""
        live = []
        while block := reader.follower.read(reader.now):
            live += [reader.follower.live] * len(block.texts)
            reader.follower.advance(block, reader.now)
        return live

    def restart(self, reader: Reader) -> None:
        reader.read()
        reader.restart()

    def test_what_was_there_is_old(self, log: Path, reader: Reader) -> None:
        """All the blocks of it."""
        write(log, 1, 10_000)
        assert not any(self.read(reader))

    def test_what_is_added_is_live(self, log: Path, reader: Reader) -> None:
        """Once the end was reached."""
        reader.write_and_read(1, 2)
        write(log, 3, 3)
        assert self.read(reader) == [True]

    def test_a_writer_that_never_pauses_is_caught_up_with(self, log: Path, reader: Reader) -> None:
        """The end is reached with a block that goes up to it, though more is there by then."""
        write(log, 1, 2)
        reader.read_block()
        write(log, 3, 3)
        assert self.read(reader) == [True]

    def test_begins_live_at_the_end(self, log: Path) -> None:
        """If nothing old is read, nothing is caught up with."""
        write(log, 1, 50)
        splitter = Splitter(300)
        follower = Follower(log, splitter, beginning=Beginning(0, lambda: NOW, splitter))
        assert follower.read(NOW) is None
        write(log, 51, 51)
        assert follower.read(NOW) is not None
        assert follower.live

    def test_what_was_missed_is_old(self, log: Path, reader: Reader) -> None:
        """After a restart, what was written meanwhile is caught up with."""
        write(log, 1, 2)
        self.restart(reader)
        write(log, 3, 3)
        assert self.read(reader) == [False]
        write(log, 4, 4)
        assert self.read(reader) == [True]

    def test_an_old_generation_is_old(self, log: Path, reader: Reader) -> None:
        """What a rotated file still held at the restart is, and what stood in the log by then."""
        write(log, 1, 2)
        self.restart(reader)
        write(log, 3, 3)
        rotate(log)
        write(log, 4, 4)
        live = self.read(reader)
        reader.pass_time()
        assert live + self.read(reader) == [False, False]
        write(log, 5, 5)
        assert self.read(reader) == [True]

    def test_a_copy_is_old(self, log: Path, reader: Reader) -> None:
        """The same where the log was copied and truncated."""
        write(log, 1, 2)
        self.restart(reader)
        write(log, 3, 3)
        copytruncate(log)
        write(log, 4, 4)
        assert self.read(reader) == [False, False]

    @pytest.mark.parametrize("turn", [rotate, copytruncate])
    def test_rotation_changes_nothing(
        self, log: Path, reader: Reader, turn: Callable[[Path], None]
    ) -> None:
        """What is written after it is read as it is written."""
        reader.write_and_read(1, 2)
        turn(log)
        write(log, 3, 3)
        live = self.read(reader)
        reader.pass_time()
        assert live + self.read(reader) == [True]

    def test_a_closed_file_stays_live(self, log: Path, reader: Reader) -> None:
        """One that only rests for the sake of descriptors was watched all the time."""
        reader.write_and_read(1, 2)
        reader.follower.rest()
        assert reader.follower.read(NOW) is None
        write(log, 3, 3)
        assert self.read(reader) == [True]

    def test_what_appears_may_be_old(self, log: Path, reader: Reader) -> None:
        """Somebody may have moved it there. Its dates tell."""
        reader.read()
        write(log, 1, 2)
        assert self.read(reader) == [False, False]
        write(log, 3, 3)
        assert self.read(reader) == [True]

    @pytest.mark.parametrize("directory", [True, False])
    def test_what_was_out_of_reach_is_old(
        self, tmp_path: Path, reader: Reader, *, directory: bool
    ) -> None:
        """Rights or a disk may have been missing for days."""
        log, elsewhere = reader.path, tmp_path / "elsewhere"
        elsewhere.mkdir()
        reader.write_and_read(1, 2)
        reader.follower.rest()
        log.replace(elsewhere / "held")
        if directory:
            log.mkdir()
        assert reader.follower.read(NOW) is None
        if directory:
            log.rmdir()
        (elsewhere / "held").replace(log)
        write(log, 3, 3)
        assert self.read(reader) == [False]

"""Whatever happens to a log, in whatever order: each line is read once, in its place."""

import tempfile
from io import TextIOWrapper
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.plugins.tail.conftest import Reader
from tests.plugins.tail.writing import copytruncate, line, lines, rotate
from webfail2ban_tail.position import DECISIVE


class AnySequence(RuleBasedStateMachine):
    """A writer, a rotator and a reader, each at work in its own time.

    What was written is known for each generation of the log: a line that was begun before
    rotation and ended after it is two lines.
    """

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "mail.log"
        self.generations = [""]
        self.count = 0
        self.holds_old = False  # the writer hasn't been told of a rotation yet
        self.writer = self.open()
        self.reader = Reader(self.path)
        self.reader.read()

    def open(self) -> TextIOWrapper:
        return self.path.open("a")

    def write(self, text: str) -> None:
        self.generations[-1] += text
        self.writer.write(text)
        self.writer.flush()

    @rule(count=st.sampled_from((1, 2, 3, 4000)))
    def write_lines(self, count: int) -> None:
        first, self.count = self.count + 1, self.count + count
        self.write("".join(f"{text}\n" for text in lines(first, self.count)))

    @rule()
    def write_a_part(self) -> None:
        self.count += 1
        self.write(f"{line(self.count)} and")

    @precondition(lambda self: not self.holds_old)
    @rule(create=st.booleans())
    def rename(self, *, create: bool) -> None:
        rotate(self.path)
        if create:
            self.path.touch()
        self.holds_old = True

    @precondition(lambda self: self.holds_old)
    @rule()
    def reopen(self) -> None:
        self.writer.close()
        self.writer = self.open()
        self.generations.append("")
        self.holds_old = False

    @precondition(lambda self: not self.holds_old)
    @rule()
    def truncate(self) -> None:
        if not self.knows_enough():
            self.reader.read()
        if self.knows_enough():
            copytruncate(self.path)
            self.generations.append("")

    def knows_enough(self) -> bool:
        """Return whether the reader could tell a copy by what it has read, or needs none."""
        position = self.reader.follower.position
        if position is None or self.path.stat().st_size == 0:
            return True
        status = self.path.stat()
        elsewhere = position.identity != (status.st_dev, status.st_ino)
        return elsewhere or position.offset >= DECISIVE

    @rule()
    def read(self) -> None:
        self.reader.read()

    @rule()
    def read_block(self) -> None:
        self.reader.read_block()

    @rule()
    def restart(self) -> None:
        self.reader.restart()

    @rule()
    def rest(self) -> None:
        self.reader.follower.rest()

    @precondition(lambda self: not self.holds_old)
    @rule()
    def pass_time(self) -> None:
        self.reader.pass_time()

    def teardown(self) -> None:
        if self.holds_old:
            self.reopen()
        self.write("\n")
        self.reader.read_on(times=len(self.generations))
        self.writer.close()
        self.reader.follower.close()
        self.directory.cleanup()
        written = [
            text
            for generation in self.generations
            for text in generation.removesuffix("\n").split("\n")
            if generation
        ]
        assert self.reader.texts == written


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=100, stateful_step_count=25)

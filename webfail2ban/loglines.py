"""Lines of one log that become `LogLine`s only when somebody looks at them.

Most lines mean nothing to anybody. Whoever searches a whole block takes the texts; making a value
of each line would cost as much as searching all of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import overload

from webfail2ban.model import LogLine


class LogLines(Sequence[LogLine]):
    """A block of lines of one source, all read at once.

    Args:
        texts: The lines, without line ends.
        source: The log source.
        program: The program, where the source knows it.
        live: Whether they are read as they are written.

    Attributes:
        texts: See above.
        about: What holds for all of them, as a line without a text.

    Raises:
        ValueError: a text holds a newline.
    """

    __slots__ = ("about", "texts")

    def __init__(
        self, texts: Sequence[str], source: str, *, program: str = "", live: bool = True
    ) -> None:
        if "\n" in "".join(texts):
            raise ValueError("a log line holds no newline")
        self.texts = texts
        self.about = LogLine("", source, None, program, live)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> LogLine: ...

    @overload
    def __getitem__(self, index: slice) -> "LogLines": ...

    def __getitem__(self, index: int | slice) -> "LogLine | LogLines":
        """Return one line, or some."""
        source, program, live = self.about.source, self.about.program, self.about.live
        if isinstance(index, slice):
            return LogLines(self.texts[index], source, program=program, live=live)
        return LogLine(self.texts[index], source, None, program, live)


def texts_of(lines: Sequence[LogLine]) -> Sequence[str]:
    """Return the texts of some lines."""
    return lines.texts if isinstance(lines, LogLines) else [line.text for line in lines]


def logs_of(lines: Sequence[LogLine]) -> Mapping[tuple[str, str], int]:
    """Return how many of some lines there are of each source and program."""
    if isinstance(lines, LogLines):
        return {(lines.about.source, lines.about.program): len(lines.texts)}
    sources = {line.source for line in lines}
    if len(sources) > 1:
        return Counter([(line.source, line.program) for line in lines])
    # Nearly always, and it takes half the time.
    programs = Counter([line.program for line in lines])
    return {(source, program): programs[program] for source in sources for program in programs}


def look_at(lines: Sequence[LogLine], index: int) -> tuple[str, LogLine]:
    """Return a line's text, and a line that is like it in everything else."""
    if isinstance(lines, LogLines):
        return lines.texts[index], lines.about
    line = lines[index]
    return line.text, line

"""Lines of one log that become `LogLine`s only when somebody looks at them.

Most lines mean nothing to anybody. Whoever searches a whole block takes the texts; making a value
of each line would cost as much as searching all of them.
"""

from collections.abc import Sequence
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

    Raises:
        ValueError: a text holds a newline.
    """

    __slots__ = ("_live", "_program", "_source", "texts")

    def __init__(
        self, texts: Sequence[str], source: str, *, program: str = "", live: bool = True
    ) -> None:
        if "\n" in "".join(texts):
            raise ValueError("a log line holds no newline")
        self.texts = texts
        self._source = source
        self._program = program
        self._live = live

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> LogLine: ...

    @overload
    def __getitem__(self, index: slice) -> "LogLines": ...

    def __getitem__(self, index: int | slice) -> "LogLine | LogLines":
        """Return one line, or some."""
        if isinstance(index, slice):
            return LogLines(self.texts[index], self._source, program=self._program, live=self._live)
        return LogLine(self.texts[index], self._source, None, self._program, self._live)


def texts_of(lines: Sequence[LogLine]) -> Sequence[str]:
    """Return the texts of some lines."""
    return lines.texts if isinstance(lines, LogLines) else [line.text for line in lines]

r"""Where one message ends and the next begins on a stream: RFC 6587, without I/O.

Two ways are in use and RFC 6587 names both; each frame shows by its beginning which one it is.

- Octet counting (3.4.1): ``LEN SP MSG``, taken only where ``MSG`` begins with its ``<`` as it must,
  so that no line that happens to begin with a number is mistaken for one.
- A newline behind each message (3.4.2, non-transparent framing).

Half an address is somebody else's address. So what is too long is cut behind a whole word, and a
counted message that the stream ends in the middle of is dropped. The last line may lack its
newline: it is as long as its sender made it.
"""

import re
from collections.abc import Mapping
from typing import Any, Self

#: A length, and the first byte of the message. Seven digits are far beyond every limit; what has
#: more is no length but the beginning of a line.
COUNT = re.compile(rb"([1-9][0-9]{0,6}) <")

#: What may still become a `COUNT` when more has arrived.
COUNT_BEGINS = re.compile(rb"[1-9][0-9]{0,6} ?")

#: What both begin with; nearly every line begins otherwise.
FIRST_DIGITS = b"123456789"


def shorten(message: bytes, limit: int) -> bytes:
    """Cut a message to whole words within a limit, in bytes; nothing is left of one long word.

    Whoever chooses a long user name must not choose where the address behind it is cut.
    """
    if len(message) <= limit:
        return message
    return message[: limit + 1].rpartition(b" ")[0]


class Framer:
    """Takes the bytes of one connection and gives its messages.

    Of a message that is longer than the limit, the first `limit` + 1 bytes are given: its taker
    sees that it is too long, and little more is ever kept.

    Args:
        limit: The longest message, in bytes.
    """

    def __init__(self, limit: int) -> None:
        self._wanted = limit + 1
        self._buffer = b""
        self._start = 0  # where in the buffer the next message begins
        self._skip = 0  # bytes of a long counted message that are still to be passed over
        self._skip_line = False  # whether the rest of a long line is to be passed over

    def feed(self, data: bytes) -> list[bytes]:
        """Take what arrived; return the messages that it completes, empty ones too."""
        self._buffer += data
        messages = []
        while (message := self._take()) is not None:
            messages.append(message)
        self._buffer = self._buffer[self._start :]
        self._start = 0
        return messages

    def dump(self) -> dict[str, Any]:
        """Return where it stands, as JSON values for `restore`."""
        return {
            "buffer": self._buffer.decode("latin-1"),
            "skip": self._skip,
            "skip_line": self._skip_line,
        }

    @classmethod
    def restore(cls, limit: int, dumped: Mapping[str, Any]) -> Self:
        """Return a framer that goes on where another one stood."""
        framer = cls(limit)
        framer._buffer = dumped["buffer"].encode("latin-1")
        framer._skip = dumped["skip"]
        framer._skip_line = dumped["skip_line"]
        return framer

    def finish(self) -> bytes:
        """Take the end of the stream; return the line that lacked its newline, or nothing."""
        rest, self._buffer = self._buffer, b""
        return b"" if COUNT.match(rest) else rest

    def _take(self) -> bytes | None:
        """Return the next message, None where more bytes are needed."""
        self._pass_over()
        if self._start == len(self._buffer):
            return None
        if self._buffer[self._start] not in FIRST_DIGITS:
            return self._take_line()
        count = COUNT.match(self._buffer, self._start)
        if count is not None:
            return self._take_counted(count.end() - 1, int(count[1]))
        if COUNT_BEGINS.fullmatch(self._buffer, self._start):
            return None
        return self._take_line()

    def _pass_over(self) -> None:
        """Go past the rest of a long message."""
        if self._skip:
            step = min(self._skip, len(self._buffer) - self._start)
            self._start += step
            self._skip -= step
        elif self._skip_line:
            newline = self._buffer.find(b"\n", self._start)
            self._start = newline + 1 if newline >= 0 else len(self._buffer)
            self._skip_line = newline < 0

    def _take_counted(self, begin: int, length: int) -> bytes | None:
        end = begin + min(length, self._wanted)
        if len(self._buffer) < end:
            return None
        self._start = end
        self._skip = length - (end - begin)
        return self._buffer[begin:end]

    def _take_line(self) -> bytes | None:
        begin = self._start
        newline = self._buffer.find(b"\n", begin)
        if newline >= 0:
            self._start = newline + 1
            return self._buffer[begin : min(newline, begin + self._wanted)]
        if len(self._buffer) - begin < self._wanted:
            return None
        self._start = len(self._buffer)
        self._skip_line = True
        return self._buffer[begin : begin + self._wanted]

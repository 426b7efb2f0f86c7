"""The logs that a command line names: files, standard input, or lines in quotes.

Logs are read block by block and never kept: they may be larger than memory.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader, BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, cast

from webfail2ban.commands.compression import DAMAGED, UnsupportedCompressionError, decompress
from webfail2ban.errors import InputFileError

#: What stands for standard input.
STDIN = "-"

#: Bytes that are read at a time.
BLOCK_SIZE = 256 * 1024

#: Bytes of a line that are kept: no log has such lines, but a file that is no log may be one.
MAX_LINE = 1024 * 1024


class Block(NamedTuple):
    """Some lines of a log.

    Attributes:
        lines: The lines without their ends.
        size: How far reading came with them, in bytes of the file, which may be an archive.
    """

    lines: list[str]
    size: int


@dataclass(frozen=True, slots=True)
class Log:
    """One log.

    Attributes:
        name: What people call it: the path, or what it is instead.
        source: Its name as a log source, as a jail's ``sources`` see it.
        size: Its size in bytes, packed if it is; None if that shows only at its end.
        open: Opens it for reading at its beginning.
        quoted: Whether it is made of lines of the command line.
    """

    name: str
    source: str
    size: int | None
    open: Callable[[], AbstractContextManager[BufferedReader]]
    quoted: bool = False

    def blocks(self) -> Iterator[Block]:
        r"""Yield the log's lines. Only ``\n`` ends one, and bytes that are no UTF-8 are replaced.

        Raises:
            InputFileError: the log can't be read, or an archive is damaged.
        """
        try:
            with self.open() as file:
                position = 0
                for lines in _split(decompress(file)):
                    before, position = position, position if self.size is None else file.tell()
                    yield Block(lines, position - before)
        except UnsupportedCompressionError as error:
            raise InputFileError(self.name, str(error)) from error
        except DAMAGED as error:
            raise InputFileError(self.name, f"is damaged: {error}") from error
        except OSError as error:
            raise InputFileError(self.name, error.strerror or f"is damaged: {error}") from error


def find_logs(names: Sequence[str]) -> list[Log]:
    """Return the logs that arguments name, in their order.

    An argument is the path of a file, ``-`` for standard input, or a line in quotes: whatever
    isn't there and has a blank. Lines that follow each other are one log.

    Raises:
        InputFileError: an argument is none of these.
    """
    logs: list[Log] = []
    for quoted, group in groupby(names, _is_line):
        some = list(group)
        logs += [_quoted_log(some)] if quoted else [_find_log(name) for name in some]
    return logs


def _is_line(name: str) -> bool:
    return name != STDIN and " " in name and not _exists(name)


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # longer than any name may be
        return False


def _find_log(name: str) -> Log:
    if name == STDIN:
        return Log("standard input", "tail:-", None, _stdin)
    path = Path(name)
    if not _exists(name):
        raise InputFileError(name, "there is no such file; a log line in its place needs a blank")
    if path.is_dir():
        raise InputFileError(name, "is a directory")
    size = path.stat().st_size if path.is_file() else None
    absolute = os.path.abspath(name)  # noqa: PTH100 - resolve() would follow links, tail doesn't
    return Log(name, f"tail:{absolute}", size, lambda: path.open("rb"))


def _quoted_log(lines: Sequence[str]) -> Log:
    """Make a log of arguments, which Python decoded: their bytes are what the shell passed."""
    data = b"".join(os.fsencode(line) + b"\n" for line in lines)
    return Log(
        "command line", "tail:-", len(data), lambda: BufferedReader(BytesIO(data)), quoted=True
    )


@contextmanager
def _stdin() -> Iterator[BufferedReader]:
    """Read standard input and leave it open: its descriptor must not be anybody else's."""
    stream = sys.stdin.buffer
    if isinstance(stream, BufferedReader):
        yield stream
        return
    reader: BufferedReader = BufferedReader(cast("Any", stream))  # some replace sys.stdin
    try:
        yield reader
    finally:
        reader.detach()


def _split(file: BufferedIOBase) -> Iterator[list[str]]:
    r"""Yield lines as they arrive; the last one need not end with ``\n``."""
    rest = b""
    while data := file.read1(BLOCK_SIZE):
        if len(rest) >= MAX_LINE:  # what follows of this line is left out
            _, newline, data = data.partition(b"\n")
            data = newline + data
        whole, newline, tail = data.rpartition(b"\n")
        if not newline:
            rest = (rest + tail)[:MAX_LINE]
            continue
        yield _decode(rest + whole)
        rest = tail
    if rest:
        yield _decode(rest)


def _decode(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").split("\n")

"""One open file and a place in it."""

import os
import stat
from errno import ENXIO
from pathlib import Path

from webfail2ban_tail.lines import ZERO, Block
from webfail2ban_tail.position import SAMPLE, Identity, Position, digest, read_samples

#: Bytes read at once: enough to make system calls cheap, little enough to be searched soon.
CHUNK = 128 * 1024

#: Non-blocking, or opening a named pipe would wait for its writer.
FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


#: A file and its state: device, inode, size, time of the last change in nanoseconds.
Signature = tuple[int, int, int, int]


class RewrittenError(Exception):
    """The bytes before the place have changed: the file was truncated, or is another log."""


class LogFile:
    """An open file that is read once, from a place to its end, as it grows.

    `peek` and `advance` take turns, so that the place moves on only when what lies before it was
    dealt with.

    Args:
        path: A regular file.

    Attributes:
        path: The path under which it was opened. It may have another by now.
        identity: Its device and inode.
        offset: The place of the next byte to read.
        cut: Whether that is within a line whose rest is to be dropped.
        size: How large it was at the last look.
        at_end: Whether `peek` returned all there was.

    Raises:
        OSError: it can't be opened, or is no regular file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, FLAGS)
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise OSError(f"{path} is no regular file")
        self.identity: Identity = status.st_dev, status.st_ino
        self.size = status.st_size
        self.offset = 0
        self.cut = False
        self.at_end = False
        self._head = self._tail = self._ahead = b""
        self._modified = -1
        self._unchanged = 0  # how many looks ago it had changed

    @property
    def descriptor(self) -> int:
        """The open file's descriptor."""
        return self._descriptor

    @property
    def deleted(self) -> bool:
        """Whether the file has no name any more."""
        return os.fstat(self._descriptor).st_nlink == 0

    @property
    def signature(self) -> Signature:
        """The file and its state at the last look."""
        return *self.identity, self.size, self._modified

    @property
    def position(self) -> Position:
        """The place, as something to keep."""
        head, tail = digest(self._head), digest(self._tail)
        return Position(*self.identity, self.offset, self.cut, head, tail, self.size)

    def seek(self, offset: int, *, cut: bool = False) -> None:
        """Go to a place in what has been written."""
        self._head, self._tail = read_samples(self._descriptor, offset)
        self.offset, self.cut, self._unchanged = offset, cut, 0

    def seek_end(self, limit: int) -> None:
        """Go to the last line that has no newline yet; to the end if there is none.

        A line that began before is not read from its middle: there it may hold what someone else
        wants us to take for a line.

        Args:
            limit: The most bytes in a line.
        """
        start = max(self.size - limit, 0)
        newline = os.pread(self._descriptor, limit, start).rfind(b"\n")
        if newline >= 0 or start == 0:
            self.seek(start + newline + 1)
        else:
            self.seek(self.size, cut=True)

    def peek(self) -> bytes:
        """Return the next bytes, `CHUNK` at most; none at the end.

        Zeros at the very end are left alone until something follows: on a network file system
        they may be bytes that haven't arrived.

        Raises:
            RewrittenError: the bytes before the place have changed.
            OSError: the file can't be read.
        """
        self._ahead = b""
        status = os.fstat(self._descriptor)
        # A change in the same tick of the kernel's clock has the same time: look twice.
        self._unchanged = self._unchanged + 1 if status.st_mtime_ns == self._modified else 0
        self._modified, self.size = status.st_mtime_ns, status.st_size
        self.at_end = True
        if self.size == self.offset and self._unchanged > 1:
            return b""
        while True:
            self._ahead = self._read()
            self.at_end = len(self._ahead) < CHUNK
            if self.at_end:
                self._ahead = self._ahead.rstrip(ZERO)
            elif not self._ahead.strip(ZERO) and self._leave_hole():
                continue
            return self._ahead

    def advance(self, block: Block) -> None:
        """Move on behind a block that was made of the bytes last returned."""
        passed = self._ahead[: block.size]
        if len(self._head) < SAMPLE:
            self._head += passed[: SAMPLE - len(self._head)]
        self._tail = (self._tail + passed[-SAMPLE:])[-SAMPLE:]
        self._ahead = b""
        self.offset += block.size
        self.cut = block.cut

    def read_at(self, offset: int, size: int) -> bytes:
        """Return the bytes at any place, fewer at the end, without moving."""
        return os.pread(self._descriptor, size, offset)

    def find_data(self, offset: int) -> int:
        """Return the first place that lies in no hole, from a place on."""
        try:
            return os.lseek(self._descriptor, offset, os.SEEK_DATA)
        except OSError as error:  # ENXIO: nothing but the hole follows
            return self.size if error.errno == ENXIO else offset

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _read(self) -> bytes:
        """Read on, and compare what was read before on the way."""
        known = len(self._tail)
        data = os.pread(self._descriptor, known + CHUNK, self.offset - known)
        if self.size < self.offset or not data.startswith(self._tail):
            raise RewrittenError
        return data[known:]

    def _leave_hole(self) -> bool:
        """Go to the end of a hole, which may be as large as the disk; return whether it is one."""
        data = self.find_data(self.offset)
        if data <= self.offset:
            return False
        self.seek(data, cut=self.cut)
        return True


def read_signature(path: Path) -> Signature | None:
    """Return which file a path leads to and its state; None if it leads nowhere."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def identify(path: Path) -> Identity | None:
    """Return which file a path leads to; None if it leads nowhere."""
    signature = read_signature(path)
    return signature and signature[:2]

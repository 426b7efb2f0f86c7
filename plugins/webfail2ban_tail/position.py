"""Where a followed file stands: which file it is, and which of its bytes comes next.

A name doesn't say which file it is, for rotation gives it to another; nor do device and inode, for
the inode of a deleted file is soon given to a new one, and devices are numbered anew at boot. So a
position also keeps a fingerprint of what was read: of the file's first bytes, and of the last ones
before the place. Logs are only appended to, so neither changes as long as it is the same log.
"""

import os
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

#: Bytes in each half of a fingerprint. The last ones should hold a time, so they must be longer
#: than the end of a web server's line, which is the browser's name.
SAMPLE = 512

#: A fingerprint of fewer bytes doesn't tell a file by itself: they may begin every file.
DECISIVE = 32

#: A file for as long as it exists: device and inode.
Identity = tuple[int, int]

_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file.

    Attributes:
        device: The file's device.
        inode: The file's inode.
        offset: The place of the next byte to read.
        cut: Whether it is within a line whose rest is to be dropped.
        head: A digest of the first bytes up to the place.
        tail: A digest of the last bytes before the place.
        size: How large the file was when it was last seen: what lies between was known unread.
    """

    device: int
    inode: int
    offset: _Count
    cut: bool
    head: str
    tail: str
    size: _Count = field(default=0, compare=False)

    @property
    def identity(self) -> Identity:
        """Which file it is, if it still exists."""
        return self.device, self.inode

    def matches(self, descriptor: int) -> bool:
        """Return whether an open file holds what was read, up to this place."""
        head, tail = read_samples(descriptor, self.offset)
        return self.head == digest(head) and self.tail == digest(tail)

    def to_json(self) -> dict[str, Any]:
        """Return the position as a JSON value."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "Position":
        """Return the position that a JSON value holds.

        Raises:
            ValueError: it holds none.
        """
        try:
            return _adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(f"no position in a file: {error}") from error


_adapter = TypeAdapter(Position)


def read_samples(descriptor: int, offset: int) -> tuple[bytes, bytes]:
    """Return the first bytes of an open file, and the last ones before a place in it.

    Both are shorter if the file is, and never reach beyond the place.
    """
    size = min(SAMPLE, offset)
    return os.pread(descriptor, size, 0), os.pread(descriptor, size, offset - size)


def digest(sample: bytes) -> str:
    """Return what stands for some bytes: a log's text belongs into no other file."""
    return blake2b(sample, digest_size=16).hexdigest()

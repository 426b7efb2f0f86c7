"""A list as a file: what is known of it, and its table, ready to be read without thinking.

The process that downloads a list writes this file, the engine reads it in small pieces; it is also
what a start without network has. Whoever finds it damaged or of another version does without it.
"""

import json
import os
import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, Self
from zlib import crc32

from webfail2ban_blocklist.table import COLUMNS, NETWORKS, AddressTable, make_columns

MAGIC = b"webfail2ban list"

#: Any other is not read: the list is downloaded again.
VERSION = 2

#: Version, length of the head, checksum of head and table.
PREFIX = struct.Struct("<HII")

#: A head is a few thousand bytes.
LONGEST_HEAD = 1_000_000

#: Bytes that are read between two verdicts: reading and checking them takes some 0.1 ms.
PIECE = 128 * 1024


class ListFileError(Exception):
    """A file that holds no list that this version can read."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that isn't in force.

    Attributes:
        line: Its number, or the item's, from 1.
        text: What it says, cut.
        why: What is wrong with it.
    """

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class ListInfo:
    """What is known of a list.

    Attributes:
        source: A hash of where it came from, and how it was read.
        fetched: When, in seconds since the epoch.
        entries: How many entries are in force.
        ranges: How many ranges they make, merged.
        ipv4: How many IPv4 addresses are in them.
        rejected: How many lines were no entry, or were refused.
        ignored: How many lines were of no interest: names.
        examples: The first that were rejected.
        etag: The server's name for this state of the list; empty if it has none.
        modified: When the list was changed, in the server's words; empty if it didn't say.
    """

    source: str
    fetched: float
    entries: int
    ranges: int
    ipv4: int
    rejected: int = 0
    ignored: int = 0
    examples: tuple[Rejected, ...] = ()
    etag: str = ""
    modified: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Make one of what `asdict` made.

        Raises:
            TypeError: it isn't that.
        """
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        examples = tuple(Rejected(**example) for example in known.pop("examples", ()))
        return cls(**known, examples=examples)


def write_list(path: Path, info: ListInfo, columns: Sequence["array[int]"]) -> None:
    """Write a list; it is on the disk when this returns.

    Raises:
        OSError: that failed.
    """
    facts = {
        "byteorder": sys.byteorder,
        "info": asdict(info),
        "lengths": [len(column) for column in columns],
    }
    head = json.dumps(facts).encode()
    checksum = crc32(head)
    for column in columns:
        checksum = crc32(column, checksum)
    with path.open("wb") as file:
        file.write(MAGIC + PREFIX.pack(VERSION, len(head), checksum) + head)
        for column in columns:
            column.tofile(file)
        file.flush()
        os.fsync(file.fileno())


def read_list(path: Path, pause: Callable[[], object]) -> tuple[ListInfo, AddressTable]:
    """Read a list.

    Args:
        path: The file.
        pause: Called after each little piece, to let others have their turn.

    Raises:
        OSError: it can't be read.
        ListFileError: it is damaged, or another version wrote it.
    """
    with path.open("rb") as file:
        head, checksum = _read_head(file)
        try:
            facts = json.loads(head)
            info = ListInfo.from_json(facts["info"])
            lengths = [int(length) for length in facts["lengths"]]
            order = facts["byteorder"]
        except (ValueError, TypeError, KeyError) as error:
            raise ListFileError("its head makes no sense") from error
        if order != sys.byteorder or len(lengths) != len(COLUMNS):
            raise ListFileError("another machine wrote it")
        columns = make_columns()
        found = crc32(head)
        for column, length in zip(columns, lengths, strict=True):
            found = _read_column(file, column, length, found, pause)
    if found != checksum or len(columns[0]) != NETWORKS + 1:
        raise ListFileError("its checksum is wrong")
    return info, AddressTable(columns)


def _read_head(file: BinaryIO) -> tuple[bytes, int]:
    """Return the head and the checksum."""
    prefix = file.read(len(MAGIC) + PREFIX.size)
    if not prefix.startswith(MAGIC) or len(prefix) != len(MAGIC) + PREFIX.size:
        raise ListFileError("it is no list")
    version, length, checksum = PREFIX.unpack(prefix[len(MAGIC) :])
    if version != VERSION:
        raise ListFileError(f"it is of version {version}, and this one reads {VERSION}")
    if length > LONGEST_HEAD:
        raise ListFileError("its head is too long")
    return file.read(length), checksum


def _read_column(
    file: BinaryIO, column: "array[int]", length: int, checksum: int, pause: Callable[[], object]
) -> int:
    """Fill a column; return the checksum up to its end."""
    left = length * column.itemsize
    while left > 0:
        piece = file.read(min(left, PIECE))
        if not piece or len(piece) % column.itemsize:
            raise ListFileError("its end is missing")
        left -= len(piece)
        checksum = crc32(piece, checksum)
        column.frombytes(piece)
        pause()
    return checksum

"""One database, in a copy of its own.

A file that is mapped into memory and then cut short ends the whole process: reading behind its
end is SIGBUS, which nobody can catch. Operators copy over files, and downloads break off. So the
file is copied into anonymous memory, which is ours alone, and that is mapped: as fast, and as
large as the file.
"""

import os
import stat
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import maxminddb
from gevent import get_hub

from webfail2ban import Address
from webfail2ban_geoip.place import NOWHERE, Place, read_place

#: A larger file is none that anybody sells.
LARGEST = 2 * 1024**3

#: Bytes that are copied in one go.
PIECE = 4 * 1024**2

#: Addresses of each version that are looked up before a database is used: one that is damaged in
#: the middle, as by a download that went on where another had stopped, shows it then.
SAMPLES = 2048

#: Look-ups between two pauses: well below a millisecond.
SLICE = 32

#: Records that are read to learn what a database knows.
RECORDS = 256

#: IPv6 addresses that are given out are all below this (RFC 4291, 2.4), in this many bits.
GLOBAL_IPV6, GLOBAL_IPV6_BITS = 0x2000 << 112, 125

IPV4_BITS = 32


class DatabaseError(ValueError):
    """A file that can't be used as a database, or not now; the sentence goes on behind its name."""


class Signature(NamedTuple):
    """What tells one state of a file from the next."""

    device: int
    inode: int
    changed: int
    size: int


def sign(path: Path) -> Signature:
    """Look at a file.

    Raises:
        DatabaseError: it isn't there, or is no file.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise DatabaseError(f"can't be read: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise DatabaseError("is no file")
    return Signature(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)


class Database:
    """A database that is open.

    Args:
        memory: The descriptor of a copy; `close` closes it.
        pause: Called between slices of work.

    Raises:
        DatabaseError: it is no database, or a damaged one; the descriptor stays open.

    Attributes:
        kind: What it calls itself: ``GeoLite2-Country``.
        built: When it was made, in seconds since the epoch.
        nodes: How many nodes its tree has: about as many as networks.
        size: Its bytes.
        knows: The beginnings of the words that its first records give.
        failed: How many look-ups found it damaged.
    """

    def __init__(self, memory: int, pause: Callable[[], object] = lambda: None) -> None:
        self._memory = memory
        self.failed = 0
        try:
            # By C where there is a build for this machine, else by Python, ten times slower.
            self._reader = maxminddb.open_database(f"/proc/self/fd/{memory}")
        except (maxminddb.InvalidDatabaseError, OSError, ValueError) as error:
            raise DatabaseError("is no MMDB database, or only a part of one") from error
        about = self._reader.metadata()
        self.size = os.fstat(memory).st_size
        self.kind = about.database_type
        self.built = float(about.build_epoch)
        self.nodes = about.node_count
        self._ipv6 = about.ip_version == 6  # noqa: PLR2004 - the version's name
        try:
            self.knows = self._learn(pause)
            self._try(pause)
        except BaseException:
            self._reader.close()
            raise

    def find(self, address: Address) -> Place:
        """Look an address up."""
        if not self._ipv6 and address.version != 4:  # noqa: PLR2004 - the version's name
            return NOWHERE
        try:
            return read_place(self._reader.get(address))
        except maxminddb.InvalidDatabaseError:
            self.failed += 1
            return NOWHERE

    def close(self) -> None:
        """Give its memory back."""
        self._reader.close()
        # Millions of pages take the kernel a while.
        get_hub().threadpool.spawn(os.close, self._memory)

    def _learn(self, pause: Callable[[], object]) -> frozenset[str]:
        """Return what kinds of words its first records give."""
        found: set[str] = set()
        about = self._reader.metadata()
        if about.node_count * about.record_size // 4 >= self.size:
            raise DatabaseError("is only a part of a database")
        try:
            for number, (_, record) in enumerate(islice(self._reader, RECORDS)):
                place = read_place(record)
                found.update(
                    name for name in ("country", "continent", "asn") if getattr(place, name)
                )
                if not number % SLICE:
                    pause()
        except (maxminddb.InvalidDatabaseError, ValueError) as error:
            raise DatabaseError(f"is damaged: {error}") from error
        return frozenset(found)

    def _try(self, pause: Callable[[], object]) -> None:
        """Look addresses all over the world up."""
        for number in range(SAMPLES):
            self.find(IPv4Address((number << IPV4_BITS) // SAMPLES))
            self.find(IPv6Address(GLOBAL_IPV6 | (number << GLOBAL_IPV6_BITS) // SAMPLES))
            if self.failed:
                raise DatabaseError("is damaged: it points behind its own end")
            if not number % SLICE:
                pause()


def open_database(
    path: Path, signature: Signature, pause: Callable[[], object] = lambda: None
) -> Database:
    """Open a copy of a file.

    Args:
        path: The file.
        signature: What was seen of it; a file that has changed since is being written.
        pause: Called between slices of work; copying is done in a thread besides.

    Raises:
        DatabaseError: it can't be read, is no database or is being written.
    """
    if signature.size > LARGEST:
        raise DatabaseError(f"has more than {LARGEST} bytes")
    try:
        memory = os.memfd_create("geoip", os.MFD_CLOEXEC)
    except OSError as error:
        raise DatabaseError(f"can't be copied into memory: {error.strerror}") from error
    try:
        get_hub().threadpool.apply(_copy, (path, signature, memory))
        return Database(memory, pause)
    except OSError as error:
        os.close(memory)
        raise DatabaseError(f"can't be read: {error.strerror}") from error
    except BaseException:
        os.close(memory)
        raise


def _copy(path: Path, signature: Signature, memory: int) -> None:
    """Copy a file, in a thread; others go on meanwhile, for it is all the kernel's work.

    Raises:
        OSError: it can't be read.
        DatabaseError: it is being written.
    """
    with path.open("rb") as file:
        copied = 0
        while piece := os.sendfile(memory, file.fileno(), copied, PIECE):
            copied += piece
            if copied > signature.size:
                break
    if copied != signature.size or sign(path) != signature:
        raise DatabaseError("is being written")

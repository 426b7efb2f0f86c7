"""The process that gets a list: downloads, unpacks, reads, refuses, sorts and writes it.

A list of a million lines takes seconds of computing, and a hostile one as much memory as it is
given; neither may ever be the engine's.
"""

import os
import resource
import signal
import stat
import sys
import time
from array import array
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from webfail2ban import parse_network
from webfail2ban_blocklist.bounded import CorruptError, TooLargeError, open_text
from webfail2ban_blocklist.download import Downloaded, DownloadError, Wanted, download
from webfail2ban_blocklist.entries import IPV4, IPV6, parse_entry, show_span
from webfail2ban_blocklist.formats import FormatError, Reader
from webfail2ban_blocklist.guard import Guard
from webfail2ban_blocklist.halves import Ranges6
from webfail2ban_blocklist.job import FAILED, NEW, PROGRESS, UNCHANGED, Job, Report
from webfail2ban_blocklist.listfile import ListInfo, Rejected, write_list
from webfail2ban_blocklist.ranges import Ranges4
from webfail2ban_blocklist.table import AddressTable

#: Verdicts come first where processors are few.
NICE = 5

#: Rejected lines that are shown, and how much of each.
SHOWN = 5
SHOWN_TEXT = 60

#: Seconds between two reports of how far it is.
REPORT_EVERY = 0.5

#: Entries between two looks at the clock.
LOOK_EVERY = 50_000

#: Bytes of memory besides the list itself: JSON takes ten times its size.
MEMORY = 512 * 1024 * 1024
MEMORY_FACTOR = 16


class Progress:
    """Tells the engine now and then how far it is."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._said = 0.0

    def say(self, words: str) -> None:
        """Tell, unless something was told just now."""
        now = time.monotonic()
        if now - self._said >= REPORT_EVERY:
            self._said = now
            self.send(Report(PROGRESS, words))

    def send(self, report: Report) -> None:
        """Tell."""
        self._output.write(report.dump())
        self._output.flush()


class Digest:
    """Entries that are in force, and those that aren't.

    Args:
        guard: Refuses entries.
        max_entries: How many there may be.
    """

    def __init__(self, guard: Guard, max_entries: int) -> None:
        self._guard = guard
        self._max_entries = max_entries
        self._ipv4 = Ranges4()
        self._ipv6 = Ranges6()
        self.entries = 0
        self.rejected = 0
        self.examples: list[Rejected] = []

    def take(self, reader: Reader, text: TextIO, progress: Progress) -> None:
        """Take a list.

        Raises:
            FormatError: it isn't of its form.
            TooLargeError: it has too many entries.
        """
        candidates = reader.read(text)
        add = {IPV4: self._ipv4.add, IPV6: self._ipv6.add}
        refuse = self._guard.find_refusal
        total = 0
        while True:
            seen = 0
            for number, entry in islice(candidates, LOOK_EVERY):
                seen += 1
                try:
                    span = parse_entry(entry)
                except ValueError as error:
                    self._reject(number, entry, str(error))
                    continue
                why = refuse(span)
                if why is not None:
                    self._reject(number, entry, f"{show_span(span)} {why}")
                    continue
                version, first, last = span
                add[version](first, last)
            total += seen
            self.entries = total - self.rejected
            if self.entries > self._max_entries:
                raise TooLargeError(f"has more than {self._max_entries} entries")
            if seen < LOOK_EVERY:
                return
            progress.say(f"reads entry {self.entries:,}")

    def _reject(self, number: int, text: str, why: str) -> None:
        self.rejected += 1
        if len(self.examples) < SHOWN:
            self.examples.append(Rejected(number, text[:SHOWN_TEXT], why[:200]))

    def columns(self) -> tuple["array[int]", ...]:
        """Return the table's columns; only once."""
        return (*self._ipv4.take_columns(), *self._ipv6.take_columns())


def main() -> None:
    """Do the job that stands on standard input."""
    job = Job.load(sys.stdin.buffer.readline())
    progress = Progress(sys.stdout.buffer)
    os.nice(NICE)
    limit = MEMORY + MEMORY_FACTOR * job.max_size
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(job.deadline) + 1)  # whatever hangs, and whoever started us
    progress.send(do(job, progress))


def do(job: Job, progress: Progress) -> Report:
    """Get a list; say what came of it."""
    raw = Path(f"{job.output}.raw")
    try:
        if job.url:
            found = _download(job, raw, progress)
            if found is None:
                return Report(UNCHANGED)
            return _digest(job, raw, found, progress)
        return _digest(job, Path(job.path), Downloaded("", ""), progress)
    except DownloadError as error:
        return Report(FAILED, error.words, error.retry_after)
    except (FormatError, TooLargeError, CorruptError, MemoryError, OSError) as error:
        return Report(FAILED, _explain(error))
    finally:
        with suppress(OSError):
            raw.unlink(missing_ok=True)


def _explain(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "the list takes too much memory to read"
    if not isinstance(error, OSError):
        return f"the list {error}"
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _download(job: Job, raw: Path, progress: Progress) -> Downloaded | None:
    wanted = Wanted(
        job.url,
        job.headers,
        job.ca_file,
        job.timeout,
        job.max_size,
        job.etag,
        job.modified,
    )

    def say(size: int, length: int | None) -> None:
        of = f" of {length:,}" if length is not None else ""
        progress.say(f"has downloaded {size:,}{of} bytes")

    with raw.open("wb") as target:
        return download(wanted, target, say)


def _digest(job: Job, source: Path, found: Downloaded, progress: Progress) -> Report:
    guard = Guard((parse_network(text), whose) for text, whose in job.protected)
    digest = Digest(guard, job.max_entries)
    reader = Reader(job.format, job.column, job.delimiter, job.json_path)
    with source.open("rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "is no file", str(source))
        with open_text(file, job.max_size) as text:
            digest.take(reader, text, progress)
    columns = digest.columns()
    table = AddressTable(columns)
    info = ListInfo(
        source=job.source,
        fetched=job.now,
        entries=digest.entries,
        ranges=len(table),
        ipv4=sum(table.v4_last) - sum(table.v4_first) + len(table.v4_first),
        rejected=digest.rejected,
        ignored=reader.ignored,
        examples=tuple(digest.examples),
        etag=found.etag,
        modified=found.modified,
    )
    write_list(Path(job.output), info, columns)
    return Report(NEW, info=asdict(info))


if __name__ == "__main__":
    main()

"""One followed path, through all the files that it leads to in the course of time."""

import logging
from math import inf
from pathlib import Path

from webfail2ban_tail.beginning import Beginning
from webfail2ban_tail.lines import Block, Splitter
from webfail2ban_tail.linger import LINGER, Linger
from webfail2ban_tail.logfile import LogFile, RewrittenError, Signature, identify, read_signature
from webfail2ban_tail.position import Position
from webfail2ban_tail.search import open_at, open_next

log = logging.getLogger(__name__)

#: Seconds between two complaints about the same file.
COMPLAINT_PAUSE = 60.0


class Follower:
    """Reads a log from where it stood, each byte once, whatever rotation does to it.

    `read` and `advance` take turns: what `read` returned is returned again until `advance` says
    that it was dealt with.

    Args:
        path: The log's path. Nothing need be there.
        splitter: Makes lines of bytes.
        position: Where the log stood; None if it is new.
        beginning: Where to begin in a log that is new, but there already; without it at its
            first byte.
        linger: Seconds for which a rotated file must have been left alone.

    Attributes:
        path: The log's path.
        file: The file that is open, if any.
        wake_at: When to call `read` again though nothing seems to have happened: a time.
        cut_lines: How many lines were too long.
        trouble: Why the log can't be read; empty if it can.
        live: Whether what `read` returns was written since its end was last reached, so just now;
            else it may be old. A log that can't be found or read may be written to all the same.
    """

    def __init__(
        self,
        path: Path,
        splitter: Splitter,
        *,
        position: Position | None = None,
        beginning: Beginning | None = None,
        linger: float = LINGER,
    ) -> None:
        self.path = path
        self.file: LogFile | None = None
        self.wake_at = inf
        self.cut_lines = 0
        self.live = False
        self._splitter = splitter
        self._position = position
        self._beginning = beginning
        self._linger_seconds = linger
        self._linger = Linger(linger)
        self._resting: Signature | None = None
        self.trouble = ""
        self._complain_at = -inf

    @property
    def position(self) -> Position | None:
        """Where the log stands: everything before was dealt with. None if there is no log."""
        return self.file.position if self.file else self._position

    def read(self, now: float) -> Block | None:
        """Read what comes next.

        Args:
            now: The time.

        Returns:
            Some lines, or bytes that hold none; None if there is nothing more for now.
        """
        self.wake_at = inf
        try:
            block = self._read(now)
        except OSError as error:
            self.live = False
            self._report(error.strerror or str(error))
            return None
        if self.file:
            self._report("")
        return block

    def advance(self, block: Block, now: float) -> None:
        """Move on behind the block that `read` returned."""
        assert self.file is not None  # noqa: S101 - it was just read
        self.file.advance(block)
        self.live = self.live or self._is_at_end(self.file)
        self.cut_lines += block.cut_lines
        if block.cut_lines and not self._complain_at - COMPLAINT_PAUSE <= now < self._complain_at:
            self._complain_at = now + COMPLAINT_PAUSE
            log.warning(
                "%s has lines of more than %d bytes: the rest of them is dropped, %d so far",
                self.path,
                self._splitter.limit,
                self.cut_lines,
            )

    def rest(self) -> None:
        """Close the file until something happens to it: descriptors are few."""
        if self.file and identify(self.path) == self.file.identity:
            unread = self.file.offset < self.file.size
            self._resting = None if unread else self.file.signature
            self.close()

    def forget(self) -> None:
        """Give up where the log stood: whatever comes next is new, and read from its beginning."""
        self.close()
        self._position = None

    def close(self) -> None:
        """Close the file."""
        if self.file:
            self._position = self.file.position
            self.file.close()
            self.file = None

    def _read(self, now: float) -> Block | None:
        """Read from the file that is open, or the one that should be."""
        if self.file is None:
            self._open()
        file = self.file
        if file is None:
            return None
        try:
            data = file.peek()
        except RewrittenError:
            self.close()
            return self._read(now)
        except OSError:
            self.close()
            raise
        block = self._splitter.split(data, cut=file.cut)
        return block if block.size else self._finish(file, data, now)

    def _finish(self, file: LogFile, rest: bytes, now: float) -> Block | None:
        """Go on behind the last whole line: wait for more, or leave the file for the next one."""
        here = identify(self.path)
        if here == file.identity or (here is None and not file.deleted):
            self._linger.cancel()
            self.live = True
            return None
        if not self._linger.is_over(file.size, now, awaited=self._is_awaited()):
            self.wake_at = self._linger.ends_at
            return None
        if rest:
            return self._splitter.split(rest, cut=file.cut, final=True)
        successor = open_next(self.path, file)
        if successor is None and not file.deleted:
            return None
        if now < self._linger.ends_at:
            log.warning(
                "%s was rotated long ago and is still written to: left all the same", file.path
            )
        self.forget()
        if successor is None:
            return None
        self._begin(successor)
        return self._read(now)

    def _is_at_end(self, file: LogFile) -> bool:
        """Return whether all has been read, of the log itself rather than of an old file."""
        return file.at_end and identify(self.path) == file.identity

    def _is_awaited(self) -> bool:
        """Return whether there is something to read at the path."""
        signature = read_signature(self.path)
        return signature is not None and signature[2] > 0

    def _open(self) -> None:
        """Open the file to read from next, if it is there and isn't resting."""
        if self._resting is not None and self._resting == read_signature(self.path):
            return
        self._resting = None
        position = self._position
        file = open_at(self.path, position) if position else None
        if file is None:
            try:
                file = LogFile(self.path)
            except FileNotFoundError:
                self.live = False
                return
            self._place(file, position)
        self._begin(file)
        if position and position.identity != file.identity and file.path != self.path:
            self._linger = Linger(0)  # nobody writes to a copy

    def _place(self, file: LogFile, position: Position | None) -> None:
        """Find the place to begin at in a file that wasn't read before."""
        if position is None:
            if self._beginning:
                self._begin_within(file, self._beginning)
            return
        unread = max(position.size - position.offset, 0)
        behind = f"after byte {position.offset}"
        log.log(
            logging.WARNING if unread else logging.INFO,
            "%s is read from its beginning, and what it held is not to be found: %s not read",
            self.path,
            f"{unread} bytes or more {behind} were" if unread else f"what was written {behind} was",
        )

    def _begin_within(self, file: LogFile, beginning: Beginning) -> None:
        """Find the place to begin at in a log that was there before us."""
        try:
            beginning.place(file)
        except OSError:
            file.close()
            raise

    def _begin(self, file: LogFile) -> None:
        """Read from a file from now on."""
        self.file = file
        self._beginning = None
        self._linger = Linger(self._linger_seconds)

    def _report(self, trouble: str) -> None:
        """Log what is wrong with the file, once, and when it is well again."""
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if trouble:
            log.warning("%s cannot be read: %s", self.path, trouble)
        else:
            log.info("%s can be read again", self.path)

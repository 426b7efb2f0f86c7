"""One list: when it is refreshed, what is in force, what is held, and how that goes."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from secrets import SystemRandom

from gevent.event import Event
from gevent.lock import BoundedSemaphore, RLock

from webfail2ban import ActionError
from webfail2ban_blocklist.holding import find_reason_to_hold
from webfail2ban_blocklist.job import FAILED, UNCHANGED, Job, Report
from webfail2ban_blocklist.listfile import ListFileError, ListInfo, read_list
from webfail2ban_blocklist.settings import FeedSettings
from webfail2ban_blocklist.table import AddressTable

log = logging.getLogger(__name__)

#: Seconds before a list that failed is tried again; doubled each time, up to its refresh.
FIRST_PAUSE = 60.0

#: Doublings of that: any refresh is reached before.
MAX_DOUBLINGS = 20

#: The longest sleep: a clock that is set must not delay a refresh for long.
LONGEST_NAP = 60.0

random = SystemRandom()

#: What tells one state of a file from the next.
Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A list that waits for somebody to accept it."""

    info: ListInfo
    why: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all lists share.

    Attributes:
        directory: Where they are kept.
        now: The clock, in seconds since the epoch.
        run: Has a list got; see `process.run_job`.
        protected: Returns the networks that no list may ban, with whose they are.
        give_way: Lets verdicts pass.
        changed: Called when what is in force has changed.
        turnstile: Lets so many at a time have a list got.
    """

    directory: Path
    now: Callable[[], float]
    run: Callable[[Job, Callable[[str], object]], Report]
    protected: Callable[[], Sequence[tuple[str, str]]]
    give_way: Callable[[], object]
    changed: Callable[[], object]
    turnstile: BoundedSemaphore


class Feed:
    """A list.

    Args:
        name: Its name.
        settings: Where it is, and how it is read.
        around: What it shares with others.

    Attributes:
        table: What is in force.
        info: What is known of that; None if there is nothing.
        held: What waits; None if nothing does.
        checked: When the server, or the file, last said that this is the list; None if never.
        trouble: Why the last attempt failed; empty if it didn't.
        activity: What is done right now; empty for nothing.
        failing: How many attempts have failed since the last that didn't.
        hits: How many questions were about somebody on it.
        refreshes: How many attempts succeeded.
        failures: How many failed.
        due: When the next attempt is.
        taken: The state of the file that was read last.
    """

    def __init__(self, name: str, settings: FeedSettings, around: Surroundings) -> None:
        self.name = name
        self.settings = settings
        self._around = around
        self.now = around.now
        self._wake = Event()
        self._lock = RLock()
        self._seen: Signature | None = None
        self.table = AddressTable.empty()
        self.info: ListInfo | None = None
        self.held: Held | None = None
        self.checked: float | None = None
        self.trouble = ""
        self.activity = ""
        self.failing = 0
        self.hits = 0
        self.refreshes = 0
        self.failures = 0
        self.due = -inf
        self.taken: Signature | None = None

    @property
    def age(self) -> float | None:
        """For how many seconds nobody has said that this is the list; None if there is none."""
        return None if self.checked is None else max(self.now() - self.checked, 0.0)

    @property
    def _list_path(self) -> Path:
        return self._around.directory / f"{self.name}.list"

    @property
    def _held_path(self) -> Path:
        return self._around.directory / f"{self.name}.held"

    @property
    def _part_path(self) -> Path:
        return self._around.directory / f".{self.name}.{os.getpid()}.{id(self):x}.part"

    def load(self) -> None:
        """Put in force what an earlier process kept."""
        found = self._read(self._list_path)
        if found is None:
            return
        self.info, self.table = found
        self.checked = self._list_path.stat().st_mtime
        self._plan()
        held = self._read(self._held_path)
        if held is not None:
            why = find_reason_to_hold(self.info, held[0])
            self.held = Held(held[0], why) if why else None

    def take_over(self, old: "Feed") -> None:
        """Go on where another one of the same name stood, if it is the same list."""
        if old.settings.source != self.settings.source or old.info is None:
            return
        self.table, self.info, self.held, self.checked = old.table, old.info, old.held, old.checked
        self.trouble, self.failing = old.trouble, old.failing
        self.hits, self.refreshes, self.failures = old.hits, old.refreshes, old.failures
        self.taken = old.taken
        self.due = old.due
        if self.settings.local is None and not self.failing:
            self._plan()

    def run(self) -> None:
        """Refresh it whenever that is due, for ever."""
        while True:
            left = self.due - self.now()
            if left > 0:
                self._wake.wait(min(left, LONGEST_NAP))
                self._wake.clear()
                continue
            self.refresh()

    def hurry(self) -> None:
        """Have it refreshed now."""
        self.due = -inf
        self._wake.set()

    def look(self) -> None:
        """Look whether the file has changed: it is read when it has stood still for a moment."""
        try:
            seen = self._sign()
        except OSError as error:
            self._seen = self.taken = None
            if not self.trouble:
                self._fail(Report(FAILED, f"{error.filename}: {error.strerror}"))
            return
        still = seen == self._seen
        self._seen = seen
        if still and seen != self.taken:
            self.hurry()

    def refresh(self) -> None:
        """Get the list, and put it in force if it is sane."""
        part = self._part_path
        self.activity = "waits for its turn"
        try:
            with self._around.turnstile:
                self.activity = "asks for the list"
                self.taken = self._sign()
                report = self._around.run(self._make_job(part), self._say)
            self._take(report, part)
        except OSError as error:
            reason = error.strerror or str(error)
            self._fail(Report(FAILED, f"{error.filename}: {reason}" if error.filename else reason))
        finally:
            self.activity = ""
            part.unlink(missing_ok=True)
            part.with_name(f"{part.name}.raw").unlink(missing_ok=True)

    def accept(self) -> ListInfo:
        """Put in force what is held.

        Raises:
            ActionError: nothing is, or it can't be read any more.
        """
        with self._lock:
            if self.held is None:
                raise ActionError(f"no new list of {self.name} is held")
            found = self._read(self._held_path)
            if found is None:
                self.held = None
                raise ActionError(f"the list of {self.name} that was held can't be read any more")
            self._install(found, self._held_path)
            log.warning("blocklist: %s: what was held is accepted", self.name)
            return found[0]

    def _sign(self) -> Signature | None:
        """Return what tells one state of the file from the next; None if there is no file.

        Raises:
            OSError: it isn't there.
        """
        if self.settings.local is None:
            return None
        found = self.settings.local.stat()
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size

    def _say(self, words: str) -> None:
        self.activity = words

    def _make_job(self, part: Path) -> Job:
        settings = self.settings
        known = self.held.info if self.held else self.info
        local = settings.local
        url = settings.url.get_secret_value() if settings.url and local is None else ""
        return Job(
            source=settings.source,
            output=str(part),
            url=url,
            path=str(local or ""),
            format=settings.format,
            column=settings.column or 1,
            delimiter=settings.delimiter,
            json_path=settings.json_path,
            headers={name: value.get_secret_value() for name, value in settings.headers.items()},
            ca_file=str(settings.ca_file or ""),
            timeout=settings.timeout,
            deadline=settings.deadline,
            max_size=settings.max_size,
            max_entries=settings.max_entries,
            now=self.now(),
            etag=known.etag if known else "",
            modified=known.modified if known else "",
            protected=tuple(self._around.protected()),
        )

    def _take(self, report: Report, part: Path) -> None:
        """Do what a report makes necessary."""
        if report.kind == FAILED:
            self._fail(report)
            return
        with self._lock:
            if report.kind != UNCHANGED:
                self._judge(part)
            elif self.held is None:
                self._confirm()
        self.refreshes += 1
        self.failing = 0
        self.trouble = ""
        self._plan()

    def _judge(self, part: Path) -> None:
        """Put a new list in force, or hold it."""
        found = self._read(part)
        if found is None:
            raise OSError(0, "the new list can't be read back")
        new = found[0]
        why = None
        if self.info is not None and self.settings.hold:
            why = find_reason_to_hold(self.info, new)
        if why is None:
            self._install(found, part)
            log.info("blocklist: %s: %d entries in force", self.name, new.entries)
            return
        part.replace(self._held_path)
        if self.held is None or self.held.why != why:
            log.warning("blocklist: %s: a new list is held: %s", self.name, why)
        self.held = Held(new, why)

    def _install(self, found: tuple[ListInfo, AddressTable], path: Path) -> None:
        path.replace(self._list_path)
        self._held_path.unlink(missing_ok=True)
        columns = self.table.columns
        self.info, self.table = found
        self.held = None
        self._confirm()
        self._around.changed()
        while columns:  # giving back the memory of a long list at once takes 1.5 ms
            columns.pop()
            self._around.give_way()

    def _confirm(self) -> None:
        """Remember, also beyond a restart, that this is still the list."""
        self.checked = now = self.now()
        os.utime(self._list_path, (now, now))

    def _read(self, path: Path) -> tuple[ListInfo, AddressTable] | None:
        """Read a list that was kept; None if there is none that can be used."""
        try:
            info, table = read_list(path, self._around.give_way)
        except FileNotFoundError:
            return None
        except (OSError, ListFileError) as error:
            log.warning("blocklist: %s can't be used, and is got anew: %s", path, error)
            return None
        return (info, table) if info.source == self.settings.source else None

    def _fail(self, report: Report) -> None:
        self.failures += 1
        if report.words != self.trouble:
            log.warning("blocklist: %s: %s", self.name, report.words)
        self.trouble = report.words
        pause = min(FIRST_PAUSE * 2 ** min(self.failing, MAX_DOUBLINGS), self.settings.refresh)
        self.failing += 1
        self.due = self.now() + max(self._vary(pause), report.retry_after or 0.0)

    def _plan(self) -> None:
        """Say when the next attempt is: for a file, when it changes."""
        if self.settings.local is not None:
            self.due = inf
        else:
            self.due = (self.checked or self.now()) + self._vary(self.settings.refresh)

    def _vary(self, pause: float) -> float:
        return pause * random.uniform(1 - self.settings.jitter, 1 + self.settings.jitter)

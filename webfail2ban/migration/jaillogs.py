"""Where fail2ban's jails read: files that are followed, and the journal."""

import shlex
from collections.abc import Iterator, Sequence

from webfail2ban.config import show_duration
from webfail2ban.filters.spec import FilterSpec, parse_spec
from webfail2ban.migration.draft import Draft, Section
from webfail2ban.migration.jailfiles import JailFiles
from webfail2ban.migration.jaillimits import read_time
from webfail2ban.model import Json

#: fail2ban's backend for the journal; all others follow files.
JOURNAL = "systemd"

#: Parameters of that backend, and the settings that they are here.
JOURNAL_PARAMETERS = {"journalpath": "directory", "namespace": "namespace"}

#: How far back reading begins unless something else is said.
START = 600.0


class Logs:
    """What the jails read, gathered for the sections of the sources.

    Args:
        files: fail2ban's.
    """

    def __init__(self, files: JailFiles) -> None:
        self._files = files
        self._paths: dict[str, None] = {}
        self._matches: dict[str, None] = {}
        self._journal: dict[str, Json] = {}
        self._reads_journal = self._reads_all = False
        self._start = START

    def is_journal(self, jail: str) -> bool:
        """Tell whether a jail reads the journal."""
        return self._backend(jail).name == JOURNAL

    def add(self, jail: str, journalmatch: Sequence[str], section: Section) -> Iterator[str]:
        """Add what a jail reads.

        Args:
            jail: Its name.
            journalmatch: Its filter's.
            section: The jail here.

        Yields:
            The sources as the jail names them.

        Raises:
            ValueError: it reads nothing.
        """
        self._start = max(self._start, read_time(self._files.get(jail, "findtime")))
        if self.is_journal(jail):
            self._add_journal(jail, journalmatch, section)
            yield "journald:*"
            return
        paths = list(self._files.log_paths(jail))
        usable = [path for path in paths if path.startswith("/") and "**" not in path.split("/")]
        for path in paths:
            if path not in usable:
                section.leave_out(f"logpath = {path}", "name each directory, from / on")
        if not usable:
            raise ValueError("it has no logpath that could be followed")
        self._paths |= dict.fromkeys(usable)
        yield from (f"tail:{path}" for path in usable)

    def settle(self, draft: Draft) -> Iterator[str]:
        """Set the sources' sections; yield the plugins that are needed."""
        start = show_duration(self._start)
        if self._paths:
            yield "tail"
            tail = draft.section("tail")
            tail.set("files", list(self._paths), "They must be readable for webfail2ban's user.")
            tail.set("start", start)
        if self._reads_journal:
            yield "journald"
            journal = draft.section("journald")
            journal.remark("webfail2ban's user has to be in the group systemd-journal.")
            if not self._reads_all:
                journal.set("matches", list(self._matches))
            for key, value in self._journal.items():
                journal.set(key, value)
            journal.set("start", start)

    def _backend(self, jail: str) -> FilterSpec:
        return parse_spec((self._files.get(jail, "backend") or "auto").lower())

    def _add_journal(self, jail: str, journalmatch: Sequence[str], section: Section) -> None:
        self._reads_journal = True
        own = (self._files.get(jail, "journalmatch") or "").splitlines()
        matches = [line.strip() for line in own] or [shlex.join(journalmatch)]
        matches = [match for match in matches if match]
        if not matches:
            self._reads_all = True
            section.remark("It has no journalmatch, so all of the journal is read.")
        self._matches |= dict.fromkeys(matches)
        for name, value in self._parameters(jail).items():
            if name in JOURNAL_PARAMETERS:
                self._journal[JOURNAL_PARAMETERS[name]] = value
            else:
                section.leave_out(f"backend = systemd[{name}={value}]", "has no counterpart")

    def _parameters(self, jail: str) -> dict[str, str]:
        return parse_spec(self._files.get(jail, "backend") or JOURNAL).parameters

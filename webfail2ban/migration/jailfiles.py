"""fail2ban's jails, as its files have them: merged in its order, with what they refer to put in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from webfail2ban.errors import ConfigurationError, FilterError, Problem
from webfail2ban.filters.configuration import KNOWN, NO_VARIABLES, Configuration
from webfail2ban.filters.ini import DEFAULT
from webfail2ban.filters.layers import INCLUDES, layer_files, read_layers

#: How its files say yes; everything else is no.
YES = frozenset({"1", "on", "true", "yes"})

#: Words behind a path in `logpath`: where reading begins.
ENDS = frozenset({"head", "tail"})

#: What fail2ban puts in for its own version; only its web services hear of it.
VERSION = "1"

#: What gives the name of an action in `action`: the beginning of each line of it.
_ACTION = re.compile(r"\s*([\w.-]+)\s*(?:\[|$)")


class JailFiles:
    """``jail.conf``, ``jail.d`` and ``jail.local`` of a directory, as one.

    Args:
        directory: fail2ban's, ``/etc/fail2ban``.

    Attributes:
        directory: The same.

    Raises:
        ConfigurationError: there are none.
        FilterError: one can't be read.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        jails = _read(directory, "jail")
        if jails is None:
            message = "has no jail.conf, jail.local or jail.d: it is no directory of fail2ban's"
            raise ConfigurationError([Problem(message, source=str(directory))])
        self._jails = jails
        self._given = {"fail2ban_confpath": str(directory), "fail2ban_version": VERSION}

    @property
    def filters(self) -> Path:
        """Where its filters are."""
        return self.directory / "filter.d"

    def enabled(self) -> Iterator[str]:
        """Yield the names of the jails that are in use, in the order of the files."""
        for name in self._jails.sections:
            own = name in {DEFAULT, INCLUDES} or name.startswith(KNOWN)
            if not own and self.flag(name, "enabled"):
                yield name

    def get(
        self, jail: str, option: str, variables: Mapping[str, str] = NO_VARIABLES
    ) -> str | None:
        """Return an option of a jail; None if it has none, and if it is empty.

        Args:
            jail: Its name, or ``DEFAULT``.
            option: The option.
            variables: What it may refer to besides.

        Raises:
            FilterError: it refers to something that isn't there.
        """
        text = self._jails.get(jail, option, {**self._given, **variables})
        return (text or "").strip() or None

    def flag(self, jail: str, option: str) -> bool:
        """Tell whether an option says yes."""
        return (self.get(jail, option) or "").lower() in YES

    def log_paths(self, jail: str) -> Iterator[str]:
        """Yield the files that a jail reads, as paths and globs."""
        for line in (self.get(jail, "logpath") or "").splitlines():
            path, _, end = line.strip().rpartition(" ")
            if text := path.strip() if end in ENDS else line.strip():
                yield text

    def actions(self, jail: str) -> Iterator[str]:
        """Yield the names of the actions that a jail takes."""
        try:
            text = self.get(jail, "action") or ""
        except FilterError:  # it names something that only the action itself knows
            text = self._jails.sections.get(jail, {}).get("action", "")
        for line in text.splitlines():
            if found := _ACTION.match(line):
                yield found[1]

    def purge_age(self) -> str | None:
        """Return how long fail2ban remembers bans that are over."""
        program = _read(self.directory, "fail2ban")
        return None if program is None else program.get("Definition", "dbpurgeage")


def _read(directory: Path, name: str) -> Configuration | None:
    """Read the files of a name; None if there are none."""
    files = layer_files(directory / name)
    return read_layers(files, [directory]) if files else None

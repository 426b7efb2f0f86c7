"""What is wrong with the settings on this machine."""

import grp
import os
import pwd
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from webfail2ban import FilterError, SettingsProblem, read_filter
from webfail2ban_journald.command import PROGRAM
from webfail2ban_journald.matches import check_words
from webfail2ban_journald.settings import JournaldSettings

#: Where journald keeps the journal: on disk, and in memory until there is a disk.
JOURNALS = (Path("/var/log/journal"), Path("/run/log/journal"))

#: The files of services, among those of people who log in.
SYSTEM = "system*.journal"

#: Who may read the journal besides root, where its files don't say it (systemd-journald(8)).
READERS = "systemd-journal"


def find_problems(
    settings: JournaldSettings, dirs: Sequence[Path], journals: Sequence[Path] = JOURNALS
) -> Iterator[SettingsProblem]:
    """Find what would keep the journal, or what is wanted of it, from being read.

    Args:
        settings: The settings.
        dirs: Where filters are looked for.
        journals: Where this machine's journal is kept.
    """
    if shutil.which(PROGRAM) is None:
        yield SettingsProblem(
            (),
            f"needs the program {PROGRAM}, which isn't installed here: it is part of systemd, and "
            "many container images lack it",
        )
    for index, name in enumerate(settings.filters):
        try:
            read_journalmatch(name, dirs)
        except (FilterError, ValueError) as error:
            yield SettingsProblem(("filters", index), str(error))
    if settings.directory:
        yield from _check_files([settings.directory], ("directory",), "*.journal")
    elif not settings.namespace:
        yield from _check_files(journals, (), SYSTEM)


def read_journalmatch(name: str, dirs: Sequence[Path]) -> tuple[str, ...]:
    """Return the words of a filter's own ``journalmatch``.

    Args:
        name: The filter, with its parameters if there are any.
        dirs: Where filters are looked for.

    Raises:
        FilterError: the filter can't be read.
        ValueError: it doesn't say which entries are its own.
    """
    words = read_filter(name, dirs=dirs, logtype="journal").journalmatch
    if not words:
        raise ValueError(f"{name} has no journalmatch: say in `matches` which entries to read")
    try:
        check_words(words)
    except ValueError as error:
        raise ValueError(f"the journalmatch of {name} {error}") from error
    return words


def _check_files(
    directories: Sequence[Path], path: tuple[str, ...], pattern: str
) -> Iterator[SettingsProblem]:
    """Look whether there are journal files, and whether they can be read."""
    shown = " or ".join(map(str, directories))
    closed = [
        each for each in directories if each.is_dir() and not os.access(each, os.R_OK | os.X_OK)
    ]
    files = [
        file
        for directory in directories
        if directory not in closed
        for file in (*directory.glob(pattern), *directory.glob(f"*/{pattern}"))
    ]
    unreadable = [file for file in (*files, *closed) if not os.access(file, os.R_OK)]
    if not files and not closed:
        yield SettingsProblem(path, f"there is no journal in {shown} yet", warning=True)
    elif len(unreadable) == len(files) + len(closed):
        yield SettingsProblem(
            path, f"the journal in {shown} can't be read: {_advise(unreadable[0])}"
        )
    elif unreadable:
        yield SettingsProblem(
            path, f"{unreadable[0]} can't be read: {_advise(unreadable[0])}", warning=True
        )


def _advise(file: Path) -> str:
    """Say who may read a file."""
    user = _name_user(os.geteuid())
    group = _name_group(file)
    return f"the user {user} has to be a member of the group {group}"


def _name_user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _name_group(file: Path) -> str:
    """Return the group of a file, unless that is root's, which nobody should be in."""
    try:
        group = grp.getgrgid(file.stat().st_gid)
    except (OSError, KeyError):
        return READERS
    return group.gr_name if group.gr_gid else READERS

"""What globs mean: the files that match, and the directories in which more may appear."""

import fnmatch
import glob
import os
from collections.abc import Iterable
from pathlib import Path

from webfail2ban_tail.generations import list_bases
from webfail2ban_tail.logfile import identify

#: The glob for any number of directories. A tree of any size can't be watched.
RECURSIVE = "**"


def is_pattern(path: Path) -> bool:
    """Return whether a path is a glob."""
    return glob.has_magic(str(path))


def expand(pattern: Path, exclude: Iterable[str] = ()) -> list[Path]:
    """Return what a path or glob leads to now, in the order of the names.

    Args:
        pattern: A path or a glob.
        exclude: Globs for names that a glob doesn't mean.
    """
    if not is_pattern(pattern):
        return [pattern] if os.path.lexists(pattern) else []
    paths = _list_matches(Path(pattern.anchor), str(pattern.relative_to(pattern.anchor)))
    names = [path.name for path in paths]
    excluded = {name for rule in exclude for name in fnmatch.filter(names, rule)}
    return [path for path in paths if path.name not in excluded]


def drop_generations(paths: Iterable[Path]) -> list[Path]:
    """Drop rotated files that lie beside their log: they are read as the log's past."""
    paths = list(paths)
    names = set(paths)
    return [
        path
        for path in paths
        if not any(path.with_name(base) in names for base in list_bases(path.name))
    ]


def drop_links(paths: Iterable[Path]) -> list[Path]:
    """Drop links to files that are there by themselves, and all but one of the same file."""
    paths = list(paths)
    links = {path for path in paths if path.is_symlink()}
    if not links:
        return paths
    files = {identify(path) for path in paths if path not in links}
    kept = []
    for path in paths:
        if path in links:
            target = identify(path)
            if target and target in files:
                continue
            files.add(target)
        kept.append(path)
    return kept


def list_directories(pattern: Path) -> set[Path]:
    """Return the directories in which a change may change what a path or glob leads to.

    Where a directory isn't there yet, the one in which it will appear stands for it.
    """
    found = set()
    level = [Path(pattern.anchor)]
    for part in pattern.relative_to(pattern.anchor).parent.parts:
        below = [path for parent in level for path in _list_matches(parent, part) if path.is_dir()]
        if glob.has_magic(part):
            found.update(level)
        else:
            found.update(parent for parent in level if parent / part not in below)
        level = below
    return found.union(level)


def _list_matches(directory: Path, pattern: str) -> list[Path]:
    """Return what matches a glob below a directory, in the order of the names."""
    # Path.glob would find hidden files, too.
    names = glob.glob(pattern, root_dir=directory)  # noqa: PTH207
    return [directory / name for name in sorted(names)]

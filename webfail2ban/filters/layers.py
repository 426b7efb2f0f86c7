"""Which files make up one filter, and in which order they are merged.

A filter is ``NAME.conf``, the files of ``NAME.d``, and ``NAME.local``; each of them may ask in
``[INCLUDES]`` for files to be read ``before`` and ``after`` it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from webfail2ban.filters.configuration import Configuration
from webfail2ban.filters.ini import Sections, read_ini

#: The section that names other files.
INCLUDES = "INCLUDES"


def layer_files(base: Path) -> list[Path]:
    """Return the files of a name that exist, first to last.

    Args:
        base: Folder and name without a suffix, ``/etc/fail2ban/filter.d/sshd``.
    """
    folder = base.with_name(base.name + ".d")
    candidates = [
        base.with_name(base.name + ".conf"),
        *sorted(folder.glob("*.conf")),
        base.with_name(base.name + ".local"),
        *sorted(folder.glob("*.local")),
    ]
    return [path for path in candidates if path.is_file()]


def read_layers(files: Sequence[Path], search: Sequence[Path] = ()) -> Configuration:
    """Read files and what they include into one configuration.

    Args:
        files: First to last, at least one; a later one wins, errors name the first.
        search: Folders to look in for a ``before`` file that isn't beside the file that asks.

    Raises:
        FilterError: A file that exists can't be read. A missing include is skipped.
    """
    configuration = Configuration(files[0])
    for file in files:
        for path, sections in _with_includes(file, search, ()):
            configuration.merge(path, sections)
    return configuration


def _with_includes(
    path: Path, search: Sequence[Path], chain: tuple[Path, ...]
) -> Iterator[tuple[Path, Sections]]:
    """Read the `before` files, the file, the `after` files; one already in `chain` is left out."""
    sections = read_ini(path)
    own = Configuration(path)
    own.merge(path, sections)
    chain = (*chain, path.resolve())

    for name in _names(own, "before"):
        read: set[Path] = set()
        for file in _with_local(_locate(name, path.parent, search)):
            if file.is_file() and file.resolve() not in {*chain, *read}:
                for included, its_sections in _with_includes(file, search, chain):
                    read.add(included.resolve())
                    yield included, its_sections

    yield path, sections

    for name in _names(own, "after"):
        file = path.parent / name
        if file.is_file() and file.resolve() not in chain:
            yield from _with_includes(file, search, chain)


def _names(configuration: Configuration, option: str) -> list[str]:
    if INCLUDES not in configuration.sections:
        return []
    text = configuration.get(INCLUDES, option) or ""
    return [name for line in text.splitlines() if (name := line.strip())]


def _locate(name: str, folder: Path, search: Sequence[Path]) -> Path:
    """Prefer the file beside the one that asks; an absolute name stays as it is."""
    beside = folder / name
    if beside.is_file():
        return beside
    return next((file for place in search if (file := place / name).is_file()), beside)


def _with_local(path: Path) -> list[Path]:
    """Follow a file by the operator's changes to it."""
    return [path, path.with_suffix(".local")] if path.suffix == ".conf" else [path]

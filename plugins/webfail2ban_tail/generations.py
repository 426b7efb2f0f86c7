"""The names that rotation gives: which file came after which.

logrotate, newsyslog and the logging libraries name old files in two ways: by age (``mail.log.1``,
the higher the older) and by date (``mail.log-20240131``, the higher the newer), the mark behind
the name or before its extension. That order is needed when a log was rotated more than once
between two looks.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

#: Names of files that cannot be read on: they begin with other bytes.
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip")

MARK = r"([.\-_][0-9][0-9.\-_:T]*)"

#: A mark that counts. Longer numbers are dates.
AGE = re.compile(r"[.\-_]([0-9]{1,4})")


def list_bases(name: str) -> Iterator[str]:
    """Yield the names that this one may be made of by a mark behind it."""
    match = re.search(rf"{MARK}\Z", name)
    start = match.start() if match else len(name)
    for part in re.finditer(r"[.\-_](?=[0-9])", name[start:]):
        yield name[: start + part.start()]


def later_names(base: str, names: Iterable[str], name: str) -> list[str]:
    """Return the names of the generations of a log between one and the present, oldest first.

    Args:
        base: The name of the log itself.
        names: The names in its directory.
        name: The name of the one generation.
    """
    kind, age = _place(base, name)
    if kind is None:
        return []
    places = {other: _place(base, other) for other in names}
    later = [other for other, place in places.items() if place[0] == kind and place[1] > age]
    return sorted(later, key=lambda other: places[other][1])


def _place(base: str, name: str) -> tuple[tuple[str, str] | None, tuple[int, str]]:
    """Return a name's way of marking and its place among those that are marked so."""
    path = PurePath(base)
    for before, behind in ((base, ""), (path.stem, path.suffix)):
        match = re.fullmatch(re.escape(before) + MARK + re.escape(behind), name)
        if match is None:
            continue
        age = AGE.fullmatch(match[1])
        if age:
            return (behind, "age"), (-int(age[1]), "")
        return (behind, "date"), (0, match[1])
    return None, (0, "")

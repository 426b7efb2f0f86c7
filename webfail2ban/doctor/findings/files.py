"""Files that HAProxy reads at its start."""

import re
from collections.abc import Iterator

from webfail2ban.doctor.finding import Finding, error
from webfail2ban.doctor.reading import Line
from webfail2ban.doctor.site import Site

MISSING = error(
    "file-missing",
    "A file that HAProxy reads at its start isn't there, so it doesn't start: a list behind `-f`, "
    "a certificate, an error page, a Lua program.",
)

KINDS = (MISSING,)

#: Options of a line that name a file.
NAMING = ("-f", "crt", "ca-file", "crl-file", "errorfile", "lf-file", "file")

#: Keywords whose second or third word is a file.
LOADING = {"lua-load": 1, "lua-load-per-thread": 1, "errorfile": 2}

#: A file that a converter looks into.
MAP = re.compile(r"\bmap\w*\(\s*(/[^,)\s]+)")


def find(site: Site) -> Iterator[Finding]:
    """Find files that aren't there."""
    lines = [line for _, line in site.lines()]
    for _, scope in site.scopes:
        lines += [line for section in scope.sections for line in section.lines]
    for line in lines:
        for name in dict.fromkeys(_files(line)):
            if name.startswith("/") and site.machine.lacks(name):
                yield MISSING.at(
                    line,
                    f"there is no file {name}: HAProxy doesn't start",
                    f"touch {name}"
                    if "-f" in line.words
                    else f"# put the file to {name}, or leave the line out",
                )


def _files(line: Line) -> Iterator[str]:
    """Yield the files that a line names."""
    place = LOADING.get(line.words[0])
    if place is not None:
        yield line.word(place)
    for place, word in enumerate(line.words):
        if word in NAMING:
            yield line.word(place + 1)
        yield from MAP.findall(word)

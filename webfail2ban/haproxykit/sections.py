"""HAProxy's configuration as its sections, each with the comment lines above it."""

import re
from dataclasses import dataclass

#: What begins a section.
_BEGINNING = re.compile(
    r"(global|defaults|frontend|backend|listen|userlist|peers|resolvers|ring|cache)\b[ \t]*(\S*)"
)

#: Lines that belong to what comes next.
_COMMENT = re.compile(r"\s*(#.*)?$")

#: Lines of `global` that are about the machine, not about a scenario.
_MACHINE = re.compile(r"\s+(log|chroot|user|group|stats|daemon|maxconn|pidfile|log-tag)\b")


@dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        kind: Its first word; empty for what stands before the first one.
        name: Its second word.
        text: All of it, with the comments and conditions above.
    """

    kind: str
    name: str
    text: str


def split(text: str) -> list[Section]:
    """Cut a configuration into its sections; joined again they are the same text."""
    found = [Section("", "", "")]
    above: list[str] = []
    for line in text.splitlines(keepends=True):
        if beginning := _BEGINNING.match(line):
            if len(found) == 1:  # what stands above the first section is about the file
                found[0] = Section("", "", found[0].text + "".join(above))
                above = []
            found.append(Section(beginning[1], beginning[2], "".join(above) + line))
            above = []
        elif not line.strip() or line.startswith(("#", ".if")):
            above.append(line)
        else:
            last = found[-1]
            found[-1] = Section(last.kind, last.name, last.text + "".join(above) + line)
            above = []
    last = found[-1]
    found[-1] = Section(last.kind, last.name, last.text + "".join(above))
    return [section for section in found if section.text]


def without_machine(section: Section) -> Section | None:
    """Leave out of the first section what is about the machine; None if nothing else is in it."""
    head, *lines = section.text.splitlines(keepends=True)
    kept: list[str] = []
    above: list[str] = []
    for line in lines:
        if _COMMENT.match(line):
            above.append(line)
            continue
        if not _MACHINE.match(line):
            kept += [*above, line]
        above = []
    kept += above if "".join(above).strip() else []  # settings to be switched on
    return Section(section.kind, section.name, "".join([head, *kept])) if kept else None

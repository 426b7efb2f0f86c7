"""A finding: one thing that won't work, where it stands, and what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from webfail2ban.doctor.reading import Line


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"  # clients are let in or refused wrongly, or HAProxy doesn't start
    WARNING = "warning"  # it works until something happens: an agent hangs, a stranger comes
    HINT = "hint"  # it works, and could be better


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that won't work.

    Attributes:
        name: The name of its kind.
        severity: That of its kind.
        sentence: What is wrong, and what comes of it.
        file: Where it stands; empty if it stands nowhere.
        line: In the file, from 1; 0 if no line is meant.
        remedy: What to write: lines to paste, or what to do.
    """

    name: str
    severity: Severity
    sentence: str
    file: str = ""
    line: int = 0
    remedy: str = ""

    @property
    def where(self) -> str:
        """Return the place as editors know it: ``haproxy.cfg:12``."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding.

    Attributes:
        name: Its name, which stays the same from version to version.
        severity: How bad it is.
        about: What it says, one sentence for the documentation.
    """

    name: str
    severity: Severity
    about: str

    def at(self, line: Line, sentence: str, remedy: str = "") -> Finding:
        """Return a finding of this kind about a line."""
        return Finding(self.name, self.severity, sentence, line.file, line.number, remedy)

    def about_file(self, file: str, sentence: str, remedy: str = "", line: int = 0) -> Finding:
        """Return a finding of this kind about a file."""
        return Finding(self.name, self.severity, sentence, file, line, remedy)


def error(name: str, about: str) -> Kind:
    """Return a kind of error."""
    return Kind(name, Severity.ERROR, about)


def warning(name: str, about: str) -> Kind:
    """Return a kind of warning."""
    return Kind(name, Severity.WARNING, about)


def hint(name: str, about: str) -> Kind:
    """Return a kind of hint."""
    return Kind(name, Severity.HINT, about)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Sort by file and line, the errors of a line first; each finding once."""
    ranks = list(Severity)
    return tuple(
        sorted(
            dict.fromkeys(findings),
            key=lambda one: (not one.line, one.file, one.line, ranks.index(one.severity)),
        )
    )

"""HAProxy's variables in a line: which are read, and which are set."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from webfail2ban.doctor.reading import Line, Section
from webfail2ban.toldvariables import OWN_VARIABLES

#: What a verdict sets.
VERDICT = OWN_VARIABLES - {"nothing"}

#: How alike words are that are meant to be the same.
ALIKE = 0.75

SCOPES = "proc|sess|txn|req|res"

#: A variable that is read.
READ = re.compile(rf"(?<![-\w])var\(\s*((?:{SCOPES})\.[\w.]+)", re.ASCII)

#: A variable that is set, by a rule or a converter, or in `global`.
SET = re.compile(rf"(?<![-\w])(?:un)?set-var(?:-fmt)?(?:\(\s*|\s+)((?:{SCOPES})\.[\w.]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable's name: ``txn.wf2b.banned``.

    Attributes:
        scope: ``txn``.
        prefix: ``wf2b``; empty if there is none.
        last: ``banned``.
    """

    scope: str
    prefix: str
    last: str

    def __str__(self) -> str:
        """Write it as rules do."""
        return ".".join(part for part in (self.scope, self.prefix, self.last) if part)


def parse_name(text: str) -> Name:
    """Read a variable's name."""
    scope, _, rest = text.partition(".")
    prefix, _, last = rest.rpartition(".")
    return Name(scope, prefix, last)


def find_read(words: tuple[str, ...]) -> tuple[Name, ...]:
    """Return the variables that words read."""
    return tuple(dict.fromkeys(parse_name(name) for name in READ.findall(" ".join(words))))


def find_set(words: tuple[str, ...]) -> tuple[Name, ...]:
    """Return the variables that words set."""
    return tuple(parse_name(name) for name in SET.findall(" ".join(words)))


def meant_by(last: str, names: Iterable[str] = VERDICT) -> str:
    """Return the name that is meant by one that is that or almost that; empty for none."""
    alike = get_close_matches(last, list(names), 1, ALIKE)
    return alike[0] if alike else ""


def read_acls(section: Section) -> dict[str, tuple[str, ...]]:
    """Return the words of a section's ACLs, by name; an ACL may have several lines."""
    acls: dict[str, tuple[str, ...]] = {}
    for line in (*section.inherited, *section.all("acl")):
        if line.starts("acl"):
            acls[line.word(1)] = (*acls.get(line.word(1), ()), *line.words[2:])
    return acls


def find_condition(line: Line) -> tuple[str, ...]:
    """Return the words of a rule's condition; none if it has none."""
    for place, word in enumerate(line.words):
        if word in {"if", "unless"} and place:
            return line.words[place + 1 :]
    return ()


def spell_out(line: Line, acls: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a rule's words, with those of the ACLs that its condition names behind them."""
    named = [word.lstrip("!") for word in find_condition(line)]
    return (*line.words, *(word for name in named for word in acls.get(name, ())))


def rules(section: Section, *words: str) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """Yield a section's rules that begin with these words, each with its words spelt out."""
    acls = read_acls(section)
    for line in section.all(*words):
        yield line, spell_out(line, acls)

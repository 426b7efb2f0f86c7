"""Reads HAProxy's configuration language: lines with their places, in sections.

SPOE files are of the same language, with scopes such as ``[webfail2ban]`` around their sections.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from webfail2ban.doctor.conditions import Setting, holds
from webfail2ban.doctor.words import split_words, strip_comment

#: What begins a section in haproxy.cfg.
SECTIONS = frozenset(
    {
        *("global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "mailers"),
        *("userlist", "program", "cache", "http-errors", "ring", "fcgi-app", "log-forward"),
        *("log-profile", "crt-store", "traces", "acme", "healthcheck"),
    }
)

#: What begins one in a SPOE file.
SPOE_SECTIONS = frozenset({"spoe-agent", "spoe-message", "spoe-group"})

#: Lines that decide which others count, and those that only say something.
DECIDING = frozenset({".if", ".elif", ".else", ".endif"})
SAYING = frozenset({".diag", ".notice", ".warning", ".alert"})

#: Words of `global` that set variables of the environment for the lines that follow.
SETTING_VARIABLES = frozenset({"setenv", "presetenv"})

#: A comment, behind a line or above it, that names findings which are meant as they are.
MEANT = re.compile(r"#\s*doctor:\s*ignore\s+([\w-]+(?:[\s,]+[\w-]+)*)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that says something.

    Attributes:
        file: The file, as it is to be shown.
        number: In the file, from 1.
        words: Without quotes, escapes and comments.
        text: As it is written, without its comment and the space around it.
        meant: The findings about it that the operator has seen and means, by their names.
    """

    file: str
    number: int
    words: tuple[str, ...]
    text: str = field(compare=False)
    meant: frozenset[str] = frozenset()

    def starts(self, *words: str) -> bool:
        """Tell whether the line begins with these words."""
        return self.words[: len(words)] == words

    def word(self, place: int) -> str:
        """Return one word; an empty text where there are not so many."""
        return self.words[place] if place < len(self.words) else ""

    def after(self, word: str) -> str:
        """Return what stands behind a word; an empty text if the word isn't there."""
        if word not in self.words:
            return ""
        return self.word(self.words.index(word) + 1)


@dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        kind: ``frontend``, ``spoe-agent``, ...
        name: Its name; empty if it has none.
        scope: The SPOE file's scope that it stands in; empty in haproxy.cfg.
        head: Its first line.
        lines: The others.
        inherited: Those of its ``defaults``.
    """

    kind: str
    name: str
    scope: str
    head: Line
    lines: tuple[Line, ...]
    inherited: tuple[Line, ...] = ()

    def __str__(self) -> str:
        """Name it for people: ``frontend web``."""
        return f"{self.kind} {self.name}".strip()

    def all(self, *words: str) -> tuple[Line, ...]:
        """Return its own lines that begin with these words."""
        return tuple(line for line in self.lines if line.starts(*words))

    def last(self, *words: str) -> Line | None:
        """Return the line that counts of those that begin with these words, its defaults' too."""
        found = [line for line in (*self.inherited, *self.lines) if line.starts(*words)]
        return found[-1] if found else None

    def has_option(self, name: str) -> bool:
        """Tell whether ``option NAME`` is set, here or in its defaults."""
        for line in reversed((*self.inherited, *self.lines)):
            if line.starts("no", "option", name):
                return False
            if line.starts("option", name):
                return True
        return False

    @property
    def mode(self) -> str:
        """Return ``tcp``, HAProxy's default, or what else ``mode`` says."""
        line = self.last("mode")
        return line.word(1) if line is not None else "tcp"


def read_lines(text: str, file: str, setting: Setting) -> Iterator[Line]:
    """Read the lines that count in a file.

    Args:
        text: The file.
        file: Its name, as it is to be shown.
        setting: What the conditions of ``.if`` are about.
    """
    env = dict(setting.env)
    meant: set[str] = set()
    branches = _Branches(Setting(setting.version, env))
    for number, raw in enumerate(text.splitlines(), 1):
        words = split_words(raw, env)
        said = MEANT.search(raw)
        meant |= {*re.split(r"[\s,]+", said[1])} if said else set()
        if not words:
            if not raw.strip():
                meant = set()
            continue
        if words[0] in DECIDING:
            branches.decide(words)
        elif branches.counts and words[0] not in SAYING:
            if words[0] in SETTING_VARIABLES and len(words) > 2:  # noqa: PLR2004 - name and value
                _set_variable(env, words)
            yield Line(file, number, words, strip_comment(raw), frozenset(meant))
        meant = set()


def _set_variable(env: dict[str, str], words: tuple[str, ...]) -> None:
    if words[0] == "presetenv":
        env.setdefault(words[1], words[2])
    else:
        env[words[1]] = words[2]


class _Branches:
    """Keeps which branches of conditions count, one inside the other."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._open: list[tuple[bool, bool]] = []  # this branch counts, one did before

    @property
    def counts(self) -> bool:
        return all(current for current, _ in self._open)

    def decide(self, words: tuple[str, ...]) -> None:
        keyword, condition = words[0], words[1:]
        if keyword == ".if":
            value = holds(condition, self._setting)
            self._open.append((value, value))
        elif self._open:
            _, done = self._open.pop()
            if keyword == ".endif":
                return
            value = not done and (keyword == ".else" or holds(condition, self._setting))
            self._open.append((value, done or value))


def read_sections(lines: Iterable[Line], kinds: frozenset[str] = SECTIONS) -> tuple[Section, ...]:
    """Put lines into sections; those before the first one are in one without a kind.

    Args:
        lines: All lines, of all files in their order: a ``defaults`` section holds on for the next
            file, too.
        kinds: What begins a section.
    """
    defaults: dict[str, tuple[Line, ...]] = {}
    current: tuple[Line, ...] = ()
    sections: list[Section] = []
    for scope, head, body in _parts(lines, kinds):
        kind = head.words[0] if head.words[0] in kinds else ""
        inherited = _inherited(head, defaults, current)
        proxied = kind in {"frontend", "backend", "listen", "defaults"}
        section = Section(
            kind, head.word(1) if kind else "", scope, head, body, inherited if proxied else ()
        )
        if kind == "defaults":
            current = (*(inherited if "from" in head.words else ()), *body)
            defaults[section.name] = current
        sections.append(section)
    return tuple(sections)


def _inherited(
    head: Line, defaults: Mapping[str, tuple[Line, ...]], current: tuple[Line, ...]
) -> tuple[Line, ...]:
    """Return the lines of the defaults that a section has."""
    if "from" in head.words:
        return defaults.get(head.after("from"), ())
    return () if head.words[0] == "defaults" else current


def _parts(
    lines: Iterable[Line], kinds: frozenset[str]
) -> Iterator[tuple[str, Line, tuple[Line, ...]]]:
    """Yield each section's scope, its first line and the others."""
    scope, head, body = "", None, list[Line]()
    for line in lines:
        first = line.words[0]
        bracketed = len(line.words) == 1 and first.startswith("[") and first.endswith("]")
        if not bracketed and first not in kinds:
            if head is None:
                head = line
            body.append(line)
            continue
        if head is not None:
            yield scope, head, tuple(body)
        scope = first[1:-1] if bracketed else scope
        head, body = None if bracketed else line, []
    if head is not None:
        yield scope, head, tuple(body)

"""YAML text to a tree, with the place of every part.

PyYAML's parser gives events (libyaml does it in C, without recursion); the tree is built here, so
that nothing in a file can cost more than its size: nesting is limited and what aliases repeat is
counted. No tag constructs anything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from webfail2ban.config.scalars import read_plain, read_tagged, short_tag
from webfail2ban.config.tree import Entry, Leaf, Mark, Node, Path, Sequence, Table, problem_at
from webfail2ban.errors import ConfigurationError, Problem

#: Nobody nests deeper by hand, and Python's own stack holds it many times.
MAX_DEPTH = 50

#: Values, aliases written out: a longer list belongs into a file of its own.
MAX_NODES = 250_000

#: Copies the entries of other mappings (YAML's merge key).
MERGE = "<<"

#: PyYAML built without libyaml has only the slower one; both say the same.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: What can't stand in YAML (YAML 1.2.2, 5.1); the byte order mark only at the very beginning.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: What the parser says, and what people most often did.
HINTS = {
    "mapping values are not allowed": "text that holds a colon needs quotes",
    "cannot start any token": "text that begins with such a character needs quotes",
    "could not find expected ':'": "a colon and a space may be missing, or the indentation is off",
    "did not find expected key": "the indentation may be off, or a quote is missing",
    "did not find expected '-' indicator": "the indentation may be off",
    "unknown escape character": "in 'single quotes' a backslash is just a backslash",
}

#: Makes a mark of line and column, both from 1.
Marker = Callable[[int, int], Mark]


def compose(text: str, marker: Marker) -> tuple[Node | None, tuple[Problem, ...]]:
    """Read YAML.

    Args:
        text: One YAML document.
        marker: Makes a `Mark` of line and column.

    Returns:
        The tree, None if there is nothing but comments, and mistakes that don't prevent reading
        on: keys set twice, tags, keys that are no text.

    Raises:
        ConfigurationError: it is no YAML, or outgrows a limit.
    """
    _refuse_unprintable(text, marker)
    composer = _Composer(marker)
    try:
        for event in _events(text):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError([*composer.problems, _syntax(error, text, marker)]) from None
    return composer.root, tuple(composer.problems)


@dataclass(slots=True)
class _Part:
    """A finished node on its way to where it belongs, and what it costs.

    `text` is what a single value looked like, None for others; `bare` if that was unquoted.
    """

    node: Node
    size: int = 1
    height: int = 0
    text: str | None = None
    bare: bool = False


class _OpenSequence:
    """A list whose end hasn't come."""

    def __init__(self, mark: Mark, path: Path, anchor: str | None) -> None:
        self.mark, self.path, self.anchor = mark, path, anchor
        self.size, self.height = 1, 1
        self._items: list[Node] = []

    def next_path(self) -> Path:
        return (*self.path, len(self._items))

    def add(self, part: _Part) -> Iterator[Problem]:
        self._items.append(part.node)
        yield from ()

    def close(self) -> Node:
        return Sequence(self.mark, tuple(self._items))


class _OpenTable:
    """A mapping whose end hasn't come: keys and values arrive in turns."""

    def __init__(self, mark: Mark, path: Path, anchor: str | None) -> None:
        self.mark, self.path, self.anchor = mark, path, anchor
        self.size, self.height = 1, 1
        self._entries: dict[str, Entry] = {}
        self._merged: dict[str, Entry] = {}
        self._key: _Part | None = None

    def next_path(self) -> Path:
        return (*self.path, self._key.text) if self._key and self._key.text else self.path

    def add(self, part: _Part) -> Iterator[Problem]:
        if self._key is None:
            self._key = part
            yield from self._check_key(part)
            return
        key, self._key = self._key, None
        if key.text is None:
            return
        if key.bare and key.text == MERGE:
            yield from self._merge(key.node.mark, part.node)
        elif key.text not in self._entries:
            self._entries[key.text] = Entry(key.node.mark, part.node)

    def _check_key(self, key: _Part) -> Iterator[Problem]:
        if key.text is None:
            yield problem_at(key.node.mark, "a key must be text, not a collection", path=self.path)
        elif key.text in self._entries:
            first = self._entries[key.text].key
            told = f" (first in line {first.line})" if first.line else ""
            yield problem_at(
                key.node.mark, f"is set twice{told}; only one can hold", path=self.next_path()
            )

    def _merge(self, mark: Mark, node: Node) -> Iterator[Problem]:
        tables = node.items if isinstance(node, Sequence) else (node,)
        for table in tables:
            if not isinstance(table, Table):
                yield problem_at(mark, f"{MERGE} merges mappings only", path=self.path)
                return
            self._merged = {**table.entries, **self._merged}  # the earlier ones win

    def close(self) -> Node:
        return Table(self.mark, {**self._merged, **self._entries})


class _Composer:
    """Takes events, and holds what came of them."""

    def __init__(self, marker: Marker) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._marker = marker
        self._stack: list[_OpenSequence | _OpenTable] = []
        self._anchors: dict[str, _Part] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take the next of PyYAML's events."""
        mark = self._marker(event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise self._fatal(mark, "a second document begins: only one can be read")
            case yaml.ScalarEvent():
                self._finish(self._scalar(event, mark), event.anchor)
            case yaml.AliasEvent():
                self._finish(self._alias(event, mark), None)
            case yaml.SequenceStartEvent():
                self._check_tag(event, mark, "seq")
                self._open(_OpenSequence(mark, self._path(), event.anchor))
            case yaml.MappingStartEvent():
                self._check_tag(event, mark, "map")
                self._open(_OpenTable(mark, self._path(), event.anchor))
            case yaml.CollectionEndEvent():
                ended = self._stack.pop()
                self._finish(_Part(ended.close(), ended.size, ended.height), ended.anchor)

    def _path(self) -> Path:
        return self._stack[-1].next_path() if self._stack else ()

    def _open(self, collection: _OpenSequence | _OpenTable) -> None:
        self._stack.append(collection)
        self._check_depth(len(self._stack), collection.mark)

    def _check_depth(self, depth: int, mark: Mark) -> None:
        if depth > MAX_DEPTH:
            message = f"is nested deeper than {MAX_DEPTH} levels"
            raise ConfigurationError([*self.problems, problem_at(mark, message)])

    def _finish(self, part: _Part, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = part
        if not self._stack:
            self.root = part.node
            return
        parent = self._stack[-1]
        self._check_depth(len(self._stack) + part.height, part.node.mark)
        parent.size += part.size
        parent.height = max(parent.height, part.height + 1)
        if parent.size > MAX_NODES:
            raise self._fatal(part.node.mark, f"holds more than {MAX_NODES} values")
        self.problems.extend(parent.add(part))

    def _scalar(self, event: Any, mark: Mark) -> _Part:
        text: str = event.value
        bare = bool(event.implicit[0])
        try:
            if event.tag:
                value = read_tagged(text, event.tag)
            else:
                value = read_plain(text) if bare else text
        except ValueError as error:
            self.problems.append(problem_at(mark, str(error), path=self._path()))
            value = text
        return _Part(Leaf(mark, value), text=text, bare=bare and not event.tag)

    def _alias(self, event: Any, mark: Mark) -> _Part:
        anchor: str = event.anchor
        if anchor in self._anchors:
            return self._anchors[anchor]
        if any(collection.anchor == anchor for collection in self._stack):
            raise self._fatal(mark, f"*{anchor} stands inside of what it repeats")
        raise self._fatal(mark, f"*{anchor} repeats what no &{anchor} has named")

    def _check_tag(self, event: Any, mark: Mark, kind: str) -> None:
        if event.tag not in (None, "!", f"tag:yaml.org,2002:{kind}"):
            message = f"the tag {short_tag(event.tag)} means nothing here"
            self.problems.append(problem_at(mark, message, path=self._path()))

    def _fatal(self, mark: Mark, message: str) -> ConfigurationError:
        problem = problem_at(mark, message, path=self._path())
        return ConfigurationError([*self.problems, problem])


def _refuse_unprintable(text: str, marker: Marker) -> None:
    """Refuse control characters before the parser does, because it doesn't say where.

    Raises:
        ConfigurationError: there is one.
    """
    found = UNPRINTABLE.search(text)
    if found is None:
        return
    before = text[: found.start()]
    mark = marker(before.count("\n") + 1, found.start() - before.rfind("\n"))
    message = f"the character U+{ord(found.group()):04X} can't stand in YAML"
    raise ConfigurationError([problem_at(mark, message)])


def _events(text: str) -> Iterator[Any]:
    """Yield what the parser finds."""
    loader = LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _syntax(error: yaml.MarkedYAMLError, text: str, marker: Marker) -> Problem:
    """Say what the parser stumbled over, and where."""
    mark = error.problem_mark or error.context_mark
    place = marker(mark.line + 1, mark.column + 1) if mark else marker(0, 0)
    said = str(error.problem or error.context)
    doing = f" ({error.context})" if error.problem and error.context else ""
    return problem_at(place, f"is no YAML: {said}{doing}", hint=_hint(said, text, place.line))


def _hint(said: str, text: str, line: int) -> str:
    """Say what people most often did."""
    written = "\n".join(text.split("\n")[line - 1 : line])
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "indent with spaces, never with tabs"
    return next((hint for part, hint in HINTS.items() if part in said), "")

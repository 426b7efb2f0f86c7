"""What was written, as a tree that knows where each part of it stands.

A `Node` is a `Leaf` (one value), a `Sequence` or a `Table` (a mapping). Nodes never change, so
parts may be shared; what an environment variable sets is put into a new tree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webfail2ban.errors import Problem

#: Where a setting stands: keys and, in lists, indices from 0.
Path = tuple[str | int, ...]

#: What a scalar is read as.
Plain = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in what was written.

    Attributes:
        source: The file as it was named, or ``environment`` and the variable.
        line: From 1; 0 where there are no lines.
        column: From 1; 0 where there are no lines.
    """

    source: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """A single value."""

    mark: Mark
    value: Plain


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    mark: Mark
    items: "tuple[Node, ...]" = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a table, and where its key stands."""

    key: Mark
    node: "Node"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; its keys are text, whatever they look like."""

    mark: Mark
    entries: Mapping[str, Entry]


Node = Leaf | Sequence | Table


def plain(node: Node) -> Any:
    """Return what a node says, without places: values, lists and dicts, all of which JSON knows."""
    if isinstance(node, Table):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def child(node: Node | None, part: str | int) -> Node | None:
    """Return what stands under a key or an index; None if nothing does."""
    if isinstance(node, Table) and isinstance(part, str):
        entry = node.entries.get(part)
        return entry.node if entry else None
    if isinstance(node, Sequence) and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None


def descend(root: Node, path: Path) -> Node | None:
    """Return what stands at a path; None if nothing does."""
    node: Node | None = root
    for part in path:
        node = child(node, part)
    return node


def locate(root: Node, path: Path) -> Mark:
    """Return where a setting stands; if it doesn't, where the nearest one around it does.

    That is the value, or its key if the value begins on a later line: the line that is shown is
    the line where people look for the name.
    """
    mark, node = root.mark, root
    for part in path:
        below = child(node, part)
        if below is None:
            break
        mark = below.mark
        if isinstance(node, Table) and isinstance(part, str):
            key = node.entries[part].key
            mark = key if key.line < mark.line else mark
        node = below
    return mark


def locate_key(root: Node, path: Path) -> Mark:
    """Return where the key of a setting stands, or what `locate` finds if there is none."""
    *above, last = path
    node = descend(root, tuple(above))
    if isinstance(node, Table) and isinstance(last, str) and last in node.entries:
        return node.entries[last].key
    return locate(root, path)


def graft(root: Table, path: Path, scion: Node) -> Table:
    """Return a table in which something stands at a path; tables are made on the way.

    Anything else that is in the way is left there, with its own mistake to be found.
    """
    name, rest = str(path[0]), path[1:]
    old = root.entries.get(name)
    if not rest:
        return _with(root, name, Entry(scion.mark, scion))
    if old is None or (isinstance(old.node, Leaf) and old.node.value is None):
        old = Entry(old.key if old else scion.mark, Table(scion.mark, {}))
    if not isinstance(old.node, Table):
        return root
    return _with(root, name, Entry(old.key, graft(old.node, rest, scion)))


def prune(node: Node, path: Path) -> Node:
    """Return a node without the entry at a path; where none stands there, as it is."""
    name, rest = path[0], path[1:]
    if not isinstance(node, Table) or not isinstance(name, str) or name not in node.entries:
        return node
    entries = dict(node.entries)
    entry = entries.pop(name)
    if rest:
        entries[name] = Entry(entry.key, prune(entry.node, rest))
    return Table(node.mark, entries)


def _with(table: Table, name: str, entry: Entry) -> Table:
    return Table(table.mark, {**table.entries, name: entry})


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Leaf]]:
    """Go through all single values with their paths."""
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from leaves(item, (*path, index))
    else:
        for key, entry in node.entries.items():
            yield from leaves(entry.node, (*path, key))


def pack(node: Node) -> list[Any]:
    """Write a tree, places and all, as something that JSON can carry."""
    mark = _pack_mark(node.mark)
    if isinstance(node, Leaf):
        return [mark, node.value]
    if isinstance(node, Sequence):
        return [mark, [pack(item) for item in node.items]]
    entries = {
        name: [_pack_mark(entry.key), pack(entry.node)] for name, entry in node.entries.items()
    }
    return [mark, entries]


def unpack(data: Any) -> Node:
    """Read what `pack` wrote."""
    mark, value = Mark(*data[0]), data[1]
    if isinstance(value, list):
        return Sequence(mark, tuple(unpack(item) for item in value))
    if isinstance(value, dict):
        entries = {name: Entry(Mark(*key), unpack(node)) for name, (key, node) in value.items()}
        return Table(mark, entries)
    return Leaf(mark, value)


def _pack_mark(mark: Mark) -> list[Any]:
    return [mark.source, mark.line, mark.column]


def show(path: Path) -> str:
    """Write a path as people do: ``tail.files[0].path``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def problem_at(mark: Mark, message: str, *, path: Path = (), hint: str = "") -> Problem:
    """Make a problem of a place and a sentence."""
    return Problem(message, show(path), mark.source, mark.line, mark.column, hint)

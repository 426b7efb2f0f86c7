"""The names of environment variables: which settings one can mean, and which there are."""

import re
from collections.abc import Iterator, Mapping

from webfail2ban.config.shapes import Shape, fields, named
from webfail2ban.config.tree import Node, Path, Table, child

PREFIX = "FAIL2BAN_"

#: Variables are listed for settings down to this depth: a model may hold itself.
MAX_DEPTH = 6

#: What can't stand in a variable's name.
OTHER = re.compile(r"[^A-Z0-9]")


def variable(path: Path) -> str:
    """Return the name of a setting's variable."""
    return PREFIX + "_".join(_fold(str(part)) for part in path)


def settings_of(
    name: str, sections: Mapping[str, Shape], root: Table
) -> tuple[tuple[Path, Shape], ...]:
    """Return every setting that a variable can mean, with what it allows.

    Args:
        name: The variable's name.
        sections: The sections that there are, and what each allows.
        root: What the file says: its names go before new ones.
    """
    rest = name.removeprefix(PREFIX)
    found = dict(_under(sections, rest, root))
    return tuple(found.items())


def variables(sections: Mapping[str, Shape], root: Table) -> tuple[str, ...]:
    """Return the names of all variables that there are for this file."""
    return tuple(variable(path) for path in _paths(sections, root, ()))


def _fold(name: str) -> str:
    return OTHER.sub("_", name.upper())


def _under(
    known: Mapping[str, Shape], rest: str, node: Node | None
) -> Iterator[tuple[Path, Shape]]:
    """Find a variable's rest under known keys."""
    for key, shape in known.items():
        folded = _fold(key)
        if rest == folded:
            yield (key,), shape
        elif rest.startswith(folded + "_"):
            inner = rest[len(folded) + 1 :]
            for path, found in _inside(shape, inner, child(node, key)):
                yield (key, *path), found


def _inside(shape: Shape, rest: str, node: Node | None) -> Iterator[tuple[Path, Shape]]:
    """Find a variable's rest in what a shape allows."""
    yield from _under(fields(shape), rest, node)
    value = named(shape)
    if value is None:
        return
    present = list(_under(dict.fromkeys(_names(node), value), rest, node))
    yield from present or _new(value, rest)


def _new(value: Shape, rest: str) -> Iterator[tuple[Path, Shape]]:
    """Split a variable's rest into a name that the file doesn't have and a setting below it."""
    if not fields(value) and named(value) is None:
        yield (rest.lower(),), value
        return
    for gap in re.finditer("_", rest):
        name, inner = rest[: gap.start()], rest[gap.end() :]
        if name and inner:
            for path, found in _inside(value, inner, None):
                yield (name.lower(), *path), found


def _names(node: Node | None) -> tuple[str, ...]:
    return tuple(node.entries) if isinstance(node, Table) else ()


def _paths(known: Mapping[str, Shape], node: Node | None, above: Path) -> Iterator[Path]:
    """Go through all settings under known keys."""
    if len(above) == MAX_DEPTH:
        return
    for key, shape in known.items():
        path, inner = (*above, key), child(node, key)
        yield path
        yield from _paths(fields(shape), inner, path)
        value = named(shape)
        if value is not None:
            yield from _paths(dict.fromkeys(_names(inner), value), inner, path)

r"""Supersets of failregexes: what a line holds, date and all, in which a failregex matches.

A scanner looks for all jails' supersets at once in lines as they are; only what it finds is
searched with `re`. A superset may be found where its failregex doesn't match, never the other way
round.

Example:
    >>> definition = FilterDefinition("web", failregex=(r"^\s*login (?!ok)\w+ from <ADDR>\b",))
    >>> [[superset.literals for superset in each] for each in find_supersets(Filter(definition))]
    [[frozenset({b'login '})]]
"""

import re
from dataclasses import dataclass

from webfail2ban.filters.breakage import find_breakage, survivors
from webfail2ban.filters.literals import find_literals
from webfail2ban.filters.matcher import Filter
from webfail2ban.filters.rendering import render
from webfail2ban.filters.rewriting import fill, is_nullable, within_line
from webfail2ban.filters.syntax import EMPTY, GAP, Choice, Node, Place, Series, parse


@dataclass(frozen=True, slots=True)
class Superset:
    """What to look for in a line's UTF-8.

    Attributes:
        expression: A regular expression for bytes: literals, sets, groups, choices, repetitions
            without limit or of a fixed number. It never goes on behind a newline.
        literals: One of these is in every match of the expression; none if that isn't known.
    """

    expression: str
    literals: frozenset[bytes]


def find_supersets(filter_: Filter) -> tuple[tuple[Superset, ...], ...]:
    """Find the supersets of a filter's failregexes.

    Args:
        filter_: The filter.

    Returns:
        For each failregex some supersets: where it matches, together with the prefregex, one of
        them is found. None at all if nothing is known; then every line has to be searched, as it
        has with a filter that is `multiline`.
    """
    if filter_.multiline:
        return ((),) * len(filter_.failregexes)
    breakages = {find_breakage(pattern) for pattern in filter_.dates.patterns}
    prefix = _read_prefix(filter_.prefregex)
    found = []
    for failregex in filter_.failregexes:
        tree = _with_prefix(prefix, parse(failregex).tree)
        supersets = (
            Superset(render(tree), find_literals(tree)) for tree in survivors(tree, breakages)
        )
        found.append(tuple(supersets))
    return tuple(found)


def _read_prefix(prefregex: re.Pattern[str] | None) -> Node:
    """Return a prefregex with a mark where the failregex is searched, only the mark if anywhere."""
    content = prefregex.groupindex.get("content") if prefregex else None
    if prefregex is None or content is None:
        return Place.MARK
    prefix = parse(prefregex, content)
    return Place.MARK if is_nullable(prefix.groups[content]) else prefix.tree


def _with_prefix(prefix: Node, failregex: Node) -> Node:
    """Return what matches in a line in which both expressions match."""
    failure = within_line(failregex)
    if prefix is Place.MARK:
        return failure
    inside = Series((EMPTY if _begins(failregex) else GAP, failure, GAP))
    return within_line(fill(prefix, inside))


def _begins(node: Node) -> bool:
    """Tell whether a match can only begin where the text does."""
    match node:
        case Place():
            return node is Place.BEGIN
        case Series(parts):
            solid = (part for part in parts if part != EMPTY)
            return _begins(next(solid, EMPTY)) if parts else False
        case Choice(options):
            return all(map(_begins, options))
        case _:
            return False

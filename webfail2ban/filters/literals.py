"""Required literals: texts of which every match of a tree holds at least one.

For scanners that know no regular expressions, and the reason why others are quick.
"""

from collections.abc import Iterable
from functools import reduce
from itertools import product

from webfail2ban.filters.syntax import Chars, Choice, Node, Repeat, Series

Literals = frozenset[bytes]

#: How many texts to look for at most, and how long each may be.
MAX_LITERALS, MAX_LENGTH = 16, 24

#: Shorter texts are in every other line.
MIN_LENGTH = 3

NOTHING_KNOWN: Literals = frozenset()
_EMPTY_TEXT: Literals = frozenset({b""})


def find_literals(node: Node) -> Literals:
    """Return texts of which each match holds one; none if that isn't known."""
    best = _required(node)
    return best if best and min(map(len, best)) >= MIN_LENGTH else NOTHING_KNOWN


def _required(node: Node) -> Literals:
    match node:
        case Series(parts):
            return _best(_in_series(parts))
        case Choice(options):
            required = [_required(option) or None for option in options]
            return reduce(_unite, required) or NOTHING_KNOWN
        case Repeat(part, least, _):
            return _required(part) if least else NOTHING_KNOWN
        case _:
            return _all_texts(node) or NOTHING_KNOWN


def _in_series(parts: Iterable[Node]) -> Iterable[Literals]:
    """Go through what a series requires: runs of plain text, and what other parts require."""
    run = _EMPTY_TEXT
    for part in parts:
        texts = _all_texts(part)
        joined = _join(run, texts)
        if joined is not None:
            run = joined
            continue
        yield run
        yield _required(part)
        run = texts or _EMPTY_TEXT
    yield run


def _all_texts(node: Node) -> Literals | None:
    """Return all texts that a tree matches, None if they are too many."""
    match node:
        case Chars() if not node.wide:
            few = node.ascii_count <= MAX_LITERALS
            return frozenset(map(str.encode, node.ascii)) if few else None
        case Series(parts):
            return reduce(_join, [_EMPTY_TEXT, *map(_all_texts, parts)])
        case Choice(options):
            return reduce(_unite, map(_all_texts, options))
        case Repeat(part, least, most) if most is not None and least == most:
            return _all_texts(Series((part,) * least))
        case Repeat(part, 0, 1):
            optional = _all_texts(part)
            return None if optional is None else optional | _EMPTY_TEXT
        case _:
            return None


def _join(heads: Literals | None, tails: Literals | None) -> Literals | None:
    """Return each head with each tail, None if that is too much."""
    if heads is None or tails is None or len(heads) * len(tails) > MAX_LITERALS:
        return None
    joined = frozenset(head + tail for head, tail in product(heads, tails))
    return joined if max(map(len, joined)) <= MAX_LENGTH else None


def _unite(some: Literals | None, others: Literals | None) -> Literals | None:
    """Return both, None if that is too much."""
    if some is None or others is None or len(some | others) > MAX_LITERALS:
        return None
    return some | others


def _best(candidates: Iterable[Literals]) -> Literals:
    return max(candidates, key=_worth, default=NOTHING_KNOWN)


def _worth(literals: Literals) -> tuple[int, int]:
    """Order by how rarely texts are found by chance: the shortest one's length, then how many."""
    return min(map(len, literals), default=0), -len(literals)

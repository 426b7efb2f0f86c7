"""Making trees of expressions smaller and wider: each step's result takes whatever its input takes.

The constructors `series`, `choice` and `repeat` keep trees flat and small. Numbers are given up
first: whoever confirms a match knows them, and an automaton that counts is a large one.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from webfail2ban.filters.syntax import (
    EMPTY,
    GAP,
    NEWLINE_BIT,
    WIDE_BITS,
    WIDE_OTHER_BIT,
    WIDE_WORD_BIT,
    Chars,
    Choice,
    Node,
    Place,
    Repeat,
    Series,
)

#: Any character beyond ASCII, and the sets of nothing else.
WIDE = Chars(WIDE_BITS)
_WIDE_SETS = (WIDE, Chars(WIDE_WORD_BIT), Chars(WIDE_OTHER_BIT))

#: How many repetitions are asked for at least.
MAX_LEAST = 16


def series(parts: Iterable[Node]) -> Node:
    """Put parts one after the other; two gaps are one, and so is text beyond ASCII."""
    flat: list[Node] = []
    for part in parts:
        for inner in _parts(part):
            if flat and flat[-1] == inner == GAP:
                continue
            if flat and _is_wide_run(flat[-1]) and _is_wide_run(inner):
                flat[-1] = repeat(WIDE, least_length(flat[-1]) + least_length(inner), None)
                continue
            flat.append(inner)
    return flat[0] if len(flat) == 1 else Series(tuple(flat))


def _is_wide_run(node: Node) -> bool:
    return (node.part if isinstance(node, Repeat) else node) in _WIDE_SETS


def choice(options: Iterable[Node]) -> Node:
    """Make a choice.

    Single characters become one set, nothing at all makes it optional, and gaps at the ends of
    some options are taken out.
    """
    flat: dict[Node, None] = {}
    for option in options:
        flat.update(dict.fromkeys(option.options if isinstance(option, Choice) else (option,)))
    if GAP in flat:
        return GAP
    begin, end = (any(_parts(option)[place:][:1] == (GAP,) for option in flat) for place in (0, -1))
    if begin or end:
        inner = choice(_strip_gaps(option) for option in flat)
        return series([*[GAP] * begin, inner, *[GAP] * end])
    chars = [option for option in flat if isinstance(option, Chars)]
    for one in chars:
        del flat[one]
    if chars:
        flat[_union(chars)] = None
    optional = EMPTY in flat
    flat.pop(EMPTY, None)
    if not flat:
        return EMPTY
    node: Node = next(iter(flat)) if len(flat) == 1 else Choice(tuple(flat))
    return repeat(node, 0, 1) if optional else node


def _strip_gaps(node: Node) -> Node:
    """Take away the gaps at both ends."""
    parts = list(_parts(node))
    while parts and parts[0] == GAP:
        del parts[0]
    while parts and parts[-1] == GAP:
        del parts[-1]
    return series(parts)


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Series) else (node,)


def repeat(part: Node, least: int, most: int | None) -> Node:
    """Repeat a part. A number of repetitions that isn't fixed has no limit afterwards.

    What is repeated with a structure of its own becomes a run of its characters: an automaton for
    ``(?:[0-9]+[.]){3}`` is ten times as large as one for ``[0-9.]{6,}``.
    """
    if part == EMPTY or most == 0 or isinstance(part, Place):
        return EMPTY
    if least == most == 1:
        return part
    if most != 1 and not isinstance(part, Chars):
        part, least, most = _union(leaves(part)), least * least_length(part), None
    if most not in {1, least}:
        most = None
    if least > MAX_LEAST:
        least, most = MAX_LEAST, None
    return Repeat(part, least, most)


def _union(sets: Iterable[Chars]) -> Chars:
    return Chars(reduce(or_, (one.bits for one in sets), 0))


def fill(node: Node, content: Node) -> Node:
    """Put a tree in the place of the mark in another."""
    match node:
        case Place.MARK:
            return content
        case Series(parts):
            return Series(tuple(fill(part, content) for part in parts))
        case Choice(options):
            return Choice(tuple(fill(option, content) for option in options))
        case Repeat(part, least, most):
            return Repeat(fill(part, content), least, most)
        case _:
            return node


def is_nullable(node: Node) -> bool:
    """Tell whether a tree takes nothing at all."""
    match node:
        case Chars():
            return False
        case Series(parts):
            return all(map(is_nullable, parts))
        case Choice(options):
            return any(map(is_nullable, options))
        case Repeat(part, least, _):
            return least == 0 or is_nullable(part)
        case Place():
            return True


def within_line(node: Node, *, ends: bool = True) -> Node:  # noqa: PLR0911 - one for each kind
    """Take the newline away that ends the text which an expression is searched in.

    Args:
        node: What matches in a text with a newline at its end and nowhere else.
        ends: Whether what follows takes nothing at all, so that the newline may be matched here.

    Returns:
        What then matches in the same text without the newline.
    """
    match node:
        case Chars(bits) if bits & NEWLINE_BIT:
            rest = Chars(bits & ~NEWLINE_BIT) if bits != NEWLINE_BIT else EMPTY
            return repeat(rest, 0, 1) if ends else rest
        case Series(parts):
            narrowed = []
            for part in reversed(parts):
                narrowed.append(within_line(part, ends=ends))
                ends = ends and is_nullable(part)
            return series(reversed(narrowed))
        case Choice(options):
            return choice(within_line(option, ends=ends) for option in options)
        case Repeat(Chars(bits) as part, least, most):
            fewer = least - 1 if ends and least and bits & NEWLINE_BIT else least
            return repeat(within_line(part, ends=False), fewer, most)
        case Repeat(part, least, most):
            return repeat(within_line(part, ends=ends), least, most)
        case Place():
            return EMPTY
        case _:
            return node


def trim(node: Node) -> Node:
    """Take away at both ends what need not be there; the rest matches inside every match."""
    return _trim(_trim(node, -1), 0)


def _trim(node: Node, end: int) -> Node:  # noqa: PLR0911 - one for each kind
    match node:
        case Series(parts):
            kept = list(parts)
            while kept and is_nullable(kept[end]):
                del kept[end]
            if not kept:
                return EMPTY
            kept[end] = _trim(kept[end], end)
            return series(kept)
        case Choice(options):
            return EMPTY if is_nullable(node) else choice(_trim(option, end) for option in options)
        case Repeat(part, least, _):
            if is_nullable(node):
                return EMPTY
            inner = [_trim(part, end)]
            rest = [repeat(part, least - 1, least - 1)]
            return series(inner + rest if end == 0 else rest + inner)
        case Place():
            return EMPTY
        case _:
            return node


def first_bits(node: Node) -> int:
    """Return the set of the characters that a match may begin with."""
    match node:
        case Chars(bits):
            return bits
        case Series(parts):
            found = 0
            for part in parts:
                found |= first_bits(part)
                if not is_nullable(part):
                    break
            return found
        case Choice(options):
            return reduce(or_, map(first_bits, options), 0)
        case Repeat(part, _, _):
            return first_bits(part)
        case Place():
            return 0


def least_length(node: Node) -> int:
    """Return how many characters a match has at least."""
    match node:
        case Chars():
            return 1
        case Series(parts):
            return sum(map(least_length, parts))
        case Choice(options):
            return min(map(least_length, options), default=0)
        case Repeat(part, least, _):
            return least * least_length(part)
        case Place():
            return 0


def most_length(node: Node) -> float:
    """Return how many characters a match has at most; infinity if there is no limit."""
    match node:
        case Chars():
            return 1
        case Series(parts):
            return sum(map(most_length, parts))
        case Choice(options):
            return max(map(most_length, options), default=0)
        case Repeat(part, _, most):
            return most_length(part) * (float("inf") if most is None else most)
        case Place():
            return 0


def leaves(node: Node) -> Iterator[Chars]:
    """Go through all sets of characters in a tree."""
    match node:
        case Chars():
            yield node
        case Series(inner) | Choice(inner):
            for part in inner:
                yield from leaves(part)
        case Repeat(part, _, _):
            yield from leaves(part)

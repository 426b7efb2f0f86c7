"""Where cutting the date out may break what an expression matches.

Expressions are searched in lines without their dates, a prefilter looks at lines as they are. What
stands left and right of the date is one match in the former and two pieces in the latter. So a
superset for whole lines must do without what the date may have divided.
"""

from collections.abc import Iterable
from enum import Enum, auto
from functools import lru_cache
from itertools import groupby
from math import log2

from webfail2ban.filters.datepattern import WORD_END, DatePattern
from webfail2ban.filters.datetemplates import EPOCH, LONG_EPOCH
from webfail2ban.filters.rewriting import (
    choice,
    first_bits,
    is_nullable,
    least_length,
    leaves,
    most_length,
    series,
    trim,
)
from webfail2ban.filters.syntax import (
    EMPTY,
    GAP,
    NONWORD_BITS,
    WORD_BITS,
    Chars,
    Choice,
    Node,
    Place,
    Repeat,
    Series,
    parse,
)

#: What may stand in front of a date that begins the line: that many characters outside words.
SHORT_START = 2

#: A half of an expression that tells less than this, in bits, is found in too many lines.
TELLING_BITS = 16.0

#: How many pieces of an expression with gaps are looked for: a few words tell enough, and what
#: follows a gap has to be kept in mind up to the line's end.
MAX_PIECES = 3

#: A tree of more sets of characters than this has gaps made, whatever the dates are like.
MAX_SETS = 300

#: A part whose characters tell less than this each is hardly more than any text; and how much the
#: others have to tell, all together, for it to be left out.
TELLING_CHAR_BITS, ENOUGH_BITS = 5.5, 40.0

#: What a character tells, in bits, and how many beyond ASCII a set is taken to have.
_CHAR_BITS, _WIDE_SIZE = 7, 64


class Breakage(Enum):
    """Where a date may have divided a match.

    Attributes:
        NOWHERE: The date stands at the line's start, or none is cut out.
        START: At most two characters that belong to no word stand in front of the date.
        BETWEEN: Anywhere but within a word.
        ANYWHERE: Anywhere.
    """

    NOWHERE = auto()
    START = auto()
    BETWEEN = auto()
    ANYWHERE = auto()


@lru_cache(maxsize=512)
def find_breakage(pattern: DatePattern) -> Breakage:
    """Tell where dates of a pattern may divide a match."""
    if pattern.text.upper() in {EPOCH, LONG_EPOCH}:
        return Breakage.BETWEEN  # at the line's start, or behind a bracket
    syntax = parse(pattern.regex, pattern.group)
    date = syntax.groups[pattern.group]
    if most_length(date) == 0:
        return Breakage.NOWHERE
    parts = syntax.tree.parts if isinstance(syntax.tree, Series) else (syntax.tree,)
    if Place.MARK not in parts:
        return Breakage.ANYWHERE
    place = parts.index(Place.MARK)
    before, after = series(parts[:place]), series(parts[place + 1 :])
    if parts[0] is Place.BEGIN and most_length(before) <= SHORT_START and not _has_words(before):
        return Breakage.START if most_length(before) else Breakage.NOWHERE
    bounded = pattern.regex.pattern.endswith(WORD_END) and most_length(after) == 0
    if _ends_with(before, NONWORD_BITS) or (bounded and _ends_with(date, WORD_BITS)):
        return Breakage.BETWEEN
    return Breakage.ANYWHERE


def survivors(node: Node, breakages: Iterable[Breakage]) -> tuple[Node, ...]:
    """Rewrite a superset for lines without dates into supersets for whole lines.

    Args:
        node: The superset.
        breakages: What the dates that the filter looks for may do.

    Returns:
        Trees, trimmed, one of which still matches; none where nothing useful is left.
    """
    kinds = set(breakages)
    trees: tuple[Node, ...] = (trim(node),)
    if Breakage.ANYWHERE in kinds:
        trees = _halve(trees[0])
        return tuple(map(_pare, trees)) if min(map(_bits, trees)) >= TELLING_BITS else ()
    if Breakage.START in kinds:
        trees = (_behead(trees[0]),)
    if Breakage.BETWEEN in kinds or sum(1 for _ in leaves(trees[0])) > MAX_SETS:
        trees = (_loosen(trees[0]),)
    trees = tuple(_pare(trim(tree)) for tree in trees)
    return () if EMPTY in trees else trees


def _has_words(node: Node) -> bool:
    return any(leaf.bits & WORD_BITS for leaf in leaves(node))


def _ends_with(node: Node, bits: int) -> bool:  # noqa: PLR0911 - one for each kind of node
    """Tell whether every match ends with a character of a set."""
    match node:
        case Chars():
            return not node.bits & ~bits
        case Series(parts):
            for part in reversed(parts):
                if most_length(part) and not _ends_with(part, bits):
                    return False
                if not is_nullable(part):
                    return True
            return False
        case Choice(options):
            return all(_ends_with(option, bits) for option in options)
        case Repeat(part, _, _):
            return _ends_with(part, bits)
        case Place():
            return False


def _behead(node: Node) -> Node:
    """Leave out what the characters in front of the date may have been part of."""
    if isinstance(node, Choice):
        return choice(map(_behead, node.options))
    parts = node.parts if isinstance(node, Series) else (node,)
    length = 0
    for index, part in enumerate(parts):
        whole = not first_bits(part) & NONWORD_BITS and not is_nullable(part)
        if whole or length > SHORT_START:
            return series(parts[index:])
        length += least_length(part)
    return EMPTY


def _loosen(node: Node, pieces: int = MAX_PIECES) -> Node:
    """Allow gaps around whatever belongs to no word, and keep the most telling pieces between."""
    match node:
        case Chars(bits):
            return series((GAP, node, GAP)) if bits & NONWORD_BITS else node
        case Series(parts):
            return _keep_telling(series(_loosen(part, 1) for part in parts), pieces)
        case Choice(options):
            return choice(_loosen(option, 1) for option in options)
        case Repeat(part, least, _):
            if not any(leaf.bits & NONWORD_BITS for leaf in leaves(part)):
                return node
            return GAP if least == 0 else series((_loosen(part), GAP))
        case Place():
            return EMPTY


def _keep_telling(node: Node, count: int) -> Node:
    """Keep those pieces between gaps that tell most; the others are gaps then."""
    parts = node.parts if isinstance(node, Series) else (node,)
    groups = groupby(parts, lambda part: part == GAP)
    pieces = [series(group) for is_gap, group in groups if not is_gap]
    if len(pieces) <= count:
        return node
    best = sorted(range(len(pieces)), key=lambda index: -_bits(pieces[index]))[:count]
    kept = (part for index in sorted(best) for part in (pieces[index], GAP))
    return series((GAP, *kept))


def _halve(node: Node) -> tuple[Node, Node]:
    """Split where both halves tell most: a date can only have divided one of them."""
    if isinstance(node, Choice):
        halves = [_halve(option) for option in node.options]
        return choice(half[0] for half in halves), choice(half[1] for half in halves)
    parts = node.parts if isinstance(node, Series) else (node,)
    splits = [(trim(series(parts[:at])), trim(series(parts[at:]))) for at in range(len(parts) + 1)]
    return max(splits, key=lambda halves: min(map(_bits, halves)))


def _pare(node: Node) -> Node:
    """Take away at both ends what is hardly more than any text, if the rest tells enough.

    A scanner is quick where it finds a literal first, and reports each place where a match may end.
    """
    parts = node.parts if isinstance(node, Series) else (node,)
    telling = [index for index, part in enumerate(parts) if _is_telling(part)]
    if not telling:
        return node
    first, behind = telling[0], telling[-1] + 1
    kept = trim(series(parts[first:behind]))
    if _bits(kept) < ENOUGH_BITS:
        return node
    return series((kept, Chars(first_bits(series(parts[behind:]))))) if parts[behind:] else kept


def _is_telling(node: Node) -> bool:
    return 0 < TELLING_CHAR_BITS * least_length(node) <= _bits(node)


def _bits(node: Node) -> float:
    """Estimate how much a match tells: the logarithm of how few texts are one."""
    match node:
        case Chars():
            return max(_CHAR_BITS - log2(node.ascii_count + _WIDE_SIZE * node.wide), 0)
        case Series(parts):
            return sum(map(_bits, parts))
        case Choice(options):
            return min(map(_bits, options), default=0)
        case Repeat(part, least, _):
            return least * _bits(part)
        case Place():
            return 0

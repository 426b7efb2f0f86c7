"""What lines that begin alike have in common: how the date formats fit them.

A log brings the same second again and again, and trying a format costs ten times as much as
looking up how the line begins. What has to be alike is as much as any format can read, and one
character more: it is known from an automaton that reads the formats all at once, until none of
them can go on. It is a superset of them, so it goes on too long rather than too short.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from webfail2ban.filters.datepattern import WORD_END, DatePattern
from webfail2ban.filters.rewriting import is_nullable, leaves, series
from webfail2ban.filters.syntax import (
    ASCII_SIZE,
    EMPTY,
    WIDE_BITS,
    WORD_BITS,
    Chars,
    Choice,
    Node,
    Place,
    Repeat,
    Series,
    parse,
)

#: How much of a line to look at, in characters: behind that it is of little use to be alike.
LONGEST = 100

#: How many beginnings to remember: a second has as many as there are formats, and characters
#: behind their dates.
REMEMBERED = 1024

#: How many lengths of beginnings to look for; a log mostly has one.
LENGTHS = 4

_LOOK_AHEAD = re.compile(r"\(\?[=!]")


class State(dict[str, "State"]):
    """What the formats may go on with, and the state behind each character that was met so far.

    Args:
        rests: What may follow.
    """

    __slots__ = ("rests",)

    def __init__(self, rests: frozenset[Node]) -> None:
        super().__init__()
        self.rests = rests

    def __missing__(self, character: str) -> "State":
        """Find the state behind a character."""
        code = ord(character)
        if code >= ASCII_SIZE:
            return _state(_follow_all(self.rests, WIDE_BITS))  # too many to keep one for each
        state = self[character] = _state(_follow_all(self.rests, 1 << code))
        return state


class Cut(NamedTuple):
    """How the date was cut out of a line: of all that begin like it, it is in the same way.

    Attributes:
        pattern: The format.
        match: How it fits.
        before: What stands before the date.
        date: The date's text.
        end: Where it ends.
    """

    pattern: DatePattern
    match: re.Match[str]
    before: str
    date: str
    end: int


class Fits(dict[DatePattern, re.Match[str] | None]):
    """How each format that was tried fits all lines that begin in a way.

    Attributes:
        cut: How the last of these lines was cut.
    """

    __slots__ = ("cut",)

    def __init__(self) -> None:
        super().__init__()
        self.cut: Cut | None = None


class Beginnings:
    """Remembers how formats fit lines, by how these begin.

    Args:
        patterns: The formats, all of which `are_told_by_the_beginning`.
    """

    def __init__(self, patterns: Sequence[DatePattern]) -> None:
        self._start = _start(tuple(patterns))
        self._fits: dict[str, Fits] = {}
        self._lengths: tuple[int, ...] = ()

    def recall(self, line: str) -> Fits | None:
        """Return how formats fit all lines that begin like this one, to be filled in.

        Args:
            line: The line.

        Returns:
            None if it ends too soon to tell, or a format goes on for too long.
        """
        for length in self._lengths:
            fits = self._fits.get(line[:length])
            if fits is not None:
                return fits
        return self._learn(line)

    def _learn(self, line: str) -> Fits | None:
        """Find out how much of the line has to be alike."""
        state = self._start
        for length, character in enumerate(line[:LONGEST], 1):
            state = state[character]
            if not state.rests:
                # Behind a newline nothing, or anything, may stand: ``$`` tells the difference.
                return None if character == "\n" else self._remember(line[:length])
        return None

    def _remember(self, begin: str) -> Fits:
        """Make room for how formats fit lines that begin in a way."""
        length = len(begin)
        if length not in self._lengths:
            self._lengths = (length, *self._lengths[: LENGTHS - 1])
        if len(self._fits) >= REMEMBERED:
            self._fits.clear()
        fits = self._fits[begin] = Fits()
        return fits


def are_told_by_the_beginning(patterns: Sequence[DatePattern]) -> bool:
    """Tell whether a line's beginning, of few words, decides whether and how formats fit."""
    return all(map(_is_told_by_the_beginning, patterns))


@lru_cache(maxsize=512)
def _is_told_by_the_beginning(pattern: DatePattern) -> bool:
    if _LOOK_AHEAD.search(pattern.regex.pattern.removesuffix(WORD_END)):
        return False  # the one at the end looks at one character, which is taken into account
    tree = parse(pattern.regex).tree
    begins = isinstance(tree, Series) and tree.parts[:1] == (Place.BEGIN,)
    return begins and not _goes_on(tree)


def _goes_on(node: Node) -> bool:
    """Tell whether a tree takes any number of words: then messages are part of it."""
    match node:
        case Series(inner) | Choice(inner):
            return any(map(_goes_on, inner))
        case Repeat(part, _, None):
            return any(leaf.bits & WORD_BITS for leaf in leaves(part))
        case Repeat(part, _, _):
            return _goes_on(part)
        case _:
            return False


@lru_cache(maxsize=64)
def _start(patterns: tuple[DatePattern, ...]) -> State:
    """Return the state in front of a line; detectors with the same formats share it."""
    return _state(frozenset(parse(pattern.regex).tree for pattern in patterns))


@lru_cache(maxsize=4096)
def _state(rests: frozenset[Node]) -> State:
    """Return the one state for these rests: nearly all digits lead to the same."""
    return State(rests)


def _follow_all(nodes: frozenset[Node], bits: int) -> frozenset[Node]:
    return frozenset(rest for node in nodes for rest in _follow(node, bits))


def _follow(node: Node, bits: int) -> frozenset[Node]:
    """Return what remains of a tree behind a character (Antimirov's partial derivatives)."""
    match node:
        case Chars(own):
            return frozenset({EMPTY} if own & bits else ())
        case Series(parts):
            found: set[Node] = set()
            for index, part in enumerate(parts):
                behind = parts[index + 1 :]
                found.update(series((rest, *behind)) for rest in _follow(part, bits))
                if not is_nullable(part):
                    break
            return frozenset(found)
        case Choice(options):
            return _follow_all(frozenset(options), bits)
        case Repeat(part, least, most):
            more = None if most is None else most - 1
            again = Repeat(part, max(least - 1, 0), more) if more != 0 else EMPTY
            return frozenset(series((rest, again)) for rest in _follow(part, bits))
        case Place():
            return frozenset()

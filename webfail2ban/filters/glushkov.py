"""From Python's regular expressions to automata."""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from math import inf
from typing import Any, NamedTuple, TypeVar

from webfail2ban.filters.automaton import (
    EDGE,
    LINE_BEGIN,
    LINE_END,
    NO_EDGE,
    TEXT_BEGIN,
    TEXT_END,
    Automaton,
    Edge,
    ahead,
)
from webfail2ban.filters.quantifiers import read_quantifiers
from webfail2ban.filters.syntax import (
    ASCII_BITS,
    NEWLINE_BIT,
    NONWORD_BITS,
    WORD_BITS,
    read_chars,
)

_Item = TypeVar("_Item")

# The parser behind `re.compile`, as in `syntax`.
_parser: Any = import_module("re._parser")

#: What may be repeated more often than this can do as much harm as what has no limit.
MANY = 16

#: How often what is repeated is written out where it matters how often it is, and elsewhere.
MAX_COPIES, MAX_PLAIN_COPIES = 5, 64

#: Larger expressions aren't looked at. The longest one that fail2ban brings has a third of this.
MAX_STATES = 6000

#: Of two edges that are the same, the second one tells that there is more than one way.
_ENOUGH = 2

_GUARDS = {
    "AT_BEGINNING": TEXT_BEGIN,
    "AT_BEGINNING_STRING": TEXT_BEGIN,
    "AT_END": TEXT_END,
    "AT_END_STRING": TEXT_END,
    "AT_BOUNDARY": EDGE,
    "AT_NON_BOUNDARY": NO_EDGE,
}
_LINE_GUARDS = {"AT_BEGINNING": LINE_BEGIN, "AT_END": LINE_END}

#: What there is only one way for.
_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})


class TooLargeError(Exception):
    """The expression has more than `MAX_STATES` states."""


def read_automaton(regex: re.Pattern[str]) -> Automaton:
    """Read an expression.

    Characters beyond ASCII are left out: whatever they do to an expression, others do too.

    Raises:
        TooLargeError: It is too large to be looked at.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the author's style, as when it was compiled
        items = _parser.parse(regex.pattern, regex.flags)
    builder = _Builder(regex, items)
    head = builder.add_state(0)
    search = (Edge(builder.add_state(ASCII_BITS), 0),)
    ways = builder.read(items, int(items.state.flags))
    builder.connect(search, search + ways.first)
    builder.close_branch(head, ways)
    return builder.automaton


class _Ways(NamedTuple):
    """How a part begins and ends, and in which ways it takes nothing at all."""

    first: tuple[Edge, ...] = ()
    last: tuple[Edge, ...] = ()
    empty: tuple[int, ...] = ()


_NOTHING = _Ways(empty=(0,))


class _Builder:
    """Walks the tree of Python's parser."""

    def __init__(self, regex: re.Pattern[str], items: Any) -> None:
        self.automaton = Automaton(bool(regex.flags & re.MULTILINE), items.getwidth()[0])
        self._texts = read_quantifiers(regex.pattern, items)
        self._names = {number: name for name, number in regex.groupindex.items()}
        self._groups: dict[int, tuple[Any, int]] = {}
        self._branch = self._branches = 0
        self._repeats: tuple[int, ...] = ()
        self._named: frozenset[str] = frozenset()
        self._shortest = False

    def add_state(self, chars: int) -> int:
        """Add a state that some characters lead into."""
        automaton = self.automaton
        if len(automaton.chars) >= MAX_STATES:
            raise TooLargeError
        automaton.chars.append(chars)
        automaton.edges.append([])
        automaton.branches.append(self._branch)
        automaton.repeats.append(self._repeats)
        automaton.groups.append(self._named)
        return len(automaton.chars) - 1

    def connect(self, sources: Iterable[Edge], targets: Sequence[Edge]) -> None:
        """Let one part follow another."""
        chars = self.automaton.chars
        for source, behind in sources:
            edges = self.automaton.edges[source]
            for target, before in targets:
                guard = behind | before
                edge = Edge(target, guard)
                if not chars[target] or not _may_hold(guard, chars[source], chars[target]):
                    continue
                if edges.count(edge) < _ENOUGH:
                    edges.append(edge)

    def close_branch(self, head: int, ways: _Ways) -> None:
        """Tell how the branch begins and ends that was read last."""
        automaton = self.automaton
        automaton.heads[self._branch] = head
        automaton.edges[head] = [edge for edge in ways.first if automaton.chars[edge.state]]
        automaton.ends[self._branch] = (*ways.last, *(Edge(head, guard) for guard in ways.empty))

    def read(self, items: Iterable[tuple[Any, Any]], flags: int) -> _Ways:
        """Read parts that follow each other."""
        ways = _NOTHING
        for operation, value in items:
            part = self._read_item(operation.name, value, flags)
            ways = part if ways is _NOTHING else self._join(ways, part)
        return ways

    def _join(self, left: _Ways, right: _Ways) -> _Ways:
        self.connect(left.last, right.first)
        if not left.empty and not right.empty:
            return _Ways(left.first, right.last)
        return _Ways(
            _both(left.first, (Edge(state, a | b) for a in left.empty for state, b in right.first)),
            _both(right.last, (Edge(state, a | b) for state, a in left.last for b in right.empty)),
            _enough(a | b for a in left.empty for b in right.empty),
        )

    def _read_item(self, operation: str, value: Any, flags: int) -> _Ways:  # noqa: C901, PLR0911 - a table
        match operation:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                key = tuple(value) if operation == "IN" else value
                edges = (Edge(self.add_state(_read_bits(operation, key, flags)), 0),)
                return _Ways(edges, edges)
            case "BRANCH":
                return _choose([self.read(option, flags) for option in value[1]])
            case "SUBPATTERN":
                number, add, remove, items = value
                return self._read_group(number, items, (flags | add) & ~remove)
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self._read_repeat(value, flags)
            case "POSSESSIVE_REPEAT":
                items = _parser.SubPattern(value[2].state, [(_parser.MAX_REPEAT, value)])
                return self._read_atomic(items, flags)
            case "ATOMIC_GROUP":
                return self._read_atomic(value, flags)
            case "GROUPREF":
                with self._only_shortest():
                    return self.read(*self._groups[value])
            case "GROUPREF_EXISTS":
                _, yes, no = value
                return _choose([self.read(yes, flags), self.read(no or (), flags)])
            case "AT":
                guards = _GUARDS | (_LINE_GUARDS if flags & re.MULTILINE else {})
                return _Ways(empty=(guards[value.name],))
            case "ASSERT" | "ASSERT_NOT":
                direction, items = value
                negative = operation == "ASSERT_NOT"
                return self._read_ahead(items, flags, negative) if direction > 0 else _NOTHING
            case _:
                return _Ways()  # (?!), and whatever Python will invent

    def _read_group(self, number: int | None, items: Any, flags: int) -> _Ways:
        if number is None:
            return self.read(items, flags)
        self._groups[number] = items, flags
        outside = self._named
        if number in self._names:
            self._named |= {self._names[number]}
        ways = self.read(items, flags)
        self._named = outside
        return ways

    def _read_ahead(self, items: Any, flags: int, negative: bool) -> _Ways:
        """Read a look-ahead: it leads nowhere, and what follows it depends on it."""
        branch, first = self._read_branch(items, flags)
        return _Ways(first, (), (ahead(branch, negative=negative),))

    def _read_branch(self, items: Any, flags: int) -> tuple[int, tuple[Edge, ...]]:
        """Read what leads nowhere; return its number, and what it begins with."""
        outside = self._branch, self._repeats
        self._branches += 1
        self._branch, self._repeats = self._branches, ()
        head = self.add_state(0)
        ways = self.read(items, flags)
        self.close_branch(head, ways)
        branch = self._branch
        self._branch, self._repeats = outside
        return branch, ways.first

    def _read_atomic(self, items: Any, flags: int) -> _Ways:
        """Read what is never tried again: its own tries, and the one way that then remains."""
        if any(operation.name not in _SINGLE for operation, _ in items):
            self.automaton.atomic.update(self._repeats)
        _, tries = self._read_branch(items, flags)
        with self._only_shortest():
            return self._join(_Ways(tries, (), (0,)), self.read(items, flags))

    @contextmanager
    def _only_shortest(self) -> Iterator[None]:
        """Take repetitions for what they hold at least."""
        outside = self._shortest
        self._shortest = True
        yield
        self._shortest = outside

    def _read_repeat(self, value: Any, flags: int) -> _Ways:
        least, most, items = int(value[0]), int(value[1]), value[2]
        limit = inf if value[1] == _parser.MAXREPEAT else most
        if most == 0:
            return _NOTHING
        enough = MAX_COPIES if self._repeats else MANY
        if least < limit > enough and not self._shortest:
            return self._read_loop(least, limit, items, flags)
        loops = len(self.automaton.texts)
        ways = self.read(items, flags)
        copies = max(least, 1)
        if self._repeats or len(self.automaton.texts) > loops:
            copies = min(most, max(least, MAX_COPIES))
        optional = copies - least
        if optional > 0:
            ways = _optional(ways)
        for copy in range(1, min(copies, MAX_PLAIN_COPIES)):
            ways = self._join(self.read(items, flags), ways)
            if copy < optional:
                ways = _optional(ways)
        return ways

    def _read_loop(self, least: int, limit: float, items: Any, flags: int) -> _Ways:
        ways = _NOTHING
        for _ in range(1, min(least, MAX_PLAIN_COPIES)):
            ways = self._join(ways, self.read(items, flags))
        automaton, outside = self.automaton, self._repeats
        self._repeats += (len(automaton.texts),)
        automaton.texts.append(self._texts.get(id(items), "a repetition"))
        automaton.limits.append(limit)
        part = self.read(items, flags)
        self.connect(part.last, part.first)
        self._repeats = outside
        return self._join(ways, part if least else _optional(part))


@lru_cache(maxsize=1024)
def _read_bits(operation: str, value: Any, flags: int) -> int:
    """Read a set of characters; most expressions share most of theirs."""
    return read_chars(operation, value, flags).bits & ASCII_BITS


def _choose(options: Iterable[_Ways]) -> _Ways:
    first: tuple[Edge, ...] = ()
    last: tuple[Edge, ...] = ()
    empty: tuple[int, ...] = ()
    for option in options:
        first, last, empty = first + option.first, last + option.last, empty + option.empty
    return _Ways(first, last, _enough(empty))


def _optional(ways: _Ways) -> _Ways:
    return ways._replace(empty=_enough((0, *ways.empty)))


def _both(own: tuple[Edge, ...], through: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return the edges of a part, and those that lead through its empty neighbour."""
    further = _enough(through)
    return own + further if further else own


def _enough(items: Iterable[_Item]) -> tuple[_Item, ...]:
    """Leave out what occurs for the third time."""
    kept: list[_Item] = []
    for item in items:
        if kept.count(item) < _ENOUGH:
            kept.append(item)
    return tuple(kept)


def _may_hold(guard: int, before: int, after: int) -> bool:
    """Tell whether a guard may hold between two characters out of two sets."""
    if not guard:
        return True
    if guard & (TEXT_BEGIN | TEXT_END):
        return False
    if guard & LINE_BEGIN and not before & NEWLINE_BIT:
        return False
    if guard & LINE_END and not after & NEWLINE_BIT:
        return False
    words = before & WORD_BITS, after & WORD_BITS
    others = before & NONWORD_BITS, after & NONWORD_BITS
    if guard & EDGE and not (words[0] and others[1]) and not (others[0] and words[1]):
        return False
    return bool(not guard & NO_EDGE or all(words) or all(others))

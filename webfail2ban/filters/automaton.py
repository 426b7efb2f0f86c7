"""An automaton: which character may follow which, and in how many ways.

Each place of an expression that takes a character is a state (Glushkov's construction; `glushkov`
reads expressions into it). Where an engine that backtracks could come from one state to another in
two ways without reading anything, there are two edges: that is what makes ``(a*)*`` worse than
``a*``. A look-ahead or an atomic group is a branch that leads nowhere else: what is tried in it is
tried behind all that stands in front.
"""

from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from webfail2ban.filters.syntax import NEWLINE_BIT

#: What has to hold between two characters: ``^``, ``$``, ``\\b`` and ``\\B``. Bits of a guard; the
#: bits above them stand for look-aheads, see `ahead`.
TEXT_BEGIN, LINE_BEGIN, TEXT_END, LINE_END, EDGE, NO_EDGE = (1 << bit for bit in range(6))
PLACE_BITS = 6

#: The state in front of a match that begins with the text, and of one that may begin anywhere.
START, SEARCH = 0, 1


def ahead(branch: int, *, negative: bool) -> int:
    """Return the guard that says that a branch has to match here, or must not."""
    return 1 << PLACE_BITS + 2 * branch + negative


class Edge(NamedTuple):
    """A way to a state, or out of one.

    Attributes:
        state: The state.
        guard: What has to hold on the way, 0 for nothing.
    """

    state: int
    guard: int


@dataclass(slots=True, eq=False)
class Automaton:
    """States are numbers; the first six lists have an item for each.

    Attributes:
        newlines: Whether the text may hold newlines before its end.
        width: How long a text has to be at least.
        chars: The ASCII characters that lead into a state, as a set of bits (see `syntax`).
        edges: What follows it; the same edge twice stands for two ways.
        branches: The branch that it belongs to, 0 for the expression itself.
        repeats: The repetitions without limit, or with a high one, that it stands in, from the
            outermost to the innermost.
        groups: The named groups that it stands in.
        heads: By branch: the state in front of it.
        ends: By branch: its last states, and what has to hold behind them.
        texts: The source of each repetition.
        limits: How often each may be repeated, infinity for any number.
        atomic: Those around an atomic group that could take more or less.
    """

    newlines: bool
    width: int
    chars: list[int] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)
    repeats: list[tuple[int, ...]] = field(default_factory=list)
    groups: list[frozenset[str]] = field(default_factory=list)
    heads: dict[int, int] = field(default_factory=dict)
    ends: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    atomic: set[int] = field(default_factory=set)

    @property
    def anchored(self) -> bool:
        """Whether a match begins where the text, or a line of it, begins."""
        later = (edge for edge in self.edges[SEARCH] if edge.state != SEARCH)
        return all(edge.guard & LINE_BEGIN for edge in later)

    def common(self, state: int, other: int) -> int:
        """Return the characters that lead into both of two states, but for newlines.

        Even where a text may hold newlines, it hasn't many lines.
        """
        return self.chars[state] & self.chars[other] & ~NEWLINE_BIT

    def loops(self) -> list[frozenset[int]]:
        """Return the states of each repetition that stands in no other."""
        loops: dict[tuple[int, int], set[int]] = {}
        for state, repeats in enumerate(self.repeats):
            if repeats:
                loops.setdefault((self.branches[state], repeats[0]), set()).add(state)
        return [frozenset(states) for states in loops.values()]

    def common_repeats(self, states: frozenset[int]) -> list[int]:
        """Return the repetitions that all of some states stand in, the outermost first."""
        levels = zip(*(self.repeats[state] for state in states), strict=False)
        return [level[0] for level in takewhile(lambda level: len({*level}) == 1, levels)]

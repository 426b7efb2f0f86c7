"""Expressions whose repetitions can divide one text among them: ``.*,.*,.*`` and many commas.

Two repetitions can divide a text that leads from the first one back to it, from the first to the
second one, and from this one back to it. In a chain of such repetitions each adds one to the degree
of the polynomial, and so does a search that begins everywhere. (The literature's "IDA", see
`exponential`.)
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from webfail2ban.filters.attack import Attack, aim
from webfail2ban.filters.automaton import SEARCH, Automaton
from webfail2ban.filters.words import find_path, pick, spell

#: A polynomial of this degree is reported. Squares are common, and 8,000 characters take a second.
MIN_DEGREE = 3

#: Repetitions that end sooner don't count for it: the cube of this is still well under a second.
LONG = 255

#: Repetitions that have more states than this, multiplied, aren't compared.
MAX_PAIRS = 100

#: The states of who stays in the first repetition, who goes on, and who is in the second one.
_Triple = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Link:
    """Two repetitions that can divide a text.

    Attributes:
        source: A state of the first one.
        target: A state of the second one.
        word: The text.
    """

    source: int
    target: int
    word: str


def find_polynomial(automaton: Automaton) -> Attack | None:
    """Find a text that an expression takes at least cubic time for."""
    loops = [states for states in automaton.loops() if _limit(automaton, states) > LONG]
    if len(automaton.edges[SEARCH]) > 1:
        loops.append(frozenset({SEARCH}))
    if len(loops) < MIN_DEGREE:
        return None
    for chain in sorted(_find_chains(automaton, loops), key=len, reverse=True):
        if len(chain) + 1 < MIN_DEGREE:
            return None
        pumps = _find_pumps(automaton, chain)
        if pumps is None:
            continue
        inner = [next(states for states in loops if link.target in states) for link in chain]
        first = next(states for states in loops if chain[0].source in states)
        blamed = tuple(_blame(automaton, states) for states in (first, *inner))
        branch = automaton.branches[chain[-1].target]
        attack = aim(automaton, chain[0].source, branch, Attack(len(chain) + 1, blamed, pumps))
        if attack is not None:
            return attack
    return None


def _limit(automaton: Automaton, states: frozenset[int]) -> float:
    return max(automaton.limits[repeat] for state in states for repeat in automaton.repeats[state])


def _blame(automaton: Automaton, states: frozenset[int]) -> str:
    common = automaton.common_repeats(states)
    return automaton.texts[common[-1]] if common else ""


def _find_chains(automaton: Automaton, loops: list[frozenset[int]]) -> list[tuple[_Link, ...]]:
    """Return for each repetition the longest chain that ends with it."""
    behind = {states: _reachable(automaton, states) for states in loops}
    chains: dict[frozenset[int], tuple[_Link, ...]] = {}
    for states in sorted(loops, key=lambda states: -len(behind[states])):
        before = [other for other in chains if not states.isdisjoint(behind[other])]
        before.sort(key=lambda other: -len(chains[other]))
        best = chains[before[0]] if before else ()
        for other in before:
            if len(chains[other]) < len(best):
                break
            link = _find_link(automaton, other, states)
            if link is not None:
                best = (*chains[other], link)
                break
        chains[states] = best
    return list(chains.values())


def _reachable(automaton: Automaton, states: frozenset[int]) -> set[int]:
    seen = set(states)
    waiting = list(states)
    while waiting:
        for edge in automaton.edges[waiting.pop()]:
            if edge.state not in seen:
                seen.add(edge.state)
                waiting.append(edge.state)
    return seen


def _find_link(automaton: Automaton, first: frozenset[int], second: frozenset[int]) -> _Link | None:
    if len(first) * len(second) > MAX_PAIRS:
        return None
    for source, target in product(sorted(first), sorted(second)):
        word = _divide(automaton, (source, first), (target, second))
        if word is not None:
            return _Link(source, target, word)
    return None


def _divide(
    automaton: Automaton, first: tuple[int, frozenset[int]], second: tuple[int, frozenset[int]]
) -> str | None:
    """Return the shortest text that two repetitions can divide."""
    (source, inside), (target, beyond) = first, second
    edges, chars = automaton.edges, automaton.chars
    follow = {state: {edge.state for edge in edges[state]} & inside for state in inside}
    follow |= {state: {edge.state for edge in edges[state]} & beyond for state in beyond}
    begin, goal = (source, source, target), (source, target, target)
    came: dict[_Triple, tuple[_Triple, int]] = {}
    queue = deque([begin])
    while queue:
        triple = queue.popleft()
        for left, right in product(follow[triple[0]], follow[triple[2]]):
            common = automaton.common(left, right)
            for middle, _ in edges[triple[1]] if common else ():
                following = left, middle, right
                if chars[middle] & common and following not in came:
                    came[following] = triple, chars[middle] & common
                    if following == goal:
                        return _spell(came, begin, goal)
                    queue.append(following)
    return None


def _spell(came: Mapping[_Triple, tuple[_Triple, int]], begin: _Triple, goal: _Triple) -> str:
    at, chars = came[goal]
    text = pick(chars)
    while at != begin:
        at, chars = came[at]
        text = pick(chars) + text
    return text


def _find_pumps(automaton: Automaton, chain: Sequence[_Link]) -> tuple[tuple[str, str], ...] | None:
    """Return the texts of a chain, each with what leads from it to the next."""
    pumps: list[tuple[str, str]] = []
    for index, link in enumerate(chain):
        behind = ""
        following = chain[index + 1].source if index + 1 < len(chain) else link.target
        if following != link.target:
            edges = automaton.edges
            path = find_path(edges[link.target], following.__eq__, edges.__getitem__)
            if path is None:
                return None
            behind = spell(automaton, path, link.word)
        if pumps and pumps[-1] == (link.word, ""):
            pumps.pop()
        pumps.append((link.word, behind))
    return tuple(pumps)

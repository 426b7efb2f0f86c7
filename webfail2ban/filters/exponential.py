r"""Expressions that a text can be matched with in twice as many ways with each repetition.

That is so where a text leads from a state back to the same state in two ways: ``(a+)+``,
``(a|ab?)*``, ``(\w+\s?)*``. (Weideman, van der Merwe, Berglund, Watson: Analyzing Matching Time
Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of NFA, CIAA 2016: "EDA".)
"""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import combinations, islice, product

from webfail2ban.filters.attack import TRIED, Attack, aim
from webfail2ban.filters.automaton import Automaton, Edge
from webfail2ban.filters.words import find_path, pick, run, spell

#: Within a repetition: what follows each of its states.
_Follow = Mapping[int, list[Edge]]


def find_exponential(automaton: Automaton) -> Attack | None:
    """Find a text that an expression takes exponential time for.

    Back-references are taken for the least that their group may hold, look-behinds for nothing, so
    what is found may be what they exclude. Repetitions around atomic groups, as ``(?>a+)``, aren't
    looked at: whoever writes one has seen to it.
    """
    for states in automaton.loops():
        if automaton.atomic.intersection(automaton.repeats[min(states)]):
            continue
        for origin, pump in _find_pumps(automaton, states):
            blamed = (_blame(automaton, origin, pump),)
            branch = automaton.branches[origin]
            attack = aim(automaton, origin, branch, Attack(None, blamed, ((pump, ""),)))
            if attack is not None:
                return attack
    return None


def _find_pumps(automaton: Automaton, states: frozenset[int]) -> Iterator[tuple[int, str]]:
    """Go through texts that lead from a state back to it in two ways."""
    follow = {
        state: [edge for edge in automaton.edges[state] if edge.state in states]
        for state in sorted(states)
    }
    for origin, edges in follow.items():
        for one, other in combinations(edges, 2):
            met = _meet(automaton, follow, one, other)
            if met is None:
                continue
            word, state = met
            path = find_path(follow[state], origin.__eq__, follow.__getitem__)
            if path is None:
                continue
            pump = word if state == origin else word + spell(automaton, path, word)
            steps = run(automaton, {origin: 1}, pump * TRIED, 0)  # more, for what looks ahead
            reached = next(islice(steps, len(pump), None), {})
            if reached.get(origin, 0) > 1:
                yield origin, pump


def _meet(automaton: Automaton, follow: _Follow, one: Edge, other: Edge) -> tuple[str, int] | None:
    """Return the shortest text on which two ways come together again, and where they do."""
    words: dict[tuple[int, int], str] = {}
    queue: deque[tuple[int, int]] = deque()

    def reach(left: int, right: int, word: str) -> bool:
        common = automaton.common(left, right)
        pair = (left, right) if left < right else (right, left)
        if not common or pair in words:
            return False
        words[pair] = word + pick(common)
        queue.append(pair)
        return left == right

    if reach(one.state, other.state, ""):
        return words[one.state, one.state], one.state
    while queue:
        pair = queue.popleft()
        for left, right in product(follow[pair[0]], follow[pair[1]]):
            if reach(left.state, right.state, words[pair]):
                return words[left.state, left.state], left.state
    return None


def _blame(automaton: Automaton, origin: int, pump: str) -> str:
    """Return the source of the innermost repetition that is ambiguous by itself."""
    visited = _visit(automaton, origin, pump)
    common = automaton.common_repeats(visited)
    if len(visited) == 1 and len(common) > 1:
        common = common[:-1]  # in (a+)+, it isn't a+
    return automaton.texts[common[-1]]


def _visit(automaton: Automaton, origin: int, pump: str) -> frozenset[int]:
    """Return the states on all ways on which a text leads from a state back to it."""
    steps = list(islice(run(automaton, {origin: 1}, pump * TRIED, 0), len(pump) + 1))
    back = {origin}
    visited = {origin}
    for states in reversed(steps[:-1]):
        back = {
            state for state in states if any(edge.state in back for edge in automaton.edges[state])
        }
        visited |= back
    return frozenset(visited)

"""The shortest texts that an expression matches, and the lines in which a failregex finds them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from webfail2ban.filters.automaton import START, Automaton, Edge
from webfail2ban.filters.words import find_path, spell

#: The groups that tell who failed, in the order in which they count.
WHO = ("fid", "ip4", "ip6", "dns")

#: What a prefregex leaves for the failregexes.
CONTENT = "content"

Follow = Callable[[int], Iterable[Edge]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with a gap in it.

    Attributes:
        front: What stands in front of the gap.
        behind: What stands behind it.
    """

    front: str = ""
    behind: str = ""

    def fill(self, text: str) -> str:
        """Fill the gap."""
        return self.front + text + self.behind


def find_who(regex: re.Pattern[str]) -> str | None:
    """Return the group that tells who failed, None if there is none."""
    return next((name for name in WHO if name in regex.groupindex), None)


def write_sentence(automaton: Automaton, state: int, gap: str | None) -> Sentence | None:
    """Write the shortest text that leads from a state to a match.

    Args:
        automaton: The expression.
        state: The state.
        gap: The group that is to be the gap; None if there is none, which is then the end.

    Returns:
        None if there is no such text.
    """
    follow = _without_others(automaton, gap)
    path: list[Edge] = []
    if gap is not None:
        way = find_path(follow(state), lambda other: gap in automaton.groups[other], follow)
        if way is None:
            return None
        path, state = way, way[-1].state
    last = {edge.state for edge in automaton.ends[0]}
    if state not in last:
        way = find_path(follow(state), last.__contains__, follow)
        if way is None:
            return None
        path += way
    text = spell(automaton, path)
    filled = [index for index, edge in enumerate(path) if gap in automaton.groups[edge.state]]
    return Sentence(text[: filled[0]], text[filled[-1] + 1 :]) if filled else Sentence(text)


def write_way(automaton: Automaton, state: int, gap: str | None) -> str | None:
    """Write the shortest text that leads to a state, past the gap; None if there is none."""
    follow = _without_others(automaton, gap)
    path = find_path(follow(START), state.__eq__, follow)
    return None if path is None else spell(automaton, path)


def write_sentences(automaton: Automaton, gap: str | None) -> Iterator[Sentence]:
    """Write the shortest text that matches, and then the shortest through each repetition."""
    sentence = write_sentence(automaton, START, gap)
    if sentence is not None:
        yield sentence
    for state in outer_repetitions(automaton):
        begin, rest = write_way(automaton, state, gap), write_sentence(automaton, state, gap)
        if begin is not None and rest is not None:
            yield Sentence(begin + rest.front, rest.behind)


def outer_repetitions(automaton: Automaton) -> list[int]:
    """Return a state of each repetition outside of look-aheads."""
    states: dict[tuple[int, ...], int] = {}
    for state, repeats in enumerate(automaton.repeats):
        if repeats and not automaton.branches[state]:
            states.setdefault(repeats, state)
    return list(states.values())


@lru_cache(maxsize=2)  # all that is written of one expression is written in a row
def _without_others(automaton: Automaton, gap: str | None) -> Follow:
    """Return what follows a state, but for what stands for the address elsewhere."""
    others = frozenset(WHO) - {gap} if gap in WHO else frozenset()
    open_states = [
        not branch and (gap in groups or groups.isdisjoint(others))
        for branch, groups in zip(automaton.branches, automaton.groups, strict=True)
    ]
    return [
        [edge for edge in edges if open_states[edge[0]]] for edges in automaton.edges
    ].__getitem__


class Frame:
    """The line around what a failregex is searched in.

    Args:
        prefix: The prefregex; None if there is none, or it leaves the whole line.
        automaton: The same.
        safe: Whether it may be searched; if not, the shortest line will have to do.
    """

    def __init__(
        self, prefix: re.Pattern[str] | None, automaton: Automaton | None, *, safe: bool
    ) -> None:
        self._prefix = prefix
        self._safe = safe
        self._sentences = list(write_sentences(automaton, CONTENT)) if automaton else []

    def fit(self, content: str) -> Sentence:
        """Return a line of whose gap just this content is left for the failregexes."""
        for sentence in self._sentences if self._safe else ():
            if self.cut(sentence.fill(content)) == content:
                return sentence
        return self._sentences[0] if self._sentences else Sentence()

    def cut(self, line: str) -> str | None:
        """Return what of a line a failregex is searched in, None if it isn't."""
        if self._prefix is None:
            return line
        match = self._prefix.search(line + "\n")
        return match and (match[CONTENT] or line)

"""Texts that lead an automaton where one wants it, and what it does with a text."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from webfail2ban.filters.automaton import (
    EDGE,
    LINE_BEGIN,
    LINE_END,
    NO_EDGE,
    PLACE_BITS,
    TEXT_BEGIN,
    TEXT_END,
    Automaton,
    Edge,
    ahead,
)
from webfail2ban.filters.syntax import ASCII_BITS, NEWLINE_BIT, NONWORD_BITS, WORD_BITS

#: Which characters to take where several would do: what people can read first.
_PREFERRED = (
    *(
        sum(1 << ord(character) for character in characters)
        for characters in ("abcdefghijklmnopqrstuvwxyz", "8", "0123456789", "X", " ", ".-_/:,;")
    ),
    ASCII_BITS & ~sum(1 << code for code in (*range(32), 127)),
    ASCII_BITS,
)


@lru_cache(maxsize=1024)
def pick(chars: int) -> str:
    """Return one character out of a set that isn't empty."""
    some = next(chars & preferred for preferred in _PREFERRED if chars & preferred)
    return chr((some & -some).bit_length() - 1)


def find_path(
    sources: Iterable[Edge],
    is_goal: Callable[[int], bool],
    follow: Callable[[int], Iterable[Edge]],
) -> list[Edge] | None:
    """Return the shortest way to a state, None if there is no way.

    Args:
        sources: What the way begins with.
        is_goal: Tells whether a state is the one that is looked for.
        follow: Gives what follows a state.
    """
    came: dict[int, tuple[int | None, Edge]] = {}
    queue: deque[int] = deque()
    edges, origin = sources, None
    while True:
        for edge in edges:
            state = edge[0]
            if state not in came:
                came[state] = origin, edge
                queue.append(state)
        if not queue:
            return None
        origin = queue.popleft()
        if is_goal(origin):
            return _trace(came, origin)
        edges = follow(origin)


def _trace(came: Mapping[int, tuple[int | None, Edge]], state: int) -> list[Edge]:
    path = []
    at: int | None = state
    while at is not None:
        at, edge = came[at]
        path.append(edge)
    return path[::-1]


def spell(automaton: Automaton, path: Iterable[Edge], before: str = "") -> str:
    """Return a text that leads along a way.

    Args:
        automaton: The automaton.
        path: The way.
        before: What stands in front; it isn't returned.
    """
    text = before
    for state, guard in path:
        chars = automaton.chars[state]
        if chars != NEWLINE_BIT:
            chars &= ~NEWLINE_BIT
        if guard & (EDGE | NO_EDGE):
            word = _is_word(text[-1:]) != bool(guard & EDGE)
            chars = chars & (WORD_BITS if word else NONWORD_BITS) or chars
        text += pick(chars)
    return text[len(before) :]


def run(
    automaton: Automaton, states: Mapping[int, int], text: str, at: int
) -> Iterator[Mapping[int, int]]:
    """Read a text of ASCII characters to its end.

    Args:
        automaton: The automaton.
        states: Where it may be, and in how many ways it came there.
        text: The whole text.
        at: How much of it was read.

    Yields:
        Where it may be: first where it is, then where it is behind each character, until it can't
        be anywhere.
    """
    yield states
    for index in range(at, len(text)):
        char = 1 << ord(text[index])
        following: dict[int, int] = {}
        for source, ways in states.items():
            for target, guard in automaton.edges[source]:
                if automaton.chars[target] & char and (
                    not guard or holds(automaton, guard, text, index)
                ):
                    following[target] = following.get(target, 0) + ways
        states = following
        yield states
        if not states:
            return


def ends(automaton: Automaton, branch: int, states: Collection[int], text: str, at: int) -> bool:
    """Tell whether a branch has found its end at a place of a text."""
    return any(
        state in states and holds(automaton, guard, text, at)
        for state, guard in automaton.ends[branch]
    )


def matches(automaton: Automaton, branch: int, text: str, at: int) -> bool:
    """Tell whether a branch matches at a place of a text."""
    steps = run(automaton, {automaton.heads[branch]: 1}, text, at)
    return any(
        ends(automaton, branch, states, text, index) for index, states in enumerate(steps, at)
    )


def holds(automaton: Automaton, guard: int, text: str, at: int) -> bool:
    """Tell whether a guard holds at a place of a text."""
    before, after = text[at - 1 : at] if at else "", text[at : at + 1]
    differ = _is_word(before) != _is_word(after)
    if (
        (guard & TEXT_BEGIN and before)
        or (guard & LINE_BEGIN and before not in {"", "\n"})
        or (guard & TEXT_END and text[at:] not in {"", "\n"})
        or (guard & LINE_END and after not in {"", "\n"})
        or (guard & EDGE and not differ)
        or (guard & NO_EDGE and differ)
    ):
        return False
    return not guard >> PLACE_BITS or all(
        matches(automaton, branch, text, at) != negative
        for branch in automaton.heads
        for negative in (False, True)
        if guard & ahead(branch, negative=negative)
    )


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"

"""Whether an address may be taken out of a text that a client chooses.

A line is made of what a server writes and what a client chose: a user name, a user agent. The rule:

* An expression that doesn't begin with ``^``, or begins with ``^.*``, finds what it looks for
  anywhere, in any program's lines. If it ends with ``$``, only where a client chooses how a line
  ends, which is rarer, but not rare enough.
* An expression that begins with ``^`` and has ``.*`` in front of the address is safe if all that
  follows up to ``$`` is fixed: only what the server wrote last can be the address. If something
  free follows, two addresses fit, and the client's may be the one that is taken.
* An address with nothing free in front of it is safe.

This isn't decided by looks: lines are made up in which an address stands in the wrong place, and
searched. What is reported really happens, look-arounds and all. What is free is taken to be the
client's; whether it is, only who knows the program can tell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from string import ascii_letters

from webfail2ban.filters.automaton import SEARCH, START, Automaton
from webfail2ban.filters.sentences import (
    Sentence,
    outer_repetitions,
    write_sentence,
    write_sentences,
    write_way,
)

#: The address that a client would like to have banned, his own, and what is none.
VICTIM, CLIENT, NOBODY = "203.0.113.7", "192.0.2.1", "nobody"

#: Another line of a log: up to what a client chose, and behind it.
OTHER_LINE = Sentence(f'mail app[7]: {CLIENT} is called "', '" since today')

#: With so many letters in front of it, a text isn't the first thing in a line.
LETTERS = 3

_LETTERS = frozenset(1 << ord(letter) for letter in ascii_letters)

#: Searches a line and returns the address that was found, None if there is none.
Find = Callable[[str], str | None]


class Place(Enum):
    """Where a forged address may stand.

    Attributes:
        ANYWHERE: In a text that stands anywhere in a line.
        END: In a text that ends a line.
        FRONT: In a text in front of the true address.
        BEHIND: In a text behind the true address.
    """

    ANYWHERE = auto()
    END = auto()
    FRONT = auto()
    BEHIND = auto()


@dataclass(frozen=True, slots=True)
class Forgery:
    """A line that is taken for what it isn't.

    Attributes:
        place: Where the client's text stands.
        text: What is searched.
        blamed: The source of the repetition in front of the address, empty if it isn't that.
    """

    place: Place
    text: str
    blamed: str = ""


def forge(automaton: Automaton, gap: str, find: Find, *, within: bool) -> Forgery | None:
    """Make up a text in which the wrong address is found.

    Args:
        automaton: The expression.
        gap: The group that holds the address.
        find: Searches with the expression.
        within: Whether something always stands in front of what is searched.

    Returns:
        None if that can't be done. Texts of several lines are never made up: a client can't write
        more than a part of one.
    """
    whole = next((one for one in write_sentences(automaton, gap) if _finds(one, find)), None)
    if whole is None:
        return presume(automaton, gap)
    if "\n" in whole.fill(""):
        return None
    text = whole.fill(VICTIM)
    if find(OTHER_LINE.fill(text)) == VICTIM:
        return Forgery(Place.ANYWHERE, OTHER_LINE.fill(text))
    if find(OTHER_LINE.front + text) == VICTIM:
        return Forgery(Place.END, OTHER_LINE.front + text)
    for state in reversed(outer_repetitions(automaton)):
        forgery = _forge_at(automaton, state, gap, find)
        if forgery is not None and (within or _letters_before(automaton, state) >= LETTERS):
            return forgery
    return None


def _takes(automaton: Automaton, state: int, text: str) -> bool:
    """Tell whether the characters of a text are all in the repetition that a state stands in."""
    outermost = automaton.repeats[state][0]
    chars = 0
    for other, repeats in enumerate(automaton.repeats):
        if repeats and repeats[0] == outermost:
            chars |= automaton.chars[other]
    return all(chars >> ord(character) & 1 for character in text)


def _letters_before(automaton: Automaton, state: int) -> int:
    """Count the letters that may stand in front of a repetition: a client never begins a line."""
    before = {state}
    for other in range(state, SEARCH, -1):
        if any(edge.state in before for edge in automaton.edges[other]):
            before.add(other)
    return sum(automaton.chars[other] in _LETTERS for other in before)


def presume(automaton: Automaton, gap: str) -> Forgery | None:
    """Make up a text in which, by its looks, an expression finds the wrong address."""
    whole = write_sentence(automaton, START, gap)
    if whole is None or automaton.anchored:
        return None
    return Forgery(Place.ANYWHERE, OTHER_LINE.fill(whole.fill(VICTIM)))


def _finds(sentence: Sentence, find: Find) -> bool:
    return find(sentence.fill(CLIENT)) == CLIENT


def _forge_at(automaton: Automaton, state: int, gap: str, find: Find) -> Forgery | None:
    """Let a repetition take, or not take, all that is needed for an address."""
    rest = write_sentence(automaton, state, gap)
    if rest is None or not _takes(automaton, state, rest.fill(NOBODY)):
        return None
    begin = write_way(automaton, state, gap)
    if begin is None or "\n" in begin + rest.fill(""):
        return None
    blamed = automaton.texts[automaton.repeats[state][-1]]
    forged, true, harmless = map(rest.fill, (VICTIM, CLIENT, NOBODY))
    if find(begin + harmless + true) != CLIENT:
        return None
    if find(begin + forged + true) == VICTIM:
        return Forgery(Place.FRONT, begin + forged + true, blamed)
    if find(begin + true + harmless) == CLIENT and find(begin + true + forged) == VICTIM:
        return Forgery(Place.BEHIND, begin + true + forged, blamed)
    return None

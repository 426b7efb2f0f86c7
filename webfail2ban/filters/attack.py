"""A text that an expression takes very long for, and how such a text is completed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice, product

from webfail2ban.filters.automaton import SEARCH, START, Automaton
from webfail2ban.filters.words import ends, find_path, run, spell

#: How often a text is repeated to see what the automaton does.
TRIED = 4

#: What may make the rest fail, the most readable first.
_MARKS = ("!", '"', " ", "a", "0", "<", "(", "[", ":", ",", "\t", "\x01")
_SUFFIXES = ("", *_MARKS, *map("".join, product(_MARKS, repeat=2)))

#: How often what doubles the ways is repeated: enough for hours.
_DOUBLINGS = 40

#: About how many ways there are with the text for a polynomial: enough for a minute.
_WAYS = 1e10


@dataclass(frozen=True, slots=True)
class Attack:
    """A text that an expression takes very long for.

    Attributes:
        degree: The degree of the polynomial, None if the time grows exponentially.
        blamed: The source of the repetitions that can divide the text; empty for the search
            itself, which begins everywhere.
        pumps: What is repeated, each with what follows its repetitions.
        prefix: What the text begins with.
        suffix: What it ends with.
        least: How long a text has to be for the engine to try it at all.
    """

    degree: int | None
    blamed: tuple[str, ...]
    pumps: tuple[tuple[str, str], ...]
    prefix: str = ""
    suffix: str = ""
    least: int = 0

    @property
    def text(self) -> str:
        """The text, long enough to be felt."""
        if self.degree is not None:
            return self.repeated(int(_WAYS ** (1 / self.degree)))
        return self.repeated(max(_DOUBLINGS, self.least // len(self.pumps[0][0]) + 1))

    def repeated(self, times: int) -> str:
        """Return the text with its pumps repeated some times."""
        pumped = "".join(pump * times + behind for pump, behind in self.pumps)
        return self.prefix + pumped + self.suffix


def aim(automaton: Automaton, origin: int, branch: int, attack: Attack) -> Attack | None:
    """Add what leads to the pumps, and what makes the rest fail behind them.

    Args:
        automaton: The expression.
        origin: The state where the pumps begin.
        branch: The branch where they end.
        attack: The pumps.

    Returns:
        None if the rest can't fail, so that nothing is ever tried again.
    """
    begin, prefix = {START: 1}, ""
    if origin == SEARCH:
        begin[SEARCH] = 1
    else:
        path = find_path(automaton.edges[START], origin.__eq__, automaton.edges.__getitem__)
        if path is None:
            return None
        prefix = spell(automaton, path)
    attack = replace(attack, prefix=prefix, least=automaton.width)
    suffix = None
    if branch == 0:
        suffix = _find_failure(automaton, begin, 0, branch, attack)
    if suffix is None:  # something else leads to a match, but perhaps it is tried later
        suffix = _find_failure(automaton, {origin: 1}, len(prefix), branch, attack)
    if suffix is None:
        return None
    attack = replace(attack, suffix=suffix)
    steps = run(automaton, begin, attack.repeated(TRIED) + "\n", 0)
    reached = next(islice(steps, len(prefix), None), {})
    return attack if origin in reached else None  # a look-ahead may be in the way


def _find_failure(
    automaton: Automaton, states: Mapping[int, int], at: int, branch: int, attack: Attack
) -> str | None:
    """Find what to append to a text so that it fails whatever way is taken."""
    text = attack.repeated(TRIED)
    suffixes = _SUFFIXES
    if len(automaton.heads) > 1:  # what looks ahead has to see all
        suffixes = _SUFFIXES[: 1 + len(_MARKS)]
    else:
        for index, reached in enumerate(run(automaton, states, text, at), at):
            if index < len(text) and ends(automaton, branch, reached, text, index):
                return None
            states = reached
        at = len(text)
    for suffix in suffixes:
        whole = text + suffix + "\n"
        steps = enumerate(run(automaton, states, whole, at), at)
        if not any(ends(automaton, branch, reached, whole, index) for index, reached in steps):
            return suffix
    return None

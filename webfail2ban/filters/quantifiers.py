"""The source of each repetition in an expression: what to show when one is to blame.

Python's parser keeps no positions. But in the text, repetitions end in the order in which they end
in the tree, so the two are matched by counting.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_TOKEN = re.compile(
    r"""(?P<comment>\(\?\#[^)]*\))
    | (?P<flags>\(\?[aiLmsux]+\))
    | (?P<open>\((?:\?(?:P<\w+>|P=\w+|\(\w+\)|<?[=!]|>|[aiLmsux]*(?:-[imsx]+)?:))?)
    | (?P<close>\))
    | (?P<bar>\|)
    | (?P<quantifier>(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})[?+]?)
    | (?P<atom>\\x[0-9a-fA-F]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)""",
    re.VERBOSE | re.DOTALL,
)

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


def read_quantifiers(pattern: str, items: Any) -> Mapping[int, str]:
    """Find the source of each repetition.

    Args:
        pattern: The expression.
        items: The parser's tree of it.

    Returns:
        The source, by the identity of what the parser has for the repeated part; nothing where
        the two can't be matched, as in a verbose expression with comments.
    """
    parts = list(_repeated(items))
    sources = list(_sources(pattern))
    if len(parts) != len(sources):
        return {}
    return dict(zip(map(id, parts), sources, strict=True))


def _sources(pattern: str) -> Iterator[str]:
    opened: list[int] = []
    atom = 0
    for token in _TOKEN.finditer(pattern):
        match token.lastgroup:
            case "open":
                opened.append(token.start())
            case "close" if opened:
                atom = opened.pop()
            case "atom":
                atom = token.start()
            case "quantifier":
                yield pattern[atom : token.end()]


def _repeated(items: Iterable[tuple[Any, Any]]) -> Iterator[Any]:
    """Go through the repeated parts, inner ones first."""
    for operation, value in items:
        match operation.name:
            case name if name in _REPEATS:
                yield from _repeated(value[2])
                yield value[2]
            case "BRANCH":
                for option in value[1]:
                    yield from _repeated(option)
            case "SUBPATTERN":
                yield from _repeated(value[3])
            case "ASSERT" | "ASSERT_NOT":
                yield from _repeated(value[1])
            case "ATOMIC_GROUP":
                yield from _repeated(value)
            case "GROUPREF_EXISTS":
                yield from _repeated(value[1])
                yield from _repeated(value[2] or ())

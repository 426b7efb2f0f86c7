"""From an expression of Go's to a failregex: the same text, with the address's group as ``<ADDR>``.

Go's ``regexp`` is RE2 (https://github.com/google/re2/wiki/Syntax). What Python's ``re`` writes
otherwise is written so here; what it doesn't have is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from webfail2ban.errors import FilterError
from webfail2ban.filters import Filter, FilterDefinition

#: What stands for the client's address in a failregex.
ADDRESS = "<ADDR>"

#: The pieces that matter; anything else is one character, and the same in both.
_PIECE = re.compile(
    r"""
      \\Q (?P<literal> .*? ) (?: \\E | $ )
    | (?P<end> \\z )
    | \\x\{ (?P<code> [0-9A-Fa-f]{1,6} ) \}
    | (?P<missing> \\[pPC] )
    | (?P<escape> \\. )
    | (?P<set> \[ \^? \]? (?: \\. | \[:\^?\w+:\] | [^\]\\] )* \] )
    | \( \? P? < (?P<name> \w+ ) >
    | (?P<flags> \( \? [a-zA-Z-]* [:)] )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<tag> < (?= /? [A-Z0-9_-]+ /? > ) )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)

#: What RE2 writes within a set, and what that is in ASCII, which is all that it means there.
POSIX_SETS = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece as Python writes it.

    Attributes:
        text: The text.
        group: The number of the group that it opens; 0 for none.
        depth: How many brackets are open behind it.
    """

    text: str
    group: int
    depth: int


def convert(regex: str, group: int) -> str:
    """Turn an expression of Go's into a failregex.

    Args:
        regex: The expression.
        group: The number of the group with the client's address, from 1.

    Raises:
        ValueError: there is no such group, or Python's expressions lack something of it.
    """
    pieces = list(_pieces(regex))
    start = next((index for index, piece in enumerate(pieces) if piece.group == group), None)
    if start is None or not group:
        raise ValueError(f"it has no group {group} that would be the address")
    inside = pieces[start].depth
    length = next(
        (number for number, piece in enumerate(pieces[start:]) if piece.depth < inside), None
    )
    if length is None:
        raise ValueError("a bracket isn't closed")
    texts = [piece.text for piece in pieces]
    texts[start : start + length + 1] = [ADDRESS]
    failregex = "".join(texts)
    try:
        Filter(FilterDefinition("imported", failregex=(failregex,)))
    except FilterError as error:
        raise ValueError(error.reason) from None
    return failregex


def _pieces(regex: str) -> Iterator[_Piece]:
    group = depth = 0
    for match in _PIECE.finditer(regex):
        kind = match.lastgroup
        opened = 0
        if kind in {"name", "open"}:
            group += 1
            opened = group
        if opened or (kind == "flags" and match[0].endswith(":")):
            depth += 1
        elif kind == "close":
            depth -= 1
        yield _Piece(_write(match), opened, depth)


def _write(match: re.Match[str]) -> str:
    """Write a piece as Python does.

    Raises:
        ValueError: Python has nothing like it.
    """
    kind, text = match.lastgroup, match[0]
    if kind == "missing" or (kind == "flags" and "U" in text):
        raise ValueError(f"{text} isn't known to Python's expressions")
    if kind == "set":
        return _write_set(text)
    written = {
        "literal": re.escape(match["literal"] or ""),
        "end": r"\Z",
        "code": re.escape(chr(int(match["code"] or "0", 16))),
        "name": f"(?P<{match['name']}>",
        "tag": "[<]",
    }
    return written.get(kind or "", text)


def _write_set(text: str) -> str:
    """Write a set without names of sets in it, and without a bracket that looks like one."""

    def replace(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return r"\[" if found[0] == "[" else found[0]
        if found["not"] or name not in POSIX_SETS:
            raise ValueError(f"{found[0]} isn't known to Python's expressions")
        return POSIX_SETS[name]

    if re.search(r"(?<!\\)(?:\\\\)*\\[pP]", text):
        raise ValueError(f"{text} isn't known to Python's expressions")
    inside = re.sub(r"\[:(?P<not>\^?)(?P<name>\w+):\]|\\.|\[", replace, text[1:], flags=re.DOTALL)
    return f"[{inside}"

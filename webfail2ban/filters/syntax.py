r"""A regular expression as a tree, read with Python's own parser and reduced to what it consumes.

Positions (``^``, ``$``, ``\b``) and look-arounds consume nothing and are left out, so that a tree
is a superset of its expression: whatever the expression matches, the tree matches too. Where it
would have to be exact and can't, in a back-reference or a conditional group, it takes more.
"""

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module
from typing import Any

# The parser behind `re.compile`. Private, but the only reader that takes exactly what `re` takes;
# its operations have had these names since Python 2, and one that is new is taken for anything.
_parser: Any = import_module("re._parser")

#: A set of characters is a set of bits: bit n is chr(n) for ASCII, and two more stand for whatever
#: characters beyond ASCII belong to words, and whatever others.
ASCII_SIZE = 128
ASCII_BITS = (1 << ASCII_SIZE) - 1
WIDE_WORD_BIT, WIDE_OTHER_BIT = 1 << ASCII_SIZE, 2 << ASCII_SIZE
WIDE_BITS = WIDE_WORD_BIT | WIDE_OTHER_BIT
ALL_BITS = ASCII_BITS | WIDE_BITS
NEWLINE_BIT = 1 << ord("\n")


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set.

    Attributes:
        bits: The set.
    """

    bits: int

    @property
    def ascii(self) -> str:
        """The ASCII characters."""
        return "".join(chr(code) for code in range(ASCII_SIZE) if self.bits >> code & 1)

    @property
    def ascii_count(self) -> int:
        """How many ASCII characters there are."""
        return (self.bits & ASCII_BITS).bit_count()

    @property
    def wide(self) -> bool:
        """Whether characters beyond ASCII may be among them."""
        return bool(self.bits & WIDE_BITS)


@dataclass(frozen=True, slots=True)
class Series:
    """One after the other; nothing at all if there are no parts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same thing again and again.

    Attributes:
        part: What is repeated.
        least: How often at least.
        most: How often at most; None for any number.
    """

    part: "Node"
    least: int
    most: int | None


class Place(Enum):
    """A position; it consumes nothing.

    Attributes:
        BEGIN: Where the text begins.
        MARK: Where a group was that the reader asked for.
    """

    BEGIN = auto()
    MARK = auto()


Node = Chars | Series | Choice | Repeat | Place

EMPTY = Series(())
ANY_CHAR = Chars(ALL_BITS & ~NEWLINE_BIT)

#: Any text within a line.
GAP = Repeat(ANY_CHAR, 0, None)


@dataclass(frozen=True, slots=True)
class Syntax:
    """What was read.

    Attributes:
        tree: The whole expression.
        groups: What its groups hold, by number.
    """

    tree: Node
    groups: Mapping[int, Node]


def parse(regex: re.Pattern[str], marked: int | None = None) -> Syntax:
    """Read an expression.

    Args:
        regex: The compiled expression.
        marked: The number of a group to put `Place.MARK` in the place of.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the author's style, as when it was compiled
        items = _parser.parse(regex.pattern, regex.flags)
    reader = _Reader(marked)
    return Syntax(reader.read(items, items.state.flags), reader.groups)


def _ascii(expression: str) -> int:
    return sum(1 << code for code in range(ASCII_SIZE) if re.match(expression, chr(code)))


_CATEGORIES = {
    "CATEGORY_DIGIT": _ascii(r"\d") | WIDE_WORD_BIT,
    "CATEGORY_NOT_DIGIT": _ascii(r"\D") | WIDE_BITS,
    "CATEGORY_SPACE": _ascii(r"\s") | WIDE_OTHER_BIT,
    "CATEGORY_NOT_SPACE": _ascii(r"\S") | WIDE_BITS,
    "CATEGORY_WORD": _ascii(r"\w") | WIDE_WORD_BIT,
    "CATEGORY_NOT_WORD": _ascii(r"\W") | WIDE_OTHER_BIT,
}

#: What makes a word, and what doesn't.
WORD_BITS = _CATEGORIES["CATEGORY_WORD"]
NONWORD_BITS = _CATEGORIES["CATEGORY_NOT_WORD"]

LETTER_BITS = _ascii("[A-Za-z]")

#: ASCII letters that stand for characters beyond ASCII too when case is ignored, and the other way
#: round: the dotless i, the Kelvin sign, the long s.
_WIDE_CASES = _ascii("[iksIKS]")


class _Reader:
    """Turns the parser's tree into ours."""

    def __init__(self, marked: int | None) -> None:
        self._marked = marked
        self.groups: dict[int, Node] = {}

    def read(self, items: Iterable[tuple[Any, Any]], flags: int) -> Node:
        parts = tuple(self._read_item(operation.name, value, flags) for operation, value in items)
        return parts[0] if len(parts) == 1 else Series(parts)

    def _read_item(self, operation: str, value: Any, flags: int) -> Node:  # noqa: PLR0911 - a table
        match operation:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return read_chars(operation, value, flags)
            case "BRANCH":
                return Choice(tuple(self.read(option, flags) for option in value[1]))
            case "SUBPATTERN":
                number, add, remove, items = value
                return self._read_group(number, items, (flags | add) & ~remove)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, part = value
                unbounded = most == _parser.MAXREPEAT
                return Repeat(self.read(part, flags), int(least), None if unbounded else int(most))
            case "ATOMIC_GROUP":
                return self.read(value, flags)
            case "GROUPREF_EXISTS":
                _, yes, no = value
                return Choice((self.read(yes, flags), self.read(no or (), flags)))
            case "GROUPREF":
                group = self.groups.get(value, GAP)
                return GAP if flags & re.IGNORECASE and _has_case(group) else group
            case "AT":
                begins = value.name == "AT_BEGINNING" and not flags & re.MULTILINE
                return Place.BEGIN if begins or value.name == "AT_BEGINNING_STRING" else EMPTY
            case "ASSERT" | "ASSERT_NOT" | "FAILURE":
                return EMPTY
            case _:
                return GAP

    def _read_group(self, number: int | None, items: Any, flags: int) -> Node:
        node = self.read(items, flags)
        if number is None:
            return node
        self.groups[number] = node
        return Place.MARK if number == self._marked else node


def _has_case(node: Node) -> bool:
    """Tell whether anything in a tree may be spelt in another case."""
    match node:
        case Chars(bits):
            return bool(bits & (LETTER_BITS | WIDE_BITS))
        case Series(inner) | Choice(inner):
            return any(map(_has_case, inner))
        case Repeat(part, _, _):
            return _has_case(part)
        case Place():
            return False


def read_chars(operation: str, value: Any, flags: int) -> Chars:
    """Read what matches one character.

    Args:
        operation: The parser's name for it: ``LITERAL``, ``NOT_LITERAL``, ``ANY`` or ``IN``.
        value: What it says of it.
        flags: The flags in force.
    """
    if operation == "ANY":
        return Chars(ALL_BITS) if flags & re.DOTALL else ANY_CHAR
    items = [("LITERAL", value)]
    if operation == "IN":
        items = [(item.name, argument) for item, argument in value]
    members = 0
    for item, argument in items:
        members |= _CATEGORIES[argument.name] if item == "CATEGORY" else _read_range(item, argument)
    plain = members & ASCII_BITS
    if flags & re.IGNORECASE:
        for code in range(ASCII_SIZE):
            if members >> code & 1:
                plain |= 1 << ord(chr(code).swapcase())
    if operation == "NOT_LITERAL" or items[0][0] == "NEGATE":
        return Chars(ASCII_BITS & ~plain | WIDE_BITS)
    if flags & re.IGNORECASE:
        members |= WIDE_WORD_BIT if plain & _WIDE_CASES else 0
        plain |= _WIDE_CASES if any(_goes_beyond(*item) for item in items) else 0
    return Chars(members | plain)


def _read_range(item: str, argument: Any) -> int:
    """Read a literal, or a range, as a member of a set."""
    if item == "NEGATE":
        return 0
    first, last = argument if item == "RANGE" else (argument, argument)
    members = sum(1 << code for code in range(first, min(last + 1, ASCII_SIZE)))
    if last >= ASCII_SIZE:
        members |= WIDE_WORD_BIT if first < last or chr(first).isalnum() else 0
        members |= WIDE_OTHER_BIT if first < last or not chr(first).isalnum() else 0
    return members


def _goes_beyond(item: str, argument: Any) -> bool:
    """Tell whether a literal, or a range, goes beyond ASCII."""
    last = argument[1] if item == "RANGE" else argument
    return item in {"LITERAL", "RANGE"} and last >= ASCII_SIZE

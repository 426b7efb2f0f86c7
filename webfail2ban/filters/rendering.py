"""From a tree back to text: a regular expression for the bytes of UTF-8.

It is written in what PCRE, RE2, Hyperscan and Python's own `re` (for bytes) have in common.
"""

from itertools import groupby

from webfail2ban.filters.syntax import (
    ALL_BITS,
    ASCII_BITS,
    NEWLINE_BIT,
    Chars,
    Choice,
    Node,
    Place,
    Repeat,
    Series,
)

#: Bytes that a character beyond ASCII is made of.
_WIDE = r"\x80-\xff"


def render(node: Node) -> str:
    """Write a tree as an expression."""
    match node:
        case Chars():
            return _render_one(node)
        case Series(parts):
            return "".join(map(render, parts))
        case Choice(options):
            return f"(?:{'|'.join(map(render, options))})"
        case Repeat(Chars() as part, least, most) if most != 1:
            # Of a character that may be several bytes there are as many bytes, or more.
            return _render_set(part) + _quantifier(least, None if part.wide else most)
        case Repeat(part, least, most):
            return f"(?:{render(part)}){_quantifier(least, most)}"
        case Place():
            return ""


def _render_one(chars: Chars) -> str:
    """Write one character: one byte, or several beyond ASCII."""
    if not chars.wide:
        return _render_set(chars)
    ascii_set = Chars(chars.bits & ASCII_BITS)
    return f"(?:{_render_set(ascii_set)}|[{_WIDE}]+)" if ascii_set.bits else f"[{_WIDE}]+"


def _quantifier(least: int, most: int | None) -> str:
    if most is not None:
        return "?" if (least, most) == (0, 1) else f"{{{least},{most}}}"
    return {0: "*", 1: "+"}.get(least, f"{{{least},}}")


def _render_set(chars: Chars) -> str:
    if chars.bits == ALL_BITS & ~NEWLINE_BIT:
        return "."
    codes = [ord(character) for character in chars.ascii]
    if len(codes) == 1 and not chars.wide:
        return _escape(codes[0])
    text = ""
    for _, group in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]):
        run = [code for _, code in group]
        text += _escape(run[0]) if len(run) == 1 else f"{_escape(run[0])}-{_escape(run[-1])}"
    return f"[{text}{_WIDE if chars.wide else ''}]"


def _escape(code: int) -> str:
    character = chr(code)
    return character if character.isalnum() or character == " " else f"\\x{code:02x}"

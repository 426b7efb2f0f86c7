"""One line of HAProxy's configuration, in words: quotes, escapes, comments, environment variables.

The rules are those of HAProxy's configuration manual, 2.2 "Quoting and escaping" and 2.3
"Environment variables".
"""

import re
from collections.abc import Mapping

#: What stands behind a backslash for something else than itself.
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

#: Behind a backslash these are themselves, wherever a backslash counts.
PLAIN = frozenset(" \\#\"'")

#: A byte by its number, behind a backslash.
BYTE = re.compile(r"x([0-9a-fA-F]{2})")

#: A variable of the environment, inside double quotes.
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:\[\*\])?(?:-([^}]*))?\})", re.ASCII)


def split_words(text: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Split a line into words; what follows a # is left out.

    A quote without an end goes to the end of the line: HAProxy refuses it in its own words.

    Args:
        text: The line.
        env: What ``"$NAME"`` stands for; a name that isn't there stays as it is written.
    """
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        if not quote and char.isspace():
            if word is not None:
                words.append("".join(word))
            word = None
            at += 1
            continue
        if not quote and char == "#":
            break
        word = [] if word is None else word
        if char in {'"', "'"} and quote in {"", char}:
            quote = "" if quote else char
            at += 1
            continue
        piece, at = _take(text, at, quote, env)
        word.append(piece)
    if word is not None:
        words.append("".join(word))
    return tuple(words)


def strip_comment(text: str) -> str:
    """Return what stands before a line's comment, without the space around it."""
    quote, at = "", 0
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif char in {'"', "'"} and quote in {"", char}:
            quote = "" if quote else char
        elif char == "#" and not quote:
            return text[:at].strip()
        at += 1
    return text.strip()


def _take(text: str, at: int, quote: str, env: Mapping[str, str]) -> tuple[str, int]:
    """Return what stands at a place within a word, and the place behind it."""
    char = text[at]
    if char == "\\" and quote != "'" and at + 1 < len(text):
        return _take_escaped(text, at + 1, quote)
    if char == "$" and quote == '"' and (found := VARIABLE.match(text, at)):
        default = found[0] if found[3] is None else found[3]
        return env.get(found[1] or found[2], default), found.end()
    return char, at + 1


def _take_escaped(text: str, at: int, quote: str) -> tuple[str, int]:
    """Return what a character behind a backslash means, and the place behind it."""
    char = text[at]
    if char in PLAIN or (char == "$" and quote):
        return char, at + 1
    if char in ESCAPES:
        return ESCAPES[char], at + 1
    if byte := BYTE.match(text, at):
        return chr(int(byte[1], 16)), byte.end()
    return "\\" + char, at + 1

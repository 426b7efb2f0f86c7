"""Which entries of the journal are meant: ``FIELD=value`` words, as journalctl takes them.

Words about the same field mean either, words about different fields mean both, and a ``+`` between
them means what is before it or what is behind it (journalctl(1)). A filter's ``journalmatch`` is
written in the same words.
"""

import re
import shlex
from collections.abc import Iterable, Sequence

#: Stands between alternatives.
OR = "+"

#: A field's name begins with no digit and has 64 characters at most (systemd.journal-fields(7)); in
#: an argument there can be no zero. Being so, no word is ever an option of journalctl's.
WORD = re.compile(r"[A-Z_][A-Z0-9_]{0,63}=[^\0]*")


def parse_match(text: str) -> tuple[str, ...]:
    """Read one match, quoted as for a shell: ``_SYSTEMD_UNIT=ssh.service + _COMM=sshd``.

    Raises:
        ValueError: it is none.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"must be quoted as for a shell: {error}: {text!r}") from error
    check_words(words)
    return words


def check_words(words: Sequence[str]) -> None:
    """Check the words of a match.

    Raises:
        ValueError: they are no match.
    """
    between = OR
    for word in words:
        if word != OR and not WORD.fullmatch(word):
            raise ValueError(f"must be made of FIELD=value and +, and {word!r} is neither")
        if OR == word == between:
            break
        between = word
    if between == OR:
        raise ValueError("must have something on both sides of a +, and anything at all")


def join_matches(matches: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the words that mean what any of some matches means; none if there are no matches."""
    words: list[str] = []
    for match in dict.fromkeys(map(tuple, matches)):
        words += [OR, *match] if words else match
    return tuple(words)

"""What was probably meant by a name that there isn't."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that asks for the closest known name, empty if none is close."""
    close = get_close_matches(name, [*known], 1)
    return f"; did you mean {close[0]}?" if close else ""

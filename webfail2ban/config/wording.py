"""The small change of error messages: values, choices, and what was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

#: Enough to recognize a value by.
MAX_SHOWN = 40

#: How alike a name must be to be suggested, 0 to 1: ``tnx`` is two thirds of ``txn``.
LIKENESS = 0.65


def show_value(value: Any) -> str:
    """Write a value so that it is recognized in the file: text in quotes, collections in words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple | set | frozenset):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def show_choices(choices: Iterable[str]) -> str:
    """Write ``a, b or c``."""
    *first, last = choices
    return f"{', '.join(first)} or {last}" if first else last


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant; empty if none is alike.

    Small and capital letters and the signs between words make no difference.
    """
    by_letters = {_letters(candidate): candidate for candidate in known}
    found = get_close_matches(_letters(name), by_letters, n=1, cutoff=LIKENESS)
    return by_letters[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the question, or nothing if no known name is alike."""
    meant = closest(name, known)
    return f"did you mean {meant}?" if meant else ""


def _letters(name: str) -> str:
    """Return a name without what people mix up."""
    return name.lower().replace("-", "").replace("_", "")

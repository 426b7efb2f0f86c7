"""Words that remarks share."""

from collections.abc import Iterable

#: Names that a sentence has; there may be a hundred.
NAMED = 5


def name_some(names: Iterable[str]) -> str:
    """Name the first few, and say how many more there are."""
    known = list(names)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return ", ".join(known[:NAMED]) + more

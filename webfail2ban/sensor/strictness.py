"""How a new sensor looks at its settings."""

from enum import StrEnum


class Strictness(StrEnum):
    """What a sensor does about settings that are wrong, as the engine tells it.

    A file that has become unreadable is no reason to go deaf on all the others: only the first
    start fails for it.
    """

    FIRST = "first"  # it checks, warns, and refuses to start
    AGAIN = "again"  # it checks, and warns where the first start would have refused
    CHECKED = "checked"  # somebody has just done it

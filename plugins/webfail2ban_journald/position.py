"""Where the journal stands, as a value to keep."""

from dataclasses import dataclass
from typing import Any, Self

from webfail2ban import Json


@dataclass(frozen=True, slots=True)
class Position:
    """The last entry that was dealt with.

    Attributes:
        time: When it was written to the journal, in microseconds since the epoch; or a time
            before which no entry is wanted.
        cursor: The journal's own name for it; empty where no entry was dealt with.
    """

    time: int
    cursor: str = ""

    def dump(self) -> Json:
        """Return it as JSON values."""
        return {"time": self.time, "cursor": self.cursor}

    @classmethod
    def load(cls, kept: Any) -> Self | None:
        """Return what `dump` made; None if there is nothing, or nothing that can be read."""
        try:
            return cls(int(kept["time"]), str(kept["cursor"]))
        except (TypeError, KeyError, ValueError):
            return None

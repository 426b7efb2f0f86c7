"""A clock to turn."""

#: Noon on a day in 2026, UTC; the first time that a test's clock shows.
NOON = 1_795_176_000.0


class Clock:
    """A clock that only moves when it is told to.

    Args:
        start: The time it shows first, in seconds since the epoch.
    """

    def __init__(self, start: float = NOON) -> None:
        self.time = start

    def __call__(self) -> float:
        """Return the time."""
        return self.time

    def turn(self, seconds: float) -> None:
        """Move on."""
        self.time += seconds

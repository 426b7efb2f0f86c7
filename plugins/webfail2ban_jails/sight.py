"""What a jail's filter has seen: the sensor counts it, the engine tells it."""

from dataclasses import dataclass

from webfail2ban import CutLine


@dataclass(slots=True)
class Sight:
    """What a jail's filter has seen since the sensor's start; as JSON it crosses to the engine.

    Attributes:
        lines: How many lines there were in the logs that it looks at.
        matches: In how many of them it found a failure.
        dated: In how many a date was read, of those whose date was looked for.
        undated: In how many none could be.
        slow: How many were given up because they took too long.
        last_line: When the last line came: seconds since the epoch; None before the first.
        clock_offset: By how many seconds the stamps lie behind this machine's clock; None while
            nobody knows.
        set_aside: The name of the filter if it is too slow to be asked any more; else empty.
    """

    lines: int = 0
    matches: int = 0
    dated: int = 0
    undated: int = 0
    slow: int = 0
    last_line: float | None = None
    clock_offset: float | None = None
    set_aside: str = ""

    def count_date(self, cut: CutLine) -> None:
        """Count whether a line has a date; one that a pattern knows to have none doesn't count."""
        if cut.time is not None:
            self.dated += 1
        elif not cut.undated:
            self.undated += 1

    def count_lines(self, lines: int, last_line: float) -> None:
        """Count lines that have come."""
        self.lines += lines
        self.last_line = max(self.last_line or 0.0, last_line)

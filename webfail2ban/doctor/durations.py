"""Lengths of time as HAProxy writes them: ``50ms``, ``2m``, and ``500`` for milliseconds."""

import re

#: Seconds in each unit; without one it is milliseconds (configuration manual, 2.5 "Time format").
UNITS = {"": 0.001, "us": 1e-6, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}

PART = re.compile(r"(\d{1,18})(us|ms|[smhd])?", re.ASCII)


def parse_time(text: str) -> float | None:
    """Return seconds; None for what is no length of time."""
    parts = PART.findall(text)
    if not parts or PART.sub("", text):
        return None
    return sum(int(number) * UNITS[unit] for number, unit in parts)

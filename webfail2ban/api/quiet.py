"""What anybody could have us log thousands of times is logged now and then, with its number."""

import logging
import time
from math import inf

#: Seconds between two entries.
PAUSE = 10.0


class Quiet:
    """Logs that somebody was refused, unless somebody else was just now.

    Args:
        log: Where.
        text: What, with a place for who it was.
    """

    def __init__(self, log: logging.Logger, text: str) -> None:
        self._log = log
        self._text = text
        self._named_at = -inf
        self.count = 0

    def note(self, who: object) -> None:
        """Count one, and log it if none was logged just now."""
        self.count += 1
        now = time.monotonic()
        if now - self._named_at >= PAUSE:
            self._named_at = now
            self._log.warning("%s (%d so far)", self._text.format(who), self.count)

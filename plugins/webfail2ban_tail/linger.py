"""When a file that was rotated away has been left by its writer, too."""

from math import inf

#: Seconds for which it must have been left alone: whoever writes it is told of the rotation
#: afterwards, and may have to finish what he is doing.
LINGER = 5.0

#: Seconds after which the next file is read all the same. A web server that reloads gracefully
#: writes to the old one as long as its oldest connection lasts.
LONGEST_LINGER = 60.0


class Linger:
    """Watches the size of one file from the moment that its path leads elsewhere.

    Args:
        seconds: For how long it must not have grown.

    Attributes:
        ends_at: When it may be left, if it doesn't grow any more: a time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = inf
        self._size = -1
        self.ends_at = inf

    def cancel(self) -> None:
        """Begin anew: the path leads to the file."""
        self._began = self.ends_at = inf
        self._size = -1

    def is_over(self, size: int, now: float, *, awaited: bool) -> bool:
        """Return whether the file may be left.

        Args:
            size: The file's size.
            now: The time. If it was set back, that prolongs nothing.
            awaited: Whether there is something to read in the next file.
        """
        self._began = min(self._began, now)
        if size != self._size:
            self._size, self.ends_at = size, inf
        self.ends_at = min(self.ends_at, now + self._seconds)
        return now >= self.ends_at or (awaited and now >= self._began + LONGEST_LINGER)

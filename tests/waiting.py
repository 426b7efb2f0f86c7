"""Waiting for a condition: never for a length of time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: Far more than anything here takes, on a machine that others use too.
PATIENCE = 60.0

#: Seconds between two looks.
PAUSE = 0.005


def wait_until(
    look: Callable[[], T], what: str, pause: Callable[[float], object] = time.sleep
) -> T:
    """Look again and again until something true is seen, and return it.

    Args:
        look: Looks once.
        what: What is waited for, for the message.
        pause: Sleeps; gevent's own where the test runs beside greenlets.

    Raises:
        TimeoutError: it wasn't seen in time.
    """
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {PATIENCE:g} s, but {seen!r}")
        pause(PAUSE)
    return seen


def is_running(pid: int) -> bool:
    """Whether there is a process of that id that hasn't ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def descriptors() -> int:
    """Count the open file descriptors of this process."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())

"""Waiting for a condition: never for a length of time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Far more than anything here takes, on a machine that others use too.
PATIENCE = 60.0

#: Seconds between two looks.
PAUSE = 0.01


def wait_until(look: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """Look again and again until something true is seen, and return it.

    Args:
        look: Looks once.
        what: What is waited for, for the message.
        patience: Seconds after which it has failed.

    Raises:
        TimeoutError: it wasn't seen in time.
    """
    deadline = time.monotonic() + patience
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {patience:g} s, but {seen!r}")
        time.sleep(PAUSE)
    return seen

"""Failures that have crossed, handed on a few at a time: verdicts must not wait for many bans."""

from collections.abc import Callable, Sequence
from typing import Any

from gevent import GreenletExit

from webfail2ban.model import Failure
from webfail2ban.sensor.channel import unpack_failure
from webfail2ban.turns import give_way

#: Failures that are counted before verdicts get their turn; a ban costs some 40 microseconds.
SLICE = 12


def count_packed(
    packed: Sequence[list[Any]], count: Callable[[Sequence[Failure]], object]
) -> GreenletExit | None:
    """Hand all failures on, whatever happens meanwhile: a half would be counted again.

    Args:
        packed: The failures as they have crossed.
        count: Takes some of them.

    Returns:
        What ends this greenlet, if somebody wanted that meanwhile.
    """
    killed: GreenletExit | None = None
    for start in range(0, len(packed), SLICE):
        count([unpack_failure(values) for values in packed[start : start + SLICE]])
        try:
            give_way()
        except GreenletExit as error:
            killed = error
    return killed

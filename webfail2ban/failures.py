"""Failures by the thousand: made without the checks and for a fourth of the cost.

A frozen class sets each attribute by a call. So a draft with the same slots is filled in, and then
said to be what it looks like; from that moment on nobody can change it.
"""

from collections.abc import Mapping
from typing import cast

from webfail2ban.addresses import Address
from webfail2ban.model import Failure


class _Draft:
    """A failure while it is made."""

    __slots__ = Failure.__slots__

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each attribute
        self,
        jail: str,
        address: Address,
        time: float,
        weight: int,
        lines: tuple[str, ...],
        fields: Mapping[str, str],
    ) -> None:
        self.jail = jail
        self.address = address
        self.time = time
        self.weight = weight
        self.lines = lines
        self.fields = fields


def make_failure(  # noqa: PLR0913, PLR0917 - one argument for each attribute
    jail: str,
    address: Address,
    time: float,
    weight: int,
    lines: tuple[str, ...],
    fields: Mapping[str, str],
) -> Failure:
    """Return a failure of values that are known to be right, as those of a filter are.

    Args:
        jail: As in `Failure`, and so are the others.
        address: A folded one.
        time: In seconds since the epoch.
        weight: Not negative.
        lines: The log lines.
        fields: Texts by name, which nobody changes any more.
    """
    draft = _Draft(jail, address, time, weight, lines, fields)
    draft.__class__ = Failure  # type: ignore[assignment]
    return cast("Failure", draft)

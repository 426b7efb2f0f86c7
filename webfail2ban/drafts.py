"""Failures and bans by the thousand: made without the checks and for a fourth of the cost.

A frozen class sets each attribute by a call. So a draft with the same slots is filled in, and then
said to be what it looks like; from that moment on nobody can change it.
"""

from collections.abc import Mapping
from typing import cast

from webfail2ban.addresses import Address, Network
from webfail2ban.model import Ban, Failure


class _FailureDraft:
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


class _BanDraft:
    """A ban while it is made."""

    __slots__ = Ban.__slots__

    def __init__(  # noqa: PLR0913, PLR0917 - one argument for each attribute
        self,
        network: Network,
        jail: str,
        since: float,
        until: float,
        reason: str,
        count: int,
        lines: tuple[str, ...],
    ) -> None:
        self.network = network
        self.jail = jail
        self.since = since
        self.until = until
        self.reason = reason
        self.count = count
        self.lines = lines


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
    draft = _FailureDraft(jail, address, time, weight, lines, fields)
    draft.__class__ = Failure  # type: ignore[assignment]
    return cast("Failure", draft)


def make_ban(  # noqa: PLR0913, PLR0917 - one argument for each attribute
    network: Network,
    jail: str,
    since: float,
    until: float,
    reason: str,
    count: int,
    lines: tuple[str, ...],
) -> Ban:
    """Return a ban of values that are known to be right, as those of a jail are.

    Args:
        network: As in `Ban`, and so are the others; a folded one.
        jail: The jail's name.
        since: In seconds since the epoch.
        until: Not before it.
        reason: For people.
        count: Not negative.
        lines: The log lines.
    """
    draft = _BanDraft(network, jail, since, until, reason, count, lines)
    draft.__class__ = Ban  # type: ignore[assignment]
    return cast("Ban", draft)

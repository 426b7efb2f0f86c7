"""Bans of a replay, for machines and for people, and what differs between two replays."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from math import inf
from typing import Any, NamedTuple

import click

from webfail2ban.addresses import show_network
from webfail2ban.commands.reports import table
from webfail2ban.commands.times import show_time, whole
from webfail2ban.config import show_duration
from webfail2ban.logs import harmless
from webfail2ban.model import Ban


class Side(Enum):
    """In which of two replays a ban is."""

    ONLY_HERE = "+"
    ONLY_THERE = "-"


class SidedBan(NamedTuple):
    """A ban, and in which replay it is; None where there is only one."""

    ban: Ban
    side: Side | None


def compare(here: Sequence[Ban], there: Sequence[Ban]) -> list[SidedBan]:
    """Return the bans that are in one of two replays only, in the order of their beginnings.

    Two bans are the same if the same network is banned by the same jail for the same time,
    whatever lines led to it.
    """
    only_here = _without(here, there)
    only_there = _without(there, here)
    sided = [SidedBan(ban, Side.ONLY_THERE) for ban in only_there]
    sided += [SidedBan(ban, Side.ONLY_HERE) for ban in only_here]
    return sorted(sided, key=lambda sided: sided.ban.since)


def _without(bans: Iterable[Ban], others: Iterable[Ban]) -> list[Ban]:
    known = Counter(map(_identity, others))
    left = []
    for ban in bans:
        identity = _identity(ban)
        if known[identity]:
            known[identity] -= 1
        else:
            left.append(ban)
    return left


def _identity(ban: Ban) -> tuple[object, ...]:
    return ban.network, ban.jail, ban.since, ban.until


def describe_ban(sided: SidedBan) -> dict[str, Any]:
    """Return a ban as JSON values; an infinite time is null."""
    ban, side = sided
    ends = ban.until < inf
    facts: dict[str, Any] = {
        "network": show_network(ban.network),
        "jail": ban.jail,
        "since": whole(ban.since),
        "until": whole(ban.until) if ends else None,
        "duration": whole(ban.until - ban.since) if ends else None,
        "reason": ban.reason,
        "lines": list(ban.lines),
    }
    return facts if side is None else {"change": side.value} | facts


def show_bans(bans: Sequence[SidedBan], *, with_lines: bool) -> str:
    """Write bans as a table, each followed by the lines that led to it."""
    head = ("", "banned at", "client", "jail", "for", "why")
    shown = table(head, [_row(sided) for sided in bans]).split("\n")
    if not any(sided.side for sided in bans):  # the first column is empty
        shown = [line[2:] for line in shown]
    text = [click.style(shown[0], bold=True)]
    for line, sided in zip(shown[1:], bans, strict=True):
        text.append(_painted(line, sided.side))
        if with_lines:
            text += [f"    {harmless(said)}" for said in sided.ban.lines]
    return "\n".join(text)


def _row(sided: SidedBan) -> tuple[str, ...]:
    ban, side = sided
    duration = show_duration(round(ban.until - ban.since)) if ban.until < inf else "ever"
    return (
        side.value if side else "",
        show_time(ban.since),
        show_network(ban.network),
        ban.jail,
        duration,
        harmless(ban.reason),
    )


def _painted(line: str, side: Side | None) -> str:
    if side is None:
        return line
    return click.style(line, fg="red" if side is Side.ONLY_HERE else "green")

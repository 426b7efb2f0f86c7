"""A million bans into the table's columns, thousands at a time: ten times as fast as one by one."""

from collections.abc import Iterable, Sequence
from itertools import compress
from operator import gt, rshift
from typing import cast

from webfail2ban.bans.families import FAMILIES, family_of, host_bits
from webfail2ban.bans.records import Records

#: Bans by columns: the networks' addresses as numbers, their prefix lengths, the IP versions, the
#: jails, since, until, how many bans there were before, the reasons.
Columns = tuple[
    Sequence[int],
    Sequence[int],
    Sequence[int],
    Sequence[str],
    Sequence[float],
    Sequence[float],
    Sequence[int],
    Sequence[str],
]

HOST_BITS = [host_bits(family) for family in range(FAMILIES)]


def append_all(records: Records, parts: Iterable[Columns], now: float, oldest: float) -> None:
    """Append a record for each ban, in no index and no ring yet.

    Args:
        records: The table's columns.
        parts: The bans, some thousands at a time.
        now: What ends later is in force, the others are past.
        oldest: What ended then or before is left out.

    Raises:
        ValueError: one is no ban; nothing is appended.
    """
    begin = len(records)
    try:
        for part in parts:
            kept = _keep_younger(part, oldest)
            if kept[0]:
                _append(records, kept, now)
    except BaseException:
        records.truncate(begin)
        raise


def _keep_younger(part: Columns, oldest: float) -> Columns:
    until = part[5]
    if not until or min(until) > oldest:
        return part
    chosen = [end > oldest for end in until]
    return cast("Columns", tuple(list(compress(column, chosen)) for column in part))


def _append(records: Records, part: Columns, now: float) -> None:
    bits, prefixes, versions, jails, since, until, counts, reasons = part
    if any(map(gt, since, until)):
        raise ValueError("a ban ends before it begins")
    families = {kind: family_of(*kind) for kind in set(zip(versions, prefixes, strict=True))}
    family = [families[kind] for kind in zip(versions, prefixes, strict=True)]
    keys = [address >> HOST_BITS[kind] for address, kind in zip(bits, family, strict=True)]
    if any(map(rshift, keys, prefixes)):
        raise ValueError("a ban's network has more bits than its IP version")
    records.extend(family, keys, jails, since, until, counts, reasons, now)

"""What a store holds is taken into memory: at a start, or when it can be read at last."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import gevent
from gevent import Greenlet

from webfail2ban.addresses import Network
from webfail2ban.bans import BanTable
from webfail2ban.errors import StoreDamagedError, StoreError
from webfail2ban.keeping.collector import Collector
from webfail2ban.keeping.storekeeper import Storekeeper
from webfail2ban.store import BanColumns, BanKey
from webfail2ban.turns import give_way

#: Bans that are looked up before others have their turn.
SLICE = 50


def restore(
    storekeeper: Storekeeper, ended_after: float, bans: BanTable, changed: Collector | None
) -> dict[str, Any]:
    """Put what is kept in force.

    Args:
        storekeeper: Goes to the store.
        ended_after: Leave out what ended earlier: seconds since the epoch.
        bans: The table; empty at a start.
        changed: What has changed and isn't written, if everything is at work already: then it is
            done in steps, and beside that.

    Returns:
        The positions.

    Raises:
        StoreUnavailableError: it can't be read now.
        StoreDamagedError: it can't be read.
    """
    positions = storekeeper.call(storekeeper.store.load_positions)
    try:
        if changed is None:
            bans.load(_read_bans(storekeeper, ended_after))
        else:
            _add_bans(storekeeper, ended_after, bans, changed)
    except ValueError as error:
        raise StoreDamagedError(str(storekeeper.store), str(error)) from error
    return positions


def _read_bans(storekeeper: Storekeeper, ended_after: float) -> Iterator[BanColumns]:
    """Yield what is kept; the next part is read while the last one is put in force."""

    def begin(after: int) -> Greenlet:
        reading = gevent.spawn(_read_part, storekeeper, after, ended_after)
        give_way()  # or it would begin only when somebody waits for it
        return reading

    reading: Greenlet | None = begin(0)
    while reading is not None:
        read = reading.get()
        if isinstance(read, StoreError):
            raise read
        part, after = read
        reading = None if after is None else begin(after)
        yield part


def _add_bans(
    storekeeper: Storekeeper, ended_after: float, bans: BanTable, collector: Collector
) -> None:
    """Put what is kept in force beside bans that were made, and lifted, in ignorance of it."""
    for part in _read_bans(storekeeper, ended_after):
        bans.load((part,))
        for key in collector.lifted:
            bans.remove(_network_of(key), key[-1])
        give_way()
    for number, key in enumerate(collector.banned, 1):
        for ban in bans.get(_network_of(key)):
            if ban.jail == key[-1]:
                collector.add_ban(key, replace(ban, lines=collector.find_lines(key) or ()))
        if number % SLICE == 0:
            give_way()


def _network_of(key: BanKey) -> Network:
    bits, prefix, version, _ = key
    return (IPv4Network if version == 4 else IPv6Network)((bits, prefix))  # noqa: PLR2004 - IPv4


def _read_part(
    storekeeper: Storekeeper, after: int, ended_after: float
) -> tuple[BanColumns, int | None] | StoreError:
    """Read some bans, or return why not: gevent logs what a greenlet raises, whoever takes it."""
    try:
        return storekeeper.call(storekeeper.store.load_bans, after, ended_after)
    except StoreError as error:
        return error

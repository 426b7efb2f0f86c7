"""Bans by columns, as a start reads them: a million rows would take three times as long."""

from math import inf

from webfail2ban.store.changes import unpack_text
from webfail2ban.store.interface import BanColumns

#: Each column is a JSON array, made while other threads go on. JSON has no infinity.
LOAD_BANS = """
    SELECT json_group_array(address), json_group_array(prefix), json_group_array(jail),
        json_group_array(since), json_group_array(nullif(until, 9e999)), json_group_array(count),
        json_group_array(reason)
    FROM ban WHERE id > ? AND id <= ? AND until > ?
    """


def make_columns(  # noqa: PLR0913, PLR0917 - one argument for each column
    addresses: list[int | str],
    prefixes: list[int],
    jails: list[str],
    since: list[float],
    until: list[float | None],
    counts: list[int],
    reasons: list[str],
) -> BanColumns:
    """Make columns of what the database holds; most of it is what it means.

    Args:
        addresses: Numbers for IPv4, hexadecimal digits for IPv6.
        prefixes: Prefix lengths.
        jails: The jails' names, as they are stored.
        since: Seconds since the epoch.
        until: Seconds since the epoch; None for a ban without an end.
        counts: How many bans there were before.
        reasons: As they are stored.

    Raises:
        TypeError: something else is there.
        ValueError: something else is there.
    """
    texts = {text: unpack_text(text) for text in {*jails, *reasons}}
    return (
        [bits if isinstance(bits, int) else int(bits, 16) for bits in addresses],
        prefixes,
        [4 if isinstance(bits, int) else 6 for bits in addresses],
        [texts[text] for text in jails],
        since,
        [inf if end is None else end for end in until],
        counts,
        [texts[text] for text in reasons],
    )

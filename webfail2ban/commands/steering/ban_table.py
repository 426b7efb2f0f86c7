"""Bans as a table."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from webfail2ban.addresses import show_network
from webfail2ban.api.models import BanInfo
from webfail2ban.commands.steering.moments import show_distance, show_short
from webfail2ban.commands.steering.tables import cell, make_table

HEADS = ("client", "jail", "banned", "ends", "before", "why")


def make_ban_table(listed: Sequence[BanInfo], now: float) -> Table:
    """Return a table of bans."""
    rows = [_row(ban, now) for ban in listed]
    return make_table(HEADS, rows, right=("before",), cut=("jail", "why"))


def _row(ban: BanInfo, now: float) -> tuple[Text, ...]:
    return (
        cell(show_network(ban.network)),
        cell(ban.jail),
        cell(show_short(ban.since, now)),
        cell(show_distance(ban.until, now)),
        cell(ban.count or ""),
        cell(ban.reason),
    )

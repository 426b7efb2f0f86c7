"""Bans as a table."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from webfail2ban.addresses import show_network
from webfail2ban.api.models import BanInfo
from webfail2ban.commands.steering.moments import show_distance, show_moment
from webfail2ban.commands.steering.tables import add_rows, cell, make_table

#: Columns that are cut last.
WHOLE = ("client", "banned at", "ends", "before")


def make_ban_table(listed: Sequence[BanInfo], now: float) -> Table:
    """Return a table of bans."""
    table = make_table("client", "jail", "banned at", "ends", "before", "why", right=("before",))
    return add_rows(table, (_row(ban, now) for ban in listed), WHOLE)


def _row(ban: BanInfo, now: float) -> tuple[Text, ...]:
    return (
        cell(show_network(ban.network)),
        cell(ban.jail),
        cell(show_moment(ban.since)),
        cell(show_distance(ban.until, now)),
        cell(ban.count or ""),
        cell(ban.reason),
    )

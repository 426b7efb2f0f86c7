"""``webfail2ban bans``: who is banned."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from webfail2ban.addresses import Network
from webfail2ban.api.models import BanInfo, BanPage
from webfail2ban.commands.options import json_option
from webfail2ban.commands.steering.ban_table import make_ban_table
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.options import (
    engine_command,
    jail_option,
    read_network,
    read_text,
)
from webfail2ban.commands.steering.tables import show
from webfail2ban.commands.wording import plural

#: Bans that are shown if nobody says.
FEW = 50

#: What comes first, by the words of ``--sort``.
ORDERS: dict[str, Callable[[BanInfo], Any]] = {
    "newest": lambda ban: -ban.since,
    "oldest": lambda ban: ban.since,
    "ending": lambda ban: ban.until,
    "repeated": lambda ban: -ban.count,
    "network": lambda ban: (ban.network.version, ban.network),
    "jail": lambda ban: ban.jail,
}


@click.command("bans")
@jail_option
@click.option(
    "--covering", type=read_network, metavar="ADDR", help="Bans that hold this address or network."
)
@click.option(
    "--inside", type=read_network, metavar="NET", help="Bans of this network and inside it."
)
@click.option(
    "--reason", "text", type=read_text, metavar="TEXT", help="Bans with this text in their reason."
)
@click.option(
    "--sort",
    "order",
    type=click.Choice(tuple(ORDERS)),
    help="Which come first; all of them are looked at then.",
)
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(min=1),
    default=FEW,
    show_default=True,
    metavar="N",
    help="Show so many at most.",
)
@click.option("--all", "everything", is_flag=True, help="Show all, however many they are.")
@json_option
@engine_command
def bans(  # noqa: PLR0913 - one for each option
    *,
    client: EngineClient,
    jail: str | None,
    covering: Network | None,
    inside: Network | None,
    text: str | None,
    order: str | None,
    limit: int,
    everything: bool,
    as_json: bool,
) -> None:
    """List the bans in force; every condition must hold.

    \b
      webfail2ban bans --jail sshd
      webfail2ban bans --covering 192.0.2.66
      webfail2ban bans --sort newest -n 10
      webfail2ban bans --inside 198.51.100.0/24 --all
      webfail2ban bans --all --json | jq -r .network

    With --json there is one object for each ban. Exit status: 0, also if there are none; 3 if the
    engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    query = {"jail": jail, "covering": covering, "inside": inside, "q": text}
    most = None if everything else limit
    pages = client.pages(query, most if order is None else None)
    if order is not None:
        pages = _sort(pages, ORDERS[order], most)
    if as_json:
        for page in pages:
            click.echo("".join(map(_write, page.bans)), nl=False)
        return
    found = _Found()
    listed = list(found.collect(pages))
    if listed:
        show(make_ban_table(listed, time.time()))
    narrowed = any(value is not None for value in query.values())
    note = found.describe(len(listed), narrowed=narrowed)
    if note:
        click.echo(note)


def _sort(
    pages: Iterable[BanPage], order: Callable[[BanInfo], Any], most: int | None
) -> Iterator[BanPage]:
    """Yield what comes first of all pages, as one."""
    fetched = list(pages)
    found = [ban for page in fetched for ban in page.bans]
    shown = tuple(sorted(found, key=order)[:most])
    more = "" if len(shown) < len(found) else None
    yield BanPage.model_construct(bans=shown, next=more, total=fetched[-1].total)


def _write(ban: BanInfo) -> str:
    return json.dumps(ban.model_dump(mode="json")) + "\n"


class _Found:
    """Remembers what pages say beside their bans."""

    def __init__(self) -> None:
        self._more = False
        self._total = 0

    def collect(self, pages: Iterable[BanPage]) -> Iterator[BanInfo]:
        """Yield the pages' bans."""
        for page in pages:
            self._more, self._total = page.next is not None, page.total
            yield from page.bans

    def describe(self, shown: int, *, narrowed: bool) -> str:
        """Say what is not shown; nothing if that is nothing."""
        total = plural(self._total, "ban")
        if not shown:
            return f"No such ban; {total} in force." if self._total else "Nobody is banned."
        if self._more and narrowed:
            return f"There may be more; --all shows them. {total} in force altogether."
        return f"{shown:,} of {total}; --all shows all." if self._more else ""

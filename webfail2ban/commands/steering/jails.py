"""``webfail2ban jails``: the jails and their counters."""

import time
from collections.abc import Mapping

import click
from pydantic import JsonValue
from rich.text import Text

from webfail2ban.api.models import JailInfo
from webfail2ban.commands.options import json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.moments import show_distance
from webfail2ban.commands.steering.options import engine_command
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.steering.tables import NONE, cell, make_table, show
from webfail2ban.config import show_duration

NUMBERS = ("banned", "bans", "failed", "counted", "lines")

#: From this share on one address is worth naming.
LOUD = 0.5


@click.command("jails")
@json_option
@engine_command
def jails(client: EngineClient, as_json: bool) -> None:
    """Show the jails and their counters.

    Whoever else has bans in force is shown as well: an operator's jail is manual. BANNED are in
    force now and COUNTED are clients with failures now; the others count since the start.

    \b
      webfail2ban jails
      webfail2ban jails --json | jq '.jails[] | {name, failures}'

    Exit status: 0; 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    found = client.jails()
    if as_json:
        print_json(found)
        return
    if not found.jails:
        click.echo("There are no jails.")
        return
    heads = ("jail", *NUMBERS, "last line", "limits", "loudest client")
    now = time.time()
    rows = [_row(jail, now) for jail in found.jails]
    show(make_table(heads, rows, right=NUMBERS, cut=("jail", "limits", "loudest client")))


def _row(jail: JailInfo, now: float) -> tuple[Text, ...]:
    last = NONE if jail.last_line is None else show_distance(jail.last_line, now)
    numbers = (jail.in_force, jail.bans, jail.failures, jail.counted, jail.lines)
    return (
        cell(jail.name),
        *(cell(f"{number:,}") for number in numbers),
        cell(last),
        cell(show_limits(jail.limits)),
        cell(show_loudest(jail)),
    )


def show_limits(limits: Mapping[str, JsonValue]) -> str:
    """Write a jail's limits shortly, failures in a time and the ban: ``5 in 10m: 1h``."""
    maxretry, findtime = limits.get("maxretry"), limits.get("findtime")
    if maxretry is None or findtime is None:
        return ""
    bantime = limits.get("bantime")
    return f"{maxretry} in {_show_time(findtime)}: {_show_time(bantime)}"


def _show_time(value: JsonValue) -> str:
    if value is None:
        return "ever"
    return show_duration(value) if isinstance(value, int | float) else str(value)


def show_loudest(jail: JailInfo) -> str:
    """Name the address with the most of the last failures, if it has many of them."""
    if jail.loudest is None or jail.loudest_share < LOUD:
        return ""
    return f"{jail.loudest} {jail.loudest_share:.0%}"

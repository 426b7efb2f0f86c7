"""``webfail2ban sources``: where log lines come from."""

import time

import click
from rich.text import Text

from webfail2ban.api.models import SourceInfo
from webfail2ban.commands.options import json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.moments import show_distance
from webfail2ban.commands.steering.options import engine_command
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.steering.tables import NONE, cell, make_table, show

HEADS = ("source", "lines", "dropped", "last line", "state")
NUMBERS = ("lines", "dropped")


@click.command("sources")
@json_option
@engine_command
def sources(client: EngineClient, as_json: bool) -> None:
    """Show the log sources, and how they do.

    \b
      webfail2ban sources

    Exit status: 0; 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    found = client.sources()
    if as_json:
        print_json(found)
        return
    if not found.sources:
        click.echo("No log source says anything yet.")
        return
    now = time.time()
    rows = [_row(source, now) for source in found.sources]
    show(make_table(HEADS, rows, right=NUMBERS, cut=("source", "state")))


def _row(source: SourceInfo, now: float) -> tuple[Text, ...]:
    last = NONE if source.last_line is None else show_distance(source.last_line, now)
    return (
        cell(source.name),
        cell(f"{source.lines:,}"),
        cell(f"{source.dropped:,}", "red" if source.dropped else ""),
        cell(last),
        cell(source.state),
    )

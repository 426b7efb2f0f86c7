"""``webfail2ban export``: all bans, for a file or another program."""

import sys
from codecs import iterdecode
from collections.abc import Iterator
from typing import BinaryIO

import click

from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.options import engine_command, jail_option
from webfail2ban.logs import harmless

FORMATS = ("jsonl", "fail2ban", "plain")


@click.command("export")
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="How to write them; see below.",
)
@click.option(
    "--output",
    "-o",
    type=click.File("wb", lazy=True, atomic=True),
    metavar="FILE",
    help="Write to this file, which is replaced once all is there.",
)
@jail_option
@click.option("--json", "as_json", is_flag=True, help="The same as --format jsonl.")
@engine_command
def export_bans(
    *,
    client: EngineClient,
    form: str,
    output: BinaryIO | None,
    jail: str | None,
    as_json: bool,
) -> None:
    """Write the bans in force.

    jsonl is a JSON object a line, and `webfail2ban import` reads it without a loss. fail2ban is
    what `fail2ban-client banned` prints: without times and reasons. plain is an address or network
    a line, as HAProxy reads with -f.

    \b
      webfail2ban export -o bans.jsonl
      webfail2ban export --format plain --jail sshd > sshd.lst

    Exit status: 0, also if there are none; 3 if the engine can't be reached or ends on the way.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    query = {"format": FORMATS[0] if as_json else form, "jail": jail}
    pieces = client.export(query)
    if output is None and sys.stdout.isatty():
        _show(pieces)
        return
    stream = sys.stdout.buffer if output is None else output
    for piece in pieces:
        stream.write(piece)
    stream.flush()


def _show(pieces: Iterator[bytes]) -> None:
    """Print an export where somebody reads it: a reason may hold what steers a terminal."""
    for text in iterdecode(pieces, "utf-8", "replace"):
        click.echo("\n".join(map(harmless, text.split("\n"))), nl=False)

"""``webfail2ban import``: bans of a file, of fail2ban, of another webfail2ban."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from math import inf
from typing import BinaryIO

import click

from webfail2ban.api.models import MANUAL, ImportReport
from webfail2ban.commands.options import FAILED, json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.completion import complete_jails
from webfail2ban.commands.steering.exporting import FORMATS
from webfail2ban.commands.steering.options import engine_command, read_ban_duration, read_text
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.wording import plural
from webfail2ban.errors import InputFileError
from webfail2ban.logs import harmless

#: The media type of each format, as the API takes it.
TYPES = {"jsonl": "application/x-ndjson", "fail2ban": "text/plain", "plain": "text/plain"}

#: How a database begins, such as fail2ban's (https://www.sqlite.org/fileformat2.html).
DATABASE = b"SQLite format 3\0"

#: How a format begins; anything else is a plain list.
BEGINNINGS = {b"{": "jsonl", b"[": "fail2ban"}

#: Bytes that are read at once; the engine takes its time for the bans in them.
PIECE = 32 * 1024

#: Bytes of bans that take more than a moment; for less nobody needs a bar.
LONG = 256 * 1024


@click.command("import")
@click.argument("file", metavar="FILE", type=click.File("rb"))
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(FORMATS),
    help="How they are written; else it is told by how FILE begins.",
)
@click.option(
    "--jail",
    "-j",
    type=read_text,
    default=MANUAL,
    show_default=True,
    metavar="NAME",
    shell_complete=complete_jails,
    help="For plain lists: the jail to ban in.",
)
@click.option(
    "--for",
    "duration",
    type=read_ban_duration,
    default="permanent",
    show_default=True,
    metavar="TIME",
    help="For formats without times: how long, from now.",
)
@click.option(
    "--reason", "-r", type=read_text, metavar="TEXT", help="For formats without reasons: why."
)
@json_option
@engine_command
def import_bans(  # noqa: PLR0913 - one for each option
    *,
    client: EngineClient,
    file: BinaryIO,
    form: str | None,
    jail: str,
    duration: float,
    reason: str | None,
    as_json: bool,
) -> None:
    """Ban whom a file names; - is standard input.

    The formats are those of `webfail2ban export`, and what `fail2ban-client banned` prints. Bans
    that are over, or that are there and last as long, are skipped. A line that is no ban is named,
    and the others go on.

    \b
      webfail2ban import bans.jsonl
      fail2ban-client banned | webfail2ban import - --for 1d
      webfail2ban import spammers.lst --jail spam --for permanent --reason "known spammers"

    Exit status: 0; 1 if there were lines that are no bans; 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    pieces = iter(lambda: file.read(PIECE), b"")
    first = next(pieces, b"")
    if first.startswith(DATABASE):
        raise InputFileError(file.name, "is a database: `webfail2ban import-bans` reads fail2ban's")
    form = form or guess_format(first)
    lasting = "permanent" if duration == inf else duration
    query = {"format": form, "jail": jail, "duration": lasting, "reason": reason}
    with _counted(chain([first], pieces), _size(file)) as counted:
        report = client.bring(counted, TYPES[form], query)
    if as_json:
        print_json(report)
    else:
        show_report(report)
    sys.exit(FAILED if report.failed else 0)


def guess_format(beginning: bytes) -> str:
    """Tell a format by how it begins."""
    return BEGINNINGS.get(beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:1], "plain")


def _size(file: BinaryIO) -> int | None:
    """Return how many bytes a file has; None if that can't be told."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


@contextmanager
def _counted(pieces: Iterator[bytes], size: int | None) -> Iterator[Iterator[bytes]]:
    """Show on standard error how far sending is, if that is a terminal and there is much."""
    if size is None or size < LONG or not sys.stderr.isatty():
        yield pieces
        return
    with click.progressbar(length=size, label="importing", file=sys.stderr) as bar:

        def advance() -> Iterator[bytes]:
            for piece in pieces:
                yield piece
                bar.update(len(piece))

        yield advance()


def show_report(report: ImportReport) -> None:
    """Say what became of an import."""
    parts = [f"{plural(report.imported, 'ban')} imported"]
    if report.skipped:
        parts.append(f"{report.skipped:,} skipped: over, or there already")
    if report.failed:
        parts.append(f"{plural(report.failed, 'line')} not understood")
    click.echo("; ".join(parts) + ".")
    for fault in report.errors:
        click.echo(f"line {fault.line}: {harmless(fault.message)}", err=True)
    unnamed = report.failed - len(report.errors)
    if unnamed > 0:
        click.echo(f"and {unnamed:,} more", err=True)

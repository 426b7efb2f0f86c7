"""``webfail2ban import-bans``: the bans in fail2ban's database.

A database isn't a stream, and only this machine can read it: so it is no format of `import`, which
takes what any program writes to a pipe. It is turned into the JSON lines that `import` takes.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

import click

from webfail2ban.banlists import Census, Defaults, Fault, describe, read_database
from webfail2ban.commands.options import FAILED, json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.importing import TYPES, show_report
from webfail2ban.commands.steering.options import engine_command, read_ban_duration
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.warning import warn
from webfail2ban.config import show_duration

#: Where fail2ban has it.
DATABASE = Path("/var/lib/fail2ban/fail2ban.sqlite3")

#: The format that loses nothing.
FORMAT = "jsonl"

#: Bans that are sent at once.
PIECE = 200


@click.command("import-bans")
@click.argument("database", metavar="[DATABASE]", type=click.Path(path_type=Path), default=DATABASE)
@click.option("--print", "printed", is_flag=True, help="Print them as `export` does; ban nobody.")
@click.option(
    "--for",
    "duration",
    type=read_ban_duration,
    default="10m",
    show_default=True,
    metavar="TIME",
    help="How long bans of a fail2ban before 0.11 last, which didn't write that down.",
)
@json_option
@engine_command
def import_bans(
    *, client: EngineClient, database: Path, printed: bool, duration: float, as_json: bool
) -> None:
    """Ban whom fail2ban has banned, for the time that is left.

    DATABASE is /var/lib/fail2ban/fail2ban.sqlite3 unless another is named. It is only read, and
    fail2ban may run meanwhile. Bans keep their jail, their beginning, their log lines and how many
    there were before, so that the next one is as long as it would have been. What is banned but no
    address is named.

    \b
      webfail2ban import-bans
      webfail2ban import-bans --print fail2ban.sqlite3 | webfail2ban import -

    Exit status: 0; 1 if there was something that can't be banned; 2 if the database can't be read;
    3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    census = Census()
    faults: list[Fault] = []
    rest = _lines(database, Defaults(time.time(), duration=duration), census, faults)
    pieces = chain([next(rest, b"")], rest)  # what is wrong with the database is said before all
    failed = _print(pieces) if printed else _send(pieces, client, as_json=as_json)
    warn(_say(census, faults, duration))
    sys.exit(FAILED if faults or failed else 0)


def _print(pieces: Iterable[bytes]) -> bool:
    for piece in pieces:
        click.echo(piece, nl=False)
    return False


def _send(pieces: Iterable[bytes], client: EngineClient, *, as_json: bool) -> bool:
    """Send bans to the engine; return whether it didn't understand one."""
    report = client.bring(pieces, TYPES[FORMAT], {"format": FORMAT})
    if as_json:
        print_json(report)
    else:
        show_report(report)
    return report.failed > 0


def _lines(
    database: Path, defaults: Defaults, census: Census, faults: list[Fault]
) -> Iterator[bytes]:
    """Yield the bans as JSON lines; gather what is none."""
    found = read_database(database, defaults, census)
    while some := list(islice(found, PIECE)):
        faults += [fault for fault in some if isinstance(fault, Fault)]
        bans = [ban for ban in some if not isinstance(ban, Fault)]
        yield "".join(f"{describe(ban).model_dump_json()}\n" for ban in bans).encode()


def _say(census: Census, faults: list[Fault], duration: float) -> Iterator[str]:
    yield from (fault.message for fault in faults)
    if census.over:
        yield f"bans that are over: {census.over:,}; that there were any isn't brought along"
    if census.assumed:
        lasting = show_duration(duration)
        yield f"bans of unknown length: {census.assumed:,}; taken for {lasting}, as --for says"

"""``webfail2ban top``: what happens now, in the terminal."""

import json
import sys
import time

import click

from webfail2ban.commands.options import json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.options import engine_command
from webfail2ban.commands.steering.rates import Look, Rates, compare
from webfail2ban.commands.steering.tables import make_console, show
from webfail2ban.commands.steering.top_view import make_view
from webfail2ban.errors import EngineUnreachableError

#: What ends it, beside Ctrl-C.
QUIT = frozenset("qQ\x1b\x04")

#: Lines of a frame that nobody scrolls.
TALL = 1000


@click.command("top")
@click.option(
    "--interval",
    "-i",
    type=click.FloatRange(min=0.2, max=3600),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
@json_option
@engine_command
def top(client: EngineClient, interval: float, as_json: bool) -> None:
    """Show live what happens, until q or Ctrl-C.

    Verdicts, failures and bans a second, the loudest jails and clients. q or Ctrl-C ends it.
    Where the output is no terminal, and with --json, it looks twice and prints what happened in
    between.

    \b
      webfail2ban top
      webfail2ban top --interval 10 --json | jq .failures

    Exit status: 0; 3 if the engine can't be reached at the start.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    if as_json or not (sys.stdout.isatty() and sys.stdin.isatty()):
        _print_once(client, interval, as_json=as_json)
        return
    _watch(client, interval)


def take_look(client: EngineClient) -> Look:
    """Look at an engine."""
    status, jails = client.status(), client.jails().jails
    return Look(time.monotonic(), status, jails)


def _print_once(client: EngineClient, interval: float, *, as_json: bool) -> None:
    before = take_look(client)
    time.sleep(interval)
    look = take_look(client)
    rates = compare(before, look)
    if as_json:
        click.echo(json.dumps(describe(look, rates)))
    else:
        show(make_view(look, rates, TALL))


def describe(look: Look, rates: Rates) -> dict[str, object]:
    """Return a frame as JSON values; all but `in_force`, `counted` and `total` are a second."""
    return {
        "total": look.status.bans,
        "verdicts": {outcome: round(rate, 3) for outcome, rate in rates.verdicts.items()},
        "failures": round(rates.failures, 3),
        "bans": round(rates.bans, 3),
        "jails": [
            {
                "name": jail.jail.name,
                "failures": round(jail.failures, 3),
                "bans": round(jail.bans, 3),
                "lines": round(jail.lines, 3),
                "counted": jail.jail.counted,
                "in_force": jail.jail.in_force,
                "loudest": jail.jail.loudest,
                "loudest_share": jail.jail.loudest_share,
            }
            for jail in rates.jails
        ],
        "problems": list(look.status.problems),
    }


def _watch(client: EngineClient, interval: float) -> None:
    """Show frames until somebody has seen enough."""
    from rich.live import Live  # noqa: PLC0415 - only here, and it takes its time

    from webfail2ban.commands.steering.keys import single_keys  # noqa: PLC0415 - terminals only

    console = make_console()
    look = take_look(client)
    rates, trouble = compare(None, look), ""
    try:
        with (
            single_keys() as wait,
            Live(console=console, screen=True, auto_refresh=False) as live,
        ):
            while True:
                live.update(make_view(look, rates, console.height, trouble), refresh=True)
                if QUIT.intersection(wait(interval)):
                    return
                try:
                    before, look = look, take_look(client)
                except EngineUnreachableError as error:  # it may be starting again
                    trouble = str(error)
                else:
                    rates, trouble = compare(before, look), ""
    except KeyboardInterrupt:
        return

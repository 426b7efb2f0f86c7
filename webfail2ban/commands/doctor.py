"""``webfail2ban doctor``: what won't work between HAProxy and webfail2ban."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from webfail2ban.commands.doctor_report import show, to_json
from webfail2ban.commands.doctor_visit import USUAL, Order, visit
from webfail2ban.commands.options import FAILED, config_option, json_option
from webfail2ban.commands.steering.place_options import api_option, token_option
from webfail2ban.doctor.conditions import Version, parse_version


def read_version(_: click.Context, __: click.Parameter, value: str | None) -> Version | None:
    """Read the option that says HAProxy's version."""
    try:
        return None if value is None else parse_version(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("doctor")
@click.argument("names", metavar="[HAPROXY.CFG]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--haproxy-version",
    "version",
    metavar="VERSION",
    callback=read_version,
    help="HAProxy's version, where it isn't the one that is installed here.",
)
@click.option(
    "--compose",
    "compose_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The compose file that starts both, to look at too.",
)
@click.option(
    "--offline",
    is_flag=True,
    help="Look at what is written, not at this machine nor at what runs: for CI.",
)
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@json_option
@api_option
@token_option
@config_option
def doctor(*, names: tuple[Path, ...], strict: bool, as_json: bool, **others: Any) -> None:
    """Find what won't work between HAProxy and webfail2ban.

    It reads HAProxy's configuration (/etc/haproxy/haproxy.cfg, or files and directories as
    `haproxy -f` takes them), the SPOE files that it names and our own configuration. Then it asks
    the agents as HAProxy does, and the engine how its jails and sources stand. Below each finding
    stands what to write.

    \b
      webfail2ban doctor
      webfail2ban doctor --offline --strict --haproxy-version 3.2 deploy/haproxy.cfg

    Exit status: 0 if there is no error (--strict: and no warning), 1 if there is one, 2 if
    something can't be read.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    report = visit(Order(names=names or (USUAL,), **others))
    if as_json:
        click.echo(json.dumps(to_json(report, strict=strict)))
    else:
        show(report)
    sys.exit(0 if report.is_well(strict=strict) else FAILED)

"""``webfail2ban check``: the verdict on an address, and why."""

import sys
import time
from pathlib import Path

import click

from webfail2ban.addresses import Address
from webfail2ban.api.models import CheckReport
from webfail2ban.commands.options import FAILED, config_option, json_option
from webfail2ban.commands.steering.check_report import show_check
from webfail2ban.commands.steering.completion import complete_addresses
from webfail2ban.commands.steering.options import make_client, read_address
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.steering.place_options import api_option, token_option


@click.command("check")
@click.argument("address", metavar="IP", type=read_address, shell_complete=complete_addresses)
@click.option("--offline", is_flag=True, help="Ask the configuration alone, no running engine.")
@json_option
@api_option
@token_option
@config_option
def check(  # noqa: PLR0913 - one for each option
    *,
    address: Address,
    offline: bool,
    as_json: bool,
    api: str | None,
    token_file: Path | None,
    config_path: Path | None,
) -> None:
    """Show the verdict on an address, and why.

    Each plugin's opinion with its score, its weight and their sum, bans in force and before,
    counts, and the lines behind them.

    It is the verdict that HAProxy gets for this address now. With --offline nobody is asked: the
    configuration is loaded with its plugins, and bans of a running engine are not known.

    \b
      webfail2ban check 192.0.2.66
      webfail2ban check 192.0.2.66 --offline --config new.yaml

    Exit status: 0 if the address passes, 1 if it is banned, 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    if offline:
        report = _check_offline(address, config_path)
    else:
        report = make_client(api, token_file, config_path).check(address)
    if as_json:
        print_json(report)
    else:
        show_check(report, time.time())
    sys.exit(FAILED if report.verdict.banned else 0)


def _check_offline(address: Address, config_path: Path | None) -> CheckReport:
    """Return what the configuration alone says of an address."""
    from webfail2ban.api.checkreport import make_report  # noqa: PLC0415 - the whole engine
    from webfail2ban.commands.offline import examine_offline  # noqa: PLC0415 - the same

    return make_report(examine_offline(config_path, address))

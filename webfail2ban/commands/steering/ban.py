"""``webfail2ban ban``: an operator bans."""

import time
from collections.abc import Sequence
from math import inf

import click

from webfail2ban.addresses import Network, show_network
from webfail2ban.api.models import MANUAL, BanResult, BanResults
from webfail2ban.commands.options import json_option
from webfail2ban.commands.steering.batches import batches
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.completion import complete_jails
from webfail2ban.commands.steering.moments import show_both
from webfail2ban.commands.steering.options import (
    engine_command,
    read_ban_duration,
    read_network,
    read_text,
    yes_option,
)
from webfail2ban.commands.steering.output import confirm, print_json
from webfail2ban.config import show_duration
from webfail2ban.logs import harmless

#: How long a ban is if nobody says.
DURATION = "1h"

#: Networks with fewer bits, by the version of IP, hold whole providers: often a slip.
WIDE = {4: 8, 6: 19}

#: What the API takes for a ban that never ends.
PERMANENT = "permanent"


@click.command("ban")
@click.argument("networks", metavar="ADDR...", nargs=-1, required=True, type=read_network)
@click.option(
    "--for",
    "duration",
    type=read_ban_duration,
    default=DURATION,
    show_default=True,
    metavar="TIME",
    help="How long: 10m, 1h30m, 2d, or permanent.",
)
@click.option("--reason", "-r", type=read_text, default="", metavar="TEXT", help="Why, for people.")
@click.option(
    "--jail",
    "-j",
    type=read_text,
    default=MANUAL,
    show_default=True,
    metavar="NAME",
    shell_complete=complete_jails,
    help="The jail to ban in.",
)
@yes_option
@json_option
@engine_command
def ban(  # noqa: PLR0913 - one for each option
    *,
    client: EngineClient,
    networks: tuple[Network, ...],
    duration: float,
    reason: str,
    jail: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Ban addresses and networks.

    A ban of the same address and jail that lasts as long or longer stays as it is; to shorten one,
    unban first. Networks that hold whole providers are asked about, unless --yes is there.

    \b
      webfail2ban ban 192.0.2.66 --for 1d --reason "guesses passwords"
      webfail2ban ban 198.51.100.0/24 2001:db8::/48 --for permanent

    Exit status: 0 if they are banned now; 2 if the engine refuses, and 3 if it can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    wide = [show_network(network) for network in networks if _is_wide(network)]
    if wide:
        confirm(f"{', '.join(wide)} would ban a great many people. Ban them?", yes=yes)
    lasting = PERMANENT if duration == inf else duration
    wanted = [
        {"network": show_network(network), "duration": lasting, "reason": reason, "jail": jail}
        for network in networks
    ]
    results: list[BanResult] = []
    for batch in batches(wanted):
        results += client.ban(batch).results
    if as_json:
        changed = sum(result.changed for result in results)
        print_json(BanResults(results=tuple(results), changed=changed))
    else:
        _show(results, duration)


def _is_wide(network: Network) -> bool:
    return network.prefixlen < WIDE[network.version]


def _show(results: Sequence[BanResult], duration: float) -> None:
    now = time.time()
    for result in results:
        banned = result.ban
        name = f"{show_network(banned.network)} [{harmless(banned.jail)}]"
        if result.changed:
            lasting = "for ever" if duration == inf else f"for {show_duration(duration)}"
            click.echo(f"{name} is banned {lasting}")
        else:
            click.echo(f"{name} was banned already, until {show_both(banned.until, now)}")

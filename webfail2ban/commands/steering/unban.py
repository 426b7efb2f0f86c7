"""``webfail2ban unban`` and ``purge``: bans are lifted before their time."""

import sys

import click

from webfail2ban.addresses import Network, show_network
from webfail2ban.api.models import Removed
from webfail2ban.commands.options import FAILED, json_option
from webfail2ban.commands.steering.batches import batches
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.options import (
    engine_command,
    jail_option,
    networks_argument,
    yes_option,
)
from webfail2ban.commands.steering.output import confirm, print_json
from webfail2ban.commands.wording import plural
from webfail2ban.logs import harmless


@click.command("unban")
@networks_argument
@click.option("--all", "everything", is_flag=True, help="Lift all bans, or with --jail all of it.")
@jail_option
@yes_option
@json_option
@engine_command
def unban(  # noqa: PLR0913 - one for each option
    *,
    client: EngineClient,
    networks: tuple[Network, ...],
    everything: bool,
    jail: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Lift bans.

    They are those of exactly these addresses and networks, or all of a jail. A ban of a network
    isn't lifted by one of its addresses: `webfail2ban bans --covering` shows it. Lifting all
    bans of all jails is asked about, unless --yes is there.

    \b
      webfail2ban unban 192.0.2.66 198.51.100.0/24
      webfail2ban unban 192.0.2.66 --jail sshd
      webfail2ban unban --all --jail sshd

    Exit status: 0 if each had a ban, 1 if one had none, 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    if everything == bool(networks):
        message = "--all takes no ADDR." if everything else "Missing argument 'ADDR...'."
        raise click.UsageError(message)
    removed = _lift_all(client, jail, yes=yes) if everything else _lift(client, networks, jail)
    if as_json:
        print_json(removed)
    else:
        _show(removed, jail)
    sys.exit(FAILED if removed.missing or not removed.removed else 0)


@click.command("purge")
@yes_option
@json_option
@engine_command
def purge(*, client: EngineClient, yes: bool, as_json: bool) -> None:
    """Lift every ban, and forget those that were before.

    It is asked about, unless --yes is there.

    \b
      webfail2ban purge --yes

    Exit status: 0, also if there were none; 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    confirm("This lifts every ban and forgets past ones. Go on?", yes=yes)
    purged = client.purge()
    if as_json:
        print_json(purged)
    else:
        click.echo(f"{plural(purged.removed, 'ban')} lifted.")


def _lift_all(client: EngineClient, jail: str | None, *, yes: bool) -> Removed:
    if jail is not None:
        return client.unban((), jail)
    confirm("This lifts all bans of all jails. Go on?", yes=yes)
    return Removed(removed=client.purge().removed)


def _lift(client: EngineClient, networks: tuple[Network, ...], jail: str | None) -> Removed:
    removed = 0
    missing: tuple[Network, ...] = ()
    for batch in batches([show_network(network) for network in networks]):
        result = client.unban(batch, jail)
        removed += result.removed
        missing += result.missing
    return Removed(removed=removed, missing=missing)


def _show(removed: Removed, jail: str | None) -> None:
    where = f" in {harmless(jail)}" if jail else ""
    if removed.removed or not removed.missing:
        click.echo(f"{plural(removed.removed, 'ban')} lifted{where}.")
    for network in removed.missing:
        click.echo(f"{show_network(network)} is not banned{where}.", err=True)

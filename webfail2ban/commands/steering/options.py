"""What all commands that ask a running engine take, and how they find it."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from webfail2ban.addresses import Address, Network, parse_address, parse_network
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.completion import complete_addresses, complete_jails
from webfail2ban.commands.steering.place import Place, find_place
from webfail2ban.commands.steering.place_options import place_command
from webfail2ban.config import parse_ban_duration


def engine_command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell where the engine is, and hand the command its client.

    The command takes ``client`` in the place of what they say.
    """

    @wraps(function)
    def with_client(*, place: Place, **others: Any) -> Any:
        return function(client=EngineClient(place), **others)

    return place_command(with_client)


def make_client(api: str | None, token_file: Path | None, config_path: Path | None) -> EngineClient:
    """Return what asks the engine that the command line, the environment or the file name.

    Raises:
        ConfigurationError: what they say can't be used.
    """
    return EngineClient(find_place(api, token_file, config_path, os.environ, Path()))


def read_address(value: str) -> Address:
    """Read an argument that is an IP address.

    Raises:
        click.BadParameter: it is none.
    """
    try:
        return parse_address(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no IP address") from None


def read_network(value: str) -> Network:
    """Read an argument that is an IP address or a network.

    Raises:
        click.BadParameter: it is neither.
    """
    try:
        return parse_network(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no IP address and no network") from None


def read_text(value: str) -> str:
    """Read an argument that the engine gets as it is: in UTF-8, whatever the terminal speaks.

    Raises:
        click.BadParameter: it can't be.
    """
    try:
        return os.fsencode(value).decode()
    except UnicodeError:
        raise click.BadParameter(f"{value!r} is no text in UTF-8") from None


def read_ban_duration(value: str) -> float:
    """Read an option that says how long a ban is to last: seconds, infinity for ever.

    Raises:
        click.BadParameter: it is no length of time, or none at all.
    """
    try:
        seconds = parse_ban_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not seconds:
        raise click.BadParameter("must be longer than nothing; unban lifts a ban")
    return seconds


jail_option = click.option(
    "--jail",
    "-j",
    type=read_text,
    metavar="NAME",
    shell_complete=complete_jails,
    help="Only bans of this jail.",
)
networks_argument = click.argument(
    "networks",
    metavar="ADDR...",
    nargs=-1,
    type=read_network,
    shell_complete=complete_addresses,
)
yes_option = click.option("--yes", "-y", is_flag=True, help="Don't ask whether that is meant.")

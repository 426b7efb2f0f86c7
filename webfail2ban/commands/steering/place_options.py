"""What commands take to find a running engine. Nothing here is slow to import: health checks do."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from webfail2ban.commands.options import config_option
from webfail2ban.commands.steering.place import find_place

api_option = click.option(
    "--api",
    metavar="PLACE",
    help="The engine's unix socket or URL; else $WEBFAIL2BAN_API, the configuration's api.",
)
token_option = click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file with the token to show over TCP; else $FAIL2BAN_API_TOKEN.",
)


def place_command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell where the engine is, and hand the command the place.

    The command takes ``place`` in the place of what they say.
    """

    @wraps(function)
    def with_place(
        *, api: str | None, token_file: Path | None, config_path: Path | None, **others: Any
    ) -> Any:
        place = find_place(api, token_file, config_path, os.environ, Path())
        return function(place=place, **others)

    return api_option(token_option(config_option(with_place)))

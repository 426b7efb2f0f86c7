"""Names that a shell can complete, from the running engine; none where it can't be asked."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from webfail2ban.addresses import show_network
from webfail2ban.api.models import MAX_PAGE
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.place import find_place
from webfail2ban.errors import WebFail2BanError

Answer = TypeVar("Answer")

#: Seconds that somebody waits who has pressed the tab key.
PATIENCE = 1.0

#: What a name mustn't hold to be pasted into a shell's line as it is.
UNSAFE = frozenset(" \t\n'\"\\$`!&;|<>()*?[]{}#~")


def complete_jails(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a jail's name."""
    found = _ask(ctx, EngineClient.jails)
    return [
        CompletionItem(jail.name, help=f"{jail.in_force} in force")
        for jail in (found.jails if found else ())
        if jail.name.startswith(incomplete) and _is_plain(jail.name)
    ]


def complete_addresses(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete an address or network that is banned, of the first thousand."""
    query = {"limit": MAX_PAGE, "jail": ctx.params.get("jail")}
    page = _ask(ctx, lambda client: client.page(query))
    shown = ((show_network(ban.network), ban.jail) for ban in (page.bans if page else ()))
    return [CompletionItem(name, help=jail) for name, jail in shown if name.startswith(incomplete)]


def _ask(ctx: click.Context, question: Callable[[EngineClient], Answer]) -> Answer | None:
    """Ask the engine that the line names so far; return None where it can't be asked."""
    said: dict[str, Any] = ctx.params
    try:
        place = find_place(
            said.get("api"),
            said.get("token_file"),
            said.get("config_path"),
            os.environ,
            Path(),
        )
        return question(EngineClient(place, PATIENCE))
    except WebFail2BanError:
        return None


def _is_plain(name: str) -> bool:
    return name.isprintable() and not UNSAFE.intersection(name)

"""``webfail2ban feeds``: the lists that plugins get from elsewhere.

They are those that a plugin tells of in the detail ``feeds`` of its status: a list of objects, of
which each has a ``name``. What can be done with one are the plugin's actions.
"""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click
from pydantic import JsonValue
from rich.text import Text

from webfail2ban.api.models import PluginList
from webfail2ban.commands.options import config_option, json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.moments import show_length
from webfail2ban.commands.steering.options import make_client, read_text
from webfail2ban.commands.steering.place_options import api_option, token_option
from webfail2ban.commands.steering.tables import NONE, cell, make_table, show
from webfail2ban.commands.wording import plural
from webfail2ban.errors import EngineRefusalError
from webfail2ban.logs import harmless

HEADS = ("feed", "age", "entries", "rejected", "hits", "state", "from")
NUMBERS = ("entries", "rejected", "hits")

#: What a plugin says of a feed; it may say less, and more.
Feed = Mapping[str, Any]


def engine_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that tell where the engine is."""
    return api_option(token_option(config_option(function)))


@click.group("feeds", invoke_without_command=True)
@json_option
@engine_options
def feeds(
    *, api: str | None, token_file: Path | None, config_path: Path | None, as_json: bool
) -> None:
    """Show the lists from elsewhere, and what was rejected.

    AGE says how long ago a list was known to be up to date. A new list that is nothing like the
    one before is held until it is accepted, or until a sane one comes.

    \b
      webfail2ban feeds
      webfail2ban feeds accept spamhaus
      webfail2ban feeds --json | jq '.feeds[] | {name, entries, age}'

    Exit status: 0; 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    if click.get_current_context().invoked_subcommand is not None:
        return
    found = find_feeds(make_client(api, token_file, config_path).plugins())
    if as_json:
        click.echo(json.dumps({"feeds": [{"plugin": plugin, **feed} for plugin, feed in found]}))
        return
    if not found:
        click.echo("There are no feeds.")
        return
    rows = [_row(feed) for _, feed in found]
    show(make_table(HEADS, rows, right=NUMBERS, cut=("from", "state")))
    for _, feed in found:
        _show_more(feed)


def feed_command(function: Callable[[EngineClient, str, bool], object]) -> Callable[..., Any]:
    """Add a feed's name and the options of all commands, which may stand before it, too."""

    @wraps(function)
    def with_client(
        *,
        name: str,
        api: str | None,
        token_file: Path | None,
        config_path: Path | None,
        as_json: bool,
    ) -> object:
        above = click.get_current_context().parent
        before = above.params if above is not None else {}
        client = make_client(
            api or before["api"],
            token_file or before["token_file"],
            config_path or before["config_path"],
        )
        return function(client, name, as_json or before["as_json"])

    return click.argument("name", type=read_text)(json_option(engine_options(with_client)))


@feeds.command("accept")
@feed_command
def accept(client: EngineClient, name: str, as_json: bool) -> None:
    """Put a list in force that is held.

    Exit status: 0 if it is in force now; 2 if none is held, and 3 if the engine can't be reached.
    """
    result = _act(client, "accept", name)
    if as_json:
        click.echo(json.dumps(result))
        return
    entries = result.get("entries")
    number = plural(entries, "entry", "entries") if isinstance(entries, int) else "its entries"
    click.echo(f"{harmless(name)}: {number} in force")


@feeds.command("refresh")
@feed_command
def refresh(client: EngineClient, name: str, as_json: bool) -> None:
    """Have a list fetched now; the command doesn't wait for it.

    Exit status: 0; 2 if there is no such feed, and 3 if the engine can't be reached.
    """
    result = _act(client, "refresh", name)
    click.echo(json.dumps(result) if as_json else f"{harmless(name)} is being fetched")


def find_feeds(plugins: PluginList) -> list[tuple[str, Feed]]:
    """Return all feeds, each after its plugin's name."""
    return [
        (plugin.name, feed)
        for plugin in plugins.plugins
        for feed in _list(plugin.details.get("feeds"))
    ]


def _act(client: EngineClient, action: str, name: str) -> Feed:
    """Have a feed's plugin do something with it.

    Raises:
        EngineRefusalError: there is no such feed, or it can't be done.
    """
    found = find_feeds(client.plugins())
    for plugin, feed in found:
        if feed["name"] == name:
            result = client.act(plugin, action, {"feed": name}).result
            return result if isinstance(result, dict) else {}
    known = ", ".join(str(feed["name"]) for _, feed in found) or "none"
    raise EngineRefusalError(f"there is no feed {name}; there are: {known}")


def _list(value: JsonValue) -> list[Feed]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict) and "name" in item]


def _row(feed: Feed) -> tuple[Text, ...]:
    age = feed.get("age")
    return (
        cell(feed["name"]),
        cell(NONE if age is None else show_length(age)),
        *(cell(f"{feed.get(number) or 0:,}") for number in NUMBERS),
        _state(feed),
        cell(feed.get("where", "")),
    )


def _state(feed: Feed) -> Text:
    """Say in a few words how a feed is doing."""
    if feed.get("held"):
        return cell("held", "yellow")
    if feed.get("trouble"):
        return cell("fails", "red")
    return cell(feed.get("activity") or "good")


def _show_more(feed: Feed) -> None:
    """Tell what a table has no room for: why it fails or is held, and what was rejected."""
    name = harmless(str(feed["name"]))
    if feed.get("trouble"):
        click.echo(f"\n{name}: {harmless(str(feed['trouble']))}")
    held = feed.get("held")
    if held:
        why = harmless(str(held.get("why", "")))
        click.echo(f"\n{name}: a new list is held: {why}")
        click.echo(f"  webfail2ban feeds accept {name}")
    examples = feed.get("examples") or []
    if not examples:
        return
    first = "the first rejected lines" if len(examples) > 1 else "a rejected line"
    click.echo(f"\n{name}: {first}")
    for example in examples:
        text, why = (harmless(str(example.get(key, ""))) for key in ("text", "why"))
        click.echo(f"  line {example.get('line', '?')}: {text}: {why}")

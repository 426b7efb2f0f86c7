"""``webfail2ban plugins``: what is loaded."""

import json
from pathlib import Path

import click

from webfail2ban.commands.loading import load_with_warnings
from webfail2ban.commands.options import config_option, json_option
from webfail2ban.commands.reports import describe_plugins, show_plugins
from webfail2ban.hosting.discovery import discover


@click.command("plugins")
@json_option
@config_option
def list_plugins(config_path: Path | None, as_json: bool) -> None:
    """Show the plugins, and which are loaded.

    With where they come from and their hooks, in the order of the chain.

    \b
      webfail2ban plugins --config new.yaml
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    configuration, plugins = load_with_warnings(config_path)
    candidates, _ = discover(configuration.engine.plugin_dirs)
    if as_json:
        click.echo(json.dumps(describe_plugins(plugins, candidates)))
    else:
        click.echo(show_plugins(plugins, candidates))

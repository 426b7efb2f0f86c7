"""``webfail2ban new-plugin``: a package to begin with."""

import re
from pathlib import Path

import click

from webfail2ban.config import EngineSettings
from webfail2ban.hosting.discovery import discover
from webfail2ban.skeleton import write_package

#: What is a name in the configuration and in Python alike.
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def check_name(_ctx: click.Context, _parameter: click.Parameter, name: str) -> str:
    """Refuse what can't be a new plugin's name.

    Raises:
        BadParameter: it can't.
    """
    if not NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r}: small letters, digits and single underscores, such as tor_exits"
        )
    if name in EngineSettings.model_fields:
        raise click.BadParameter(f"{name}: the engine's own section has that name")
    found, _ = discover()
    if name in found:
        raise click.BadParameter(f"{name}: there is one already, in {found[name][0].origin}")
    return name


@click.command("new-plugin")
@click.argument("name", callback=check_name)
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the package goes; else ./webfail2ban-NAME.",
)
def new_plugin(name: str, folder: Path | None) -> None:
    """Write a package for a plugin of your own.

    With an entry point, a model of its settings, one hook and tests that pass.

    \b
      webfail2ban new-plugin tor_exits
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    place = folder or Path(f"webfail2ban-{name.replace('_', '-')}")
    for path in write_package(name, place):
        click.echo(path)
    click.echo(f"\nNext: cd {place} && pip install -e '.[dev]' && pytest", err=True)

"""``webfail2ban haproxy-config``: what HAProxy needs to ask this webfail2ban."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import click

from webfail2ban.addresses import parse_address
from webfail2ban.commands.loading import load_configuration
from webfail2ban.commands.options import config_option, json_option
from webfail2ban.commands.warning import warn
from webfail2ban.config import EngineSettings, find
from webfail2ban.config.search import VARIABLE
from webfail2ban.doctor.conditions import Version, parse_version
from webfail2ban.doctor.haproxy import find_program, read_version
from webfail2ban.errors import ConfigurationError
from webfail2ban.haproxykit import Kit, find_kit, name_agent, write_scenario
from webfail2ban.haproxykit.files import LISTS
from webfail2ban.haproxykit.names import Wishes
from webfail2ban.hostnames import parse_host_name

#: The oldest version that the shipped files are for: what is taken where none is installed.
OLDEST = (2, 6)

#: Where HAProxy's files are.
DIRECTORY = Path("/etc/haproxy")

#: Where Debian's HAProxy locks itself in, and the shipped files too.
CHROOT = "/var/lib/haproxy"

#: What HAProxy takes for the prefix of variables (SPOE.txt 2.2, var-prefix).
PREFIX = re.compile(r"[A-Za-z0-9_.]{1,64}")

#: Paths whose words end nowhere in between, and in which nothing is put in the place of a variable.
PLAIN = re.compile(r"""[^\s"'\\#${}]+""")


def take_version(_: click.Context, __: click.Parameter, value: str | None) -> Version:
    """Return the version that is said, else that of the HAProxy that is installed.

    Raises:
        click.BadParameter: it is none, or too old.
    """
    if value is None:
        program = find_program()
        return (program and read_version(program)) or OLDEST
    try:
        version = parse_version(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if version < OLDEST:
        raise click.BadParameter("the configurations are for HAProxy 2.6 and later")
    return version


def check_prefix(_: click.Context, __: click.Parameter, value: str) -> str:
    """Check a prefix.

    Raises:
        click.BadParameter: HAProxy would refuse it.
    """
    if not PREFIX.fullmatch(value):
        raise click.BadParameter("must be letters, digits, dots and underscores")
    return value


def check_agent(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Check where HAProxy finds the agent, if that is said.

    Raises:
        click.BadParameter: it is no host; its port is that of our configuration.
    """
    if value is None:
        return None
    try:
        return str(parse_address(value))
    except ValueError:
        pass
    try:
        return parse_host_name(value)
    except ValueError:
        message = f"must be an IP address or a host name, without a port, not {value!r:.60}"
        raise click.BadParameter(message) from None


@click.command("haproxy-config")
@click.argument("scenario", required=False)
@click.option(
    "--haproxy-version",
    "version",
    metavar="VERSION",
    callback=take_version,
    help="HAProxy's version; else that of the one that is installed, or 2.6.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the files there, and not to standard output.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where HAProxy will find them; else --output, or /etc/haproxy.",
)
@click.option("--whole", is_flag=True, help="A whole configuration, and not what one lacks.")
@click.option(
    "--prefix",
    default="wf2b",
    show_default=True,
    callback=check_prefix,
    help="Of the variables' names.",
)
@click.option(
    "--agent",
    metavar="HOST",
    callback=check_agent,
    help="Where HAProxy finds us, if on another machine.",
)
@click.option(
    "--chroot",
    default=CHROOT,
    show_default=True,
    metavar="DIR",
    help="HAProxy's chroot, in which it looks for a unix socket, or none.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@json_option
@config_option
def haproxy_config(  # noqa: PLR0913 - one for each option
    *,
    scenario: str | None,
    version: Version,
    output: Path | None,
    directory: Path | None,
    whole: bool,
    prefix: str,
    agent: str | None,
    chroot: str,
    force: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Write what HAProxy needs to ask this webfail2ban.

    SCENARIO is one of the configurations that are tested with HAProxy; without it they are listed.
    Address, port, TLS, scope, times and proxies are those of our configuration. Lists (*.lst) that
    are there are kept as they are.

    \b
      webfail2ban haproxy-config
      webfail2ban haproxy-config mail
      webfail2ban haproxy-config cdn --haproxy-version 3.2 --output /etc/haproxy
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    kit = find_kit()
    if scenario is None:
        _list(kit, as_json=as_json)
        return
    place = _place(directory or output or DIRECTORY)
    jail = None if chroot == "none" else Path(chroot)
    settings = _settings(config_path)
    names = name_agent(settings, Wishes(version, place, prefix, agent, jail))
    written = write_scenario(kit, scenario, names, whole=whole)
    if output is not None:
        _save(output, written.files, force=force)
    if as_json:
        click.echo(json.dumps({"files": written.files, "warnings": written.warnings}))
        return
    if output is None:
        _print(place, written.files)
    warn(written.warnings)


def _place(directory: Path) -> Path:
    """Return where HAProxy will find the files, as it can be written in them.

    Raises:
        click.UsageError: it can't be.
    """
    place = directory.absolute()
    if not PLAIN.fullmatch(str(place)):
        message = f"HAProxy's files would need quotes for {place}; --directory names another place"
        raise click.UsageError(message)
    return place


def _list(kit: Kit, *, as_json: bool) -> None:
    """Show which scenarios there are."""
    scenarios = kit.scenarios
    if as_json:
        click.echo(json.dumps(scenarios))
        return
    width = max(map(len, scenarios))
    for name, title in scenarios.items():
        click.echo(f"{name:{width}}  {title}")


def _settings(config_path: Path | None) -> EngineSettings:
    """Return our settings; the defaults, and a warning, where there is no configuration."""
    try:
        find(config_path, os.environ, Path())
    except ConfigurationError:
        if config_path is not None or os.environ.get(VARIABLE):
            raise
        warn(["there is no configuration of webfail2ban's: its defaults are taken"])
        return EngineSettings()
    return load_configuration(config_path)[0].engine


def _save(directory: Path, files: Mapping[str, str], *, force: bool) -> None:
    """Write files, all or none; lists that are there are the operator's.

    Raises:
        click.UsageError: some are there.
    """
    wanted = {
        directory / name: text
        for name, text in files.items()
        if not (name.endswith(LISTS) and (directory / name).exists())
    }
    there = [path for path, text in wanted.items() if path.exists() and not _has(path, text)]
    if there and not force:
        raise click.UsageError(f"{', '.join(map(str, there))}: there already; --force replaces")
    directory.mkdir(parents=True, exist_ok=True)
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
        click.echo(path, err=True)


def _has(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _print(place: Path, files: Mapping[str, str]) -> None:
    """Print files one after the other, each with its path above."""
    for number, (name, text) in enumerate(files.items()):
        click.echo(f"{'' if not number else chr(10)}# ---- {place / name}\n\n{text}", nl=False)

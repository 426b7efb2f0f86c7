"""The command line.

Exit status: 0 all is well, 1 the answer is no or the program failed while it ran, 2 the
configuration, a plugin or the command itself is wrong.
"""

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click

from webfail2ban import logs
from webfail2ban.addresses import parse_address
from webfail2ban.commands.loading import examine_configuration, load_with_warnings, warn
from webfail2ban.commands.options import FAILED, WRONG, config_option, json_option
from webfail2ban.commands.replay import replay
from webfail2ban.commands.test_filter import test_filter
from webfail2ban.config import json_schema
from webfail2ban.discovery import discover
from webfail2ban.engine_settings import find_engine_problems
from webfail2ban.errors import ConfigurationError, WebFail2BanError
from webfail2ban.loader import load
from webfail2ban.plugin_settings import configure, judge
from webfail2ban.reports import describe_plugins, describe_verdict, show_plugins, show_verdict


def main() -> NoReturn:
    """Run the command line."""
    try:
        webfail2ban.main(standalone_mode=True, color=_colour())
    except WebFail2BanError as error:
        _fail(str(error), WRONG)
    except OSError as error:
        reason = error.strerror or str(error)
        _fail(f"{error.filename}: {reason}" if error.filename else reason, FAILED)
    sys.exit(0)


def _colour() -> bool | None:
    """Return whether to use colours; None where the terminal decides (https://no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def _fail(message: str, status: int) -> NoReturn:
    for line in message.splitlines():
        text = click.style("error: ", fg="red") + logs.harmless(line)
        click.echo(text, err=True, color=_colour())
    sys.exit(status)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="webfail2ban", prog_name="webfail2ban")
def webfail2ban() -> None:
    """fail2ban for everything behind HAProxy.

    Log lines ban clients; HAProxy asks over SPOP and refuses them.
    """


@webfail2ban.command()
@config_option
def run(config_path: Path | None) -> None:
    """Serve HAProxy until SIGTERM or Ctrl-C.

    A second signal ends the program at once.
    """
    from gevent import monkey  # noqa: PLC0415 - only this command may change how Python waits

    # Plugins of other people use libraries that know nothing of gevent, and keep what they import.
    monkey.patch_all()
    configuration, plugins = load_with_warnings(config_path)
    from webfail2ban.daemon import Daemon  # noqa: PLC0415 - after the patch

    logs.configure(configuration.engine.log, process="engine")
    Daemon(configuration, plugins).run()


@webfail2ban.command("check-config")
@json_option
@config_option
def check_config(config_path: Path | None, as_json: bool) -> None:
    """Check the configuration and everything that it names.

    All errors are shown at once, with file, line and column; exit status 2 then. Warnings, as about
    a filter's expression that a hostile line can keep busy, don't change the exit status.
    """
    warnings: list[str] = []
    try:
        examined, plugins = examine_configuration(config_path)
        sound = examined.sound
        own = find_engine_problems(sound.engine) if sound else ()
        found = judge(plugins, examined, own)
        warnings += map(str, (*examined.warnings, *found.warnings))
        if found.problems:
            raise ConfigurationError(found.problems)
        configuration = examined.trust()
        configure(plugins, configuration)
    except WebFail2BanError as error:
        if not as_json:
            warn(warnings)
            raise
        problems = str(error).splitlines()
        click.echo(json.dumps({"ok": False, "problems": problems, "warnings": warnings}))
        sys.exit(WRONG)
    if as_json:
        click.echo(json.dumps({"ok": True, "path": str(configuration.path), "warnings": warnings}))
        return
    warn(warnings)
    names = ", ".join(plugin.name for plugin in plugins) or "none"
    click.echo(f"{configuration.path}: {click.style('ok', fg='green')}; plugins: {names}")


@webfail2ban.command("config-schema")
def config_schema() -> None:
    """Print the JSON schema of the configuration, for editors.

    It knows every installed plugin's section.
    """
    candidates, _ = discover()
    models: dict[str, Any] = {}
    for name in sorted(candidates):
        try:
            models |= load([name]).models
        except WebFail2BanError as error:
            warn(f"left out: {line}" for line in str(error).splitlines())
    click.echo(json.dumps(json_schema(models), indent=2))


@webfail2ban.command("plugins")
@json_option
@config_option
def list_plugins(config_path: Path | None, as_json: bool) -> None:
    """Show the plugins: what is loaded, from where, which hooks, in the order of the chain."""
    configuration, plugins = load_with_warnings(config_path)
    candidates, _ = discover(configuration.engine.plugin_dirs)
    if as_json:
        click.echo(json.dumps(describe_plugins(plugins, candidates)))
    else:
        click.echo(show_plugins(plugins, candidates))


@webfail2ban.command("check")
@click.argument("address", metavar="IP")
@json_option
@config_option
def check_address(config_path: Path | None, address: str, as_json: bool) -> None:
    """Show the verdict on an address, and every plugin's opinion.

    The configuration alone decides here: bans of a running program are not known. Exit status 1 if
    the address is banned.
    """
    from webfail2ban.engine import Engine  # noqa: PLC0415 - gevent is loaded where it is needed
    from webfail2ban.queries import make_query  # noqa: PLC0415

    try:
        parsed = parse_address(address)
    except ValueError:
        raise click.BadParameter(f"{address!r} is no IP address", param_hint="IP") from None
    configuration, plugins = load_with_warnings(config_path)
    logging.basicConfig(level="ERROR")
    configure(plugins, configuration)
    engine = Engine(configuration.engine, plugins, time.time)
    engine.start()
    verdict = engine.judge(make_query("check-ip", (("ip", parsed),)))
    engine.stop()
    if as_json:
        click.echo(json.dumps(describe_verdict(str(parsed), verdict)))
    else:
        click.echo(show_verdict(str(parsed), verdict))
    sys.exit(FAILED if verdict.banned else 0)


webfail2ban.add_command(replay)
webfail2ban.add_command(test_filter)

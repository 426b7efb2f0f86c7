"""``webfail2ban check-config`` and ``config-schema``: the configuration, before it is used."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from webfail2ban.commands.loading import examine_configuration
from webfail2ban.commands.options import WRONG, config_option, json_option
from webfail2ban.commands.warning import warn
from webfail2ban.config import json_schema
from webfail2ban.engine_settings import find_engine_problems
from webfail2ban.errors import ConfigurationError, WebFail2BanError
from webfail2ban.hosting.discovery import discover
from webfail2ban.hosting.loader import load
from webfail2ban.hosting.settings import configure, judge


@click.command("check-config")
@json_option
@config_option
def check_config(config_path: Path | None, as_json: bool) -> None:
    """Check the configuration and everything that it names.

    All errors are shown at once, with file, line and column; exit status 2 then. Warnings, as about
    a filter's expression that a hostile line can keep busy, don't change the exit status.

    \b
      webfail2ban check-config --config new.yaml
    """  # noqa: D301 - click knows text to keep as it is by a backspace
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


@click.command("config-schema")
def config_schema() -> None:
    """Print the JSON schema of the configuration, for editors.

    It knows every installed plugin's section.

    \b
      webfail2ban config-schema > config.schema.json
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    candidates, _ = discover()
    models: dict[str, Any] = {}
    for name in sorted(candidates):
        try:
            models |= load([name]).models
        except WebFail2BanError as error:
            warn(f"left out: {line}" for line in str(error).splitlines())
    click.echo(json.dumps(json_schema(models), indent=2))

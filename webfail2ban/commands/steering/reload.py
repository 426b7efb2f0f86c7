"""``webfail2ban reload``: the configuration anew, without a stop."""

from collections.abc import Iterator

import click

from webfail2ban.api.models import ReloadReport
from webfail2ban.commands.options import json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.options import engine_command
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.warning import warn
from webfail2ban.logs import harmless


@click.command("reload")
@json_option
@engine_command
def reload(client: EngineClient, as_json: bool) -> None:
    """Have the running engine load its configuration anew.

    All of it is checked first. A bad one changes nothing, and each of its faults is shown; a good
    one changes jails, filters, lists and sources without losing a connection, a ban or a line.
    What stays as it is until a restart is named.

    \b
      webfail2ban check-config && webfail2ban reload

    Exit status: 0 if the new configuration is in force, 2 if it is wrong, 3 if the engine can't be
    reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    report = client.reload()
    if as_json:
        print_json(report)
        return
    warn(report.warnings)
    for line in _describe(report):
        click.echo(line)


def _describe(report: ReloadReport) -> Iterator[str]:
    yield f"Loaded in {report.seconds:.1f} s."
    kinds = {"added": report.added, "removed": report.removed, "changed": report.changed}
    named = {kind: names for kind, names in kinds.items() if names}
    for kind, names in named.items():
        yield f"{kind}: {harmless(', '.join(names))}"
    if not named:
        yield "All plugins' settings are the same as before."
    if report.needs_restart:
        yield f"only after a restart: {harmless(', '.join(report.needs_restart))}"

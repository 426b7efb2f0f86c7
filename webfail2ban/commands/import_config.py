"""``webfail2ban import-config``: a configuration out of another program's."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from webfail2ban.commands.options import json_option
from webfail2ban.commands.warning import warn
from webfail2ban.config import examine, parse
from webfail2ban.errors import WebFail2BanError
from webfail2ban.hosting.discovery import discover
from webfail2ban.hosting.loader import load
from webfail2ban.hosting.settings import judge
from webfail2ban.migration import (
    Draft,
    Kind,
    draft_fail2ban,
    draft_predecessor,
    guess_kind,
    render,
)
from webfail2ban.migration.kinds import PREDECESSOR_FILE

#: What problems call the file that is printed.
PRINTED = "printed"


@click.command("import-config")
@click.argument("source", metavar="SOURCE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice([kind.value for kind in Kind]),
    help="Whose configuration SOURCE is; else that is told by what it is.",
)
@click.option(
    "--keep-filters",
    is_flag=True,
    help="From fail2ban: its filters also where webfail2ban has one of the same name.",
)
@json_option
def import_config(source: Path, kind: str | None, keep_filters: bool, as_json: bool) -> None:
    """Print a configuration made of another program's.

    SOURCE is fail2ban's directory, of which the enabled jails are taken, or the config.yaml of the
    predecessor, the program in Go of the same name. What has no counterpart stands in the file's
    comments and on standard error, and so does what `check-config` would say of the file.

    \b
      webfail2ban import-config /etc/fail2ban > config.yaml
      webfail2ban import-config --from predecessor old/config.yaml > config.yaml
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    source = source.absolute()
    draft = _draft(Kind(kind) if kind else guess_kind(source), source, keep_filters=keep_filters)
    text = render(draft)
    problems = list(_check(text))
    if as_json:
        answer = {"configuration": text, "left_out": draft.left_out, "problems": problems}
        click.echo(json.dumps(answer))
        return
    click.echo(text, nl=False)
    warn([*draft.left_out, *problems])


def _draft(kind: Kind, source: Path, *, keep_filters: bool) -> Draft:
    """Make a configuration of a program's file or directory."""
    if kind is Kind.FAIL2BAN:
        directory = source if source.is_dir() else source.parent
        return draft_fail2ban(directory, keep_filters=keep_filters)
    return draft_predecessor(source / PREDECESSOR_FILE if source.is_dir() else source)


def _check(text: str) -> Iterator[str]:
    """Yield what is wrong with a configuration on this machine: an unreadable log, perhaps."""
    try:
        document = parse(text, PRINTED)
        plugins = load(document.plugins, document.plugin_dirs)
        installable, _ = discover(document.plugin_dirs)
        examined = examine(document, plugins.models, installable)
        yield from map(str, judge(plugins, examined).problems)
    except WebFail2BanError as error:
        yield from str(error).splitlines()

"""``webfail2ban doctor``: what won't work between HAProxy and webfail2ban."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from webfail2ban.commands.doctor_report import Report, show, to_json
from webfail2ban.commands.options import FAILED, config_option, json_option
from webfail2ban.commands.own_configuration import examine_own
from webfail2ban.commands.steering.options import make_client
from webfail2ban.commands.steering.place_options import api_option, token_option
from webfail2ban.config import find
from webfail2ban.config.search import VARIABLE
from webfail2ban.doctor import asking, catalogue, compose, engine, haproxy
from webfail2ban.doctor.conditions import Version, parse_version
from webfail2ban.doctor.finding import Finding, in_order
from webfail2ban.doctor.loading import list_files, load_site
from webfail2ban.doctor.site import Own, Site
from webfail2ban.errors import ConfigurationError, Problem, WebFail2BanError

#: Where systems put it.
USUAL = Path("/etc/haproxy/haproxy.cfg")


def read_version(_: click.Context, __: click.Parameter, value: str | None) -> Version | None:
    """Read the option that says HAProxy's version."""
    try:
        return None if value is None else parse_version(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("doctor")
@click.argument("names", metavar="[HAPROXY.CFG]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--haproxy-version",
    "version",
    metavar="VERSION",
    callback=read_version,
    help="HAProxy's version, where it isn't the one that is installed here.",
)
@click.option(
    "--compose",
    "compose_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The compose file that starts both, to look at too.",
)
@click.option(
    "--offline",
    is_flag=True,
    help="Look at what is written, not at this machine nor at what runs: for CI.",
)
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@json_option
@api_option
@token_option
@config_option
def doctor(  # noqa: PLR0913 - as many options
    *,
    names: tuple[Path, ...],
    version: Version | None,
    compose_file: Path | None,
    config_path: Path | None,
    offline: bool,
    strict: bool,
    as_json: bool,
    **reach: Any,
) -> None:
    """Find what won't work between HAProxy and webfail2ban.

    It reads HAProxy's configuration (/etc/haproxy/haproxy.cfg, or files and directories as
    `haproxy -f` takes them), the SPOE files that it names and our own configuration. Then it asks
    the agents as HAProxy does, and the engine how its jails and sources stand. Below each finding
    stands what to write.

    \b
      webfail2ban doctor
      webfail2ban doctor --offline --strict --haproxy-version 3.2 deploy/haproxy.cfg

    Exit status: 0 if there is no error (--strict: and no warning), 1 if there is one, 2 if
    something can't be read.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    own, findings = _read_own(config_path)
    program = None if offline or version else haproxy.find_program()
    said = haproxy.read_version(program) if program else None
    taken = version or said or haproxy.USUAL
    try:
        files = list_files(names or (USUAL,))
        site = load_site(files, taken, os.environ, own=own, here=not offline)
        findings += catalogue.examine(site)
        findings += compose.find(site, compose_file) if compose_file else ()
    except (OSError, yaml.YAMLError) as error:
        raise _explain(error) from None
    if program:
        findings += _unless_known(findings, haproxy.check(program, files))
    looked_at = [own.file] if own.file else []
    if not offline:
        for found in _ask(site, config_path, reach):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                looked_at.append(found)
    shown = ".".join(map(str, taken)) + ("" if version or said else ", which is a guess")
    report = Report(tuple(map(str, files)), shown, tuple(looked_at), in_order(findings))
    if as_json:
        click.echo(json.dumps(to_json(report, strict=strict)))
    else:
        show(report)
    sys.exit(0 if report.is_well(strict=strict) else FAILED)


def _read_own(config_path: Path | None) -> tuple[Own, list[Finding]]:
    """Read our own configuration; if there is none, HAProxy's may still be looked at."""
    try:
        path = find(config_path, os.environ, Path())
    except ConfigurationError:
        if config_path is not None or os.environ.get(VARIABLE):
            raise
        return Own(), []
    return examine_own(path)


def _explain(error: OSError | yaml.YAMLError) -> ConfigurationError:
    """Return an error that says what can't be read."""
    if isinstance(error, OSError):
        return ConfigurationError([Problem(error.strerror or "", source=str(error.filename))])
    return ConfigurationError([Problem(" ".join(str(error).split()))])


def _unless_known(known: list[Finding], said: Iterator[Finding]) -> Iterator[Finding]:
    """Leave out what HAProxy says of lines that we have explained already."""
    explained = {(finding.file, finding.line) for finding in known}
    return (finding for finding in said if (finding.file, finding.line) not in explained)


def _ask(site: Site, config_path: Path | None, reach: dict[str, Any]) -> Iterator[Finding | str]:
    """Ask what runs; yield what is wrong, and what was reached."""
    for found in asking.ask_all(site):
        if isinstance(found, Finding):
            yield found
        else:
            server, answer = found
            yield f"the agent {server.name}, which answers in {answer.seconds * 1000:.1f} ms"
    try:
        client = make_client(reach["api"], reach["token_file"], config_path)
        status, jails, sources = client.status(), client.jails(), client.sources()
    except WebFail2BanError as error:
        yield engine.UNREACHABLE.about_file(
            "", f"the engine can't be asked how its jails stand: {error}", "webfail2ban status"
        )
        return
    yield f"the running engine at {client.place}"
    yield from engine.describe(jails)
    yield from engine.judge(status, jails, sources)

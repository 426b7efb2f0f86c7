"""A doctor's visit: everything is looked at, and whatever runs is asked."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from webfail2ban.commands.doctor_report import Report, describe_jails
from webfail2ban.commands.own_configuration import examine_own
from webfail2ban.commands.steering.options import make_client
from webfail2ban.commands.steering.place import API_VARIABLE, read_api_settings
from webfail2ban.config import find
from webfail2ban.config.search import VARIABLE
from webfail2ban.doctor import asking, catalogue, compose, engine, haproxy
from webfail2ban.doctor.conditions import Version
from webfail2ban.doctor.finding import Finding, in_order
from webfail2ban.doctor.loading import list_files, load_site
from webfail2ban.doctor.site import Own, Site
from webfail2ban.errors import ConfigurationError, Problem, WebFail2BanError

#: Where systems put HAProxy's configuration.
USUAL = Path("/etc/haproxy/haproxy.cfg")


@dataclass(frozen=True, slots=True)
class Order:
    """What the doctor is to look at.

    Attributes:
        names: HAProxy's files and directories.
        version: HAProxy's, if somebody says it.
        compose_file: A compose file, if there is one.
        config_path: Our own configuration, if somebody names it.
        offline: Whether to look at nothing but what is written.
        api: Where the engine is asked, if somebody says it.
        token_file: The file with the token to show there.
    """

    names: tuple[Path, ...]
    version: Version | None
    compose_file: Path | None
    config_path: Path | None
    offline: bool
    api: str | None
    token_file: Path | None


def visit(order: Order) -> Report:
    """Look at everything; return what was found.

    Raises:
        ConfigurationError: a file can't be read.
    """
    own, findings = _read_own(order.config_path)
    program = None if order.offline or order.version else haproxy.find_program()
    said = order.version or (haproxy.read_version(program) if program else None)
    version = said or haproxy.USUAL
    try:
        files = list_files(order.names)
        site = load_site(files, version, os.environ, own=own, here=not order.offline)
        findings += catalogue.examine(site)
        findings += compose.find(site, order.compose_file) if order.compose_file else ()
    except (OSError, yaml.YAMLError) as error:
        raise _explain(error, order.compose_file) from None
    if program:
        findings += _unless_known(findings, haproxy.check(program, files))
    looked_at = [own.file] if own.file else []
    for found in () if order.offline else _ask(site, order):
        if isinstance(found, Finding):
            findings.append(found)
        else:
            looked_at.append(found)
    shown = ".".join(map(str, version)) + ("" if said else ", which is a guess")
    return Report(tuple(map(str, files)), shown, tuple(looked_at), in_order(findings))


def _read_own(config_path: Path | None) -> tuple[Own, list[Finding]]:
    """Read our own configuration; if there is none, HAProxy's may still be looked at."""
    try:
        path = find(config_path, os.environ, Path())
    except ConfigurationError:
        if config_path is not None or os.environ.get(VARIABLE):
            raise
        return Own(), []
    return examine_own(path)


def _explain(error: OSError | yaml.YAMLError, compose_file: Path | None) -> ConfigurationError:
    """Return an error that says what can't be read."""
    if isinstance(error, OSError):
        hint = "name yours: webfail2ban doctor FILE" if error.filename == str(USUAL) else ""
        problem = Problem(error.strerror or "", source=str(error.filename), hint=hint)
        return ConfigurationError([problem])
    reason = " ".join(str(error).split())
    return ConfigurationError([Problem(f"is no YAML: {reason}", source=str(compose_file))])


def _unless_known(known: list[Finding], said: Iterator[Finding]) -> list[Finding]:
    """Leave out what HAProxy says of lines that we have explained already."""
    explained = {(finding.file, finding.line) for finding in known}
    return [finding for finding in said if (finding.file, finding.line) not in explained]


def _ask(site: Site, order: Order) -> Iterator[Finding | str]:
    """Ask what runs; yield what is wrong, and what was reached."""
    for found in asking.ask_all(site):
        if isinstance(found, Finding):
            yield found
        else:
            server, answer = found
            yield f"the agent {server.name}, which answers in {answer.seconds * 1000:.1f} ms"
    if site.own.file or order.api or os.environ.get(API_VARIABLE):
        yield from _ask_engine(order)


def _ask_engine(order: Order) -> Iterator[Finding | str]:
    """Ask the engine how its jails and sources stand."""
    try:
        if _has_no_api(order):
            yield "no running engine: our configuration has no API (api.socket)"
            return
        client = make_client(order.api, order.token_file, order.config_path)
        status, jails, sources = client.status(), client.jails(), client.sources()
    except WebFail2BanError as error:
        yield engine.UNREACHABLE.about_file(
            "", f"the engine can't be asked how its jails stand: {error}", "webfail2ban status"
        )
        return
    yield f"the running engine at {client.place}"
    yield from describe_jails(jails)
    yield from engine.judge(status, jails, sources)


def _has_no_api(order: Order) -> bool:
    """Tell whether nobody is to ask the engine: the operator has switched that off."""
    if order.api or os.environ.get(API_VARIABLE):
        return False
    settings = read_api_settings(order.config_path, os.environ, Path())
    return settings.socket is None and settings.address is None

"""``webfail2ban health``: whether the engine is fit, for whoever starts it again when it isn't."""

import json
import sys
from dataclasses import asdict, dataclass
from http import HTTPStatus

import click

from webfail2ban.commands.options import FAILED, json_option
from webfail2ban.commands.steering.connection import exchange, refused_entry
from webfail2ban.commands.steering.place import Place
from webfail2ban.commands.steering.place_options import place_command
from webfail2ban.errors import EngineUnreachableError
from webfail2ban.logs import harmless

#: Seconds of silence after which an engine stands still: it answers within milliseconds.
PATIENCE = 4.0


@dataclass(frozen=True, slots=True)
class Health:
    """How an engine is.

    Attributes:
        fit: Whether it answers HAProxy.
        state: ``ok``, ``degraded`` or ``starting``.
        problems: What is wrong, one sentence each.
    """

    fit: bool
    state: str
    problems: tuple[str, ...]


@click.command("health")
@json_option
@place_command
def health(place: Place, as_json: bool) -> None:
    """Say whether the engine is fit, for health checks.

    An engine that answers HAProxy is fit. What else may be wrong, a log that fell silent or a
    list that can't be fetched, is told, but no restart would mend it.

    \b
      webfail2ban health
      webfail2ban health --json | jq .problems

    Exit status: 0 if it is fit, 1 if it has only begun to start, 3 if it can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    found = ask(place)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        for line in (found.state, *found.problems):
            click.echo(harmless(line))
    sys.exit(0 if found.fit else FAILED)


def ask(place: Place) -> Health:
    """Ask an engine how it is.

    Raises:
        EngineUnreachableError: there is no answer, or none of ours.
    """
    with exchange(place, PATIENCE, "GET", "/healthz", body=None, headers={}) as answer:
        status, text = answer.status, answer.read()
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise refused_entry(place, status)
    try:
        said = json.loads(text)
        problems = tuple(map(str, said["problems"]))
        return Health(status == HTTPStatus.OK, str(said["status"]), problems)
    except (ValueError, LookupError, TypeError):
        reason = "what answers there isn't understood; is it a webfail2ban?"
        raise EngineUnreachableError(str(place), reason) from None

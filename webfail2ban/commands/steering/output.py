"""What commands print for machines, and questions to people."""

import json
import sys

import click

from webfail2ban.api.models import Answer


def print_json(answer: Answer) -> None:
    """Print an answer of the engine as one line of JSON; all but ASCII is escaped."""
    click.echo(json.dumps(answer.model_dump(mode="json")))


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether something is meant, and end the command if it isn't.

    Args:
        question: What would happen.
        yes: Whether the command line says so already.

    Raises:
        click.UsageError: nobody is there to be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say --yes if that is meant.")
    click.confirm(question, abort=True, err=True)

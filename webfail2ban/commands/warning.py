"""Warnings of commands, on standard error."""

from collections.abc import Iterable

import click

from webfail2ban import logs


def warn(warnings: Iterable[str]) -> None:
    """Print warnings on standard error."""
    for warning in warnings:
        click.echo(click.style("warning: ", fg="yellow") + logs.harmless(warning), err=True)

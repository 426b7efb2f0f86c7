"""What is wrong with a filter's expressions, each with a line that shows it, and tried."""

import json
from collections.abc import Sequence

import click

from webfail2ban.commands.wording import plural
from webfail2ban.filters import FilterDefinition, Finding, StrayParameter, lint_filter
from webfail2ban.filters.confirmation import confirm
from webfail2ban.logs import harmless

#: How long each example is tried, in seconds. What is done sooner harms nobody.
TRIED = 0.5

#: What a parameter is that the filter makes nothing of.
STRAY = "stray parameter"

#: Characters of an example that people are shown; one may have thousands.
SHOWN = 200


def report_findings(
    definition: FilterDefinition, strays: Sequence[StrayParameter] = (), *, as_json: bool
) -> bool:
    """Print what is found in a filter.

    Args:
        definition: The filter.
        strays: The parameters given with it that it makes nothing of.
        as_json: Whether to print an object for each finding, with its whole example.

    Returns:
        Whether anything was.

    Raises:
        FilterError: An expression can't be compiled.
    """
    findings = lint_filter(definition)
    for stray in strays:
        click.echo(describe_stray(stray) if as_json else show_stray(stray) + "\n")
    for finding in findings:
        confirmed = confirm(definition, finding, TRIED)
        if as_json:
            click.echo(describe_finding(finding, confirmed=confirmed))
        else:
            click.echo(show_finding(finding, confirmed=confirmed) + "\n")
    if not as_json:
        found = len(strays) + len(findings)
        count = plural(found, "finding") if found else "nothing found"
        click.echo(f"{definition.name}: {count}")
    return bool(strays or findings)


def describe_stray(stray: StrayParameter) -> str:
    """Write a parameter that means nothing as a JSON object, of the form of a finding's."""
    return json.dumps(
        {
            "option": stray.name,
            "regex": None,
            "kind": STRAY,
            "message": stray.message,
            "example": None,
            "confirmed": None,
        }
    )


def show_stray(stray: StrayParameter) -> str:
    """Write a parameter that means nothing for people."""
    place = click.style(stray.name, bold=True)
    return f"{place}, {click.style(STRAY, fg='yellow')}\n  {harmless(stray.message)}"


def describe_finding(finding: Finding, *, confirmed: bool) -> str:
    """Write a finding as a JSON object."""
    return json.dumps(
        {
            "option": finding.option,
            "regex": finding.index + 1,
            "kind": finding.kind.value,
            "message": finding.message,
            "example": finding.example,
            "confirmed": confirmed,
        }
    )


def show_finding(finding: Finding, *, confirmed: bool) -> str:
    """Write a finding for people."""
    place = click.style(f"{finding.option} {finding.index + 1}", bold=True)
    kind = click.style(finding.kind.value, fg="yellow")
    example = finding.example
    if len(example) > SHOWN:
        example = f"{example[:SHOWN]}... ({len(example):,} characters)"
    if not finding.kind.backtracks:
        tried = "tried: that is what it finds" if confirmed else "tried: cannot be confirmed"
    else:
        tried = f"tried: {'not done' if confirmed else 'done'} after {TRIED} s"
    return f"{place}, {kind}\n  {finding.message}\n  {harmless(example)}\n  {tried}"

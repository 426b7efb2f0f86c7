"""One examined line, for machines and for people."""

import json
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

import click

from webfail2ban.commands.examination import Examined, Outcome
from webfail2ban.commands.times import show_time, whole
from webfail2ban.filters import Found
from webfail2ban.logs import harmless

#: From where to where in a line.
Span = tuple[int, int]

#: What `click.style` takes.
Style = dict[str, Any]

#: What is cut out as the date, and who failed.
DATE_STYLE: Style = {"fg": "cyan"}
HOST_STYLE: Style = {"fg": "red", "bold": True}

OUTCOME_COLOURS = {
    Outcome.MATCHED: "green",
    Outcome.HELPER: "blue",
    Outcome.IGNORED: "yellow",
    Outcome.MISSED: "magenta",
}

#: Fields that say nothing more than the line's own beginning.
DULL_FIELDS = {"mlfid"}


def describe_line(log: str | None, number: int, examined: Examined, *, all_regex: bool) -> str:
    """Write what became of a line as a JSON object.

    Args:
        log: The log's name, None if there is only one.
        number: The line's number there, from 1.
        examined: What the filter made of it.
        all_regex: Whether to tell all failregexes that match it.
    """
    found = examined.trace.found
    facts: dict[str, Any] = {"line": number, "match": bool(found)}
    if log is not None:
        facts["log"] = log
    if all_regex:
        facts["regexes"] = [index + 1 for index in examined.overlaps]
    if found:
        first = found[0]
        facts |= {"host": first.host, "time": whole(first.time), "regex": first.regex + 1}
        facts["fields"] = {**first.fields, "attempts": len(first.lines)}
        if len(found) > 1:
            facts["hosts"] = [failure.host for failure in found]
    return json.dumps(facts)


def show_line(place: str, examined: Examined, host: Span | None, *, colour: bool) -> str:
    """Write a line for people, after what became of it and where it stands.

    Args:
        place: Where it stands.
        examined: What the filter made of it.
        host: From where to where it tells who failed.
        colour: Whether to mark the date and the host with colours.
    """
    line = examined.line
    outcome = f"{examined.outcome.value:7}"
    if not colour:
        return f"{outcome}  {place}: {harmless(line.text)}"
    begin = len(line.before)
    marks: list[tuple[Span, Style]] = [((begin, begin + len(line.date)), DATE_STYLE)]
    if host is not None:
        marks.append((host, HOST_STYLE))
    painted = click.style(outcome, fg=OUTCOME_COLOURS[examined.outcome])
    return f"{painted}  {place}: {paint(line.text, marks)}"


def paint(text: str, marks: Iterable[tuple[Span, Style]]) -> str:
    """Mark parts of a text; of two that overlap, the first keeps its place."""
    pieces = []
    position = 0
    for (start, end), style in sorted(marks, key=lambda mark: mark[0]):
        if start < position or start == end:
            continue
        pieces += [harmless(text[position:start]), click.style(harmless(text[start:end]), **style)]
        position = end
    return "".join([*pieces, harmless(text[position:])])


def show_found(found: Found, zone: tzinfo | None) -> str:
    """Write for people what a line told."""
    when = "no time is known" if found.time is None else show_time(found.time, zone)
    parts = [f"{found.host}  {when}  failregex {found.regex + 1}"]
    for name, value in found.fields.items():
        if name in DULL_FIELDS or value == found.host:
            continue
        text = value if isinstance(value, str) else ", ".join(part or "-" for part in value)
        parts.append(f"{name}={text}")
    if len(found.lines) > 1:
        parts.append(f"{len(found.lines)} lines")
    return harmless("  ".join(parts))

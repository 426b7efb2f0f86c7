"""What commands show: the same facts for machines and for people."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

import click

from webfail2ban import logs
from webfail2ban.discovery import Candidate
from webfail2ban.loader import Plugins
from webfail2ban.model import Opinion, Stance, Verdict

Facts = dict[str, Any]


def describe_plugins(
    plugins: Plugins, candidates: Mapping[str, Sequence[Candidate]]
) -> list[Facts]:
    """Return the facts about all plugins, the loaded ones first, in the order of the chain."""
    loaded = [
        {"name": plugin.name, "loaded": True, "origin": plugin.origin, "hooks": list(plugin.hooks)}
        for plugin in plugins
    ]
    names = {plugin.name for plugin in plugins}
    others = [
        {"name": name, "loaded": False, "origin": candidate.origin, "hooks": []}
        for name, found in sorted(candidates.items())
        if name not in names
        for candidate in found
    ]
    return loaded + others


def show_plugins(plugins: Plugins, candidates: Mapping[str, Sequence[Candidate]]) -> str:
    """Write the facts about all plugins as a table."""
    rows = [
        (
            fact["name"],
            "loaded" if fact["loaded"] else "not in plugins",
            fact["origin"],
            ", ".join(fact["hooks"]),
        )
        for fact in describe_plugins(plugins, candidates)
    ]
    return table(("plugin", "state", "from", "hooks"), rows)


def describe_verdict(address: str, verdict: Verdict) -> Facts:
    """Return a verdict and the opinions behind it as JSON values."""
    return {
        "address": address,
        "banned": verdict.banned,
        "score": verdict.score,
        "reason": verdict.reason,
        "jail": verdict.jail,
        "until": None if verdict.until in {0, inf} else verdict.until,
        "variables": {name: value for name, value in verdict.variables if value is not None},
        "opinions": [
            {"plugin": name, "stance": opinion.stance.value, "reason": opinion.reason}
            | ({"score": opinion.score} if opinion.stance is Stance.SCORE else {})
            for name, opinion in verdict.opinions
        ],
    }


def show_verdict(address: str, verdict: Verdict) -> str:
    """Write a verdict and the opinions behind it for people."""
    word = click.style("banned", fg="red") if verdict.banned else click.style("passes", fg="green")
    head = f"{address} {word}, score {verdict.score}" + (
        f": {logs.harmless(verdict.reason)}" if verdict.reason else ""
    )
    if not verdict.opinions:
        return f"{head}\nNo plugin has an opinion."
    rows = [
        (name, _stance(opinion), logs.harmless(opinion.reason))
        for name, opinion in verdict.opinions
    ]
    return f"{head}\n{table(('plugin', 'opinion', 'reason'), rows)}"


def _stance(opinion: Opinion) -> str:
    if opinion.stance is Stance.SCORE:
        return f"+{opinion.score}"
    return str(opinion.stance.value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows in columns."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )

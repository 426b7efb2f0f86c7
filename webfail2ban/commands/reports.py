"""What commands show: the same facts for machines and for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from webfail2ban.hosting.discovery import Candidate
from webfail2ban.hosting.loader import Plugins

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


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows in columns."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )

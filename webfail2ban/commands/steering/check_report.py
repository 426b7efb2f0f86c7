"""A verdict and everything behind it, for people."""

from collections.abc import Iterator, Sequence
from math import inf

import click
from rich.table import Table
from rich.text import Text

from webfail2ban.addresses import show_network
from webfail2ban.api.models import BanInfo, CheckReport, CountInfo, OpinionInfo, PastBan
from webfail2ban.commands.steering.ban_table import make_ban_table
from webfail2ban.commands.steering.moments import show_both, show_distance, show_short
from webfail2ban.commands.steering.tables import cell, make_table, show, title
from webfail2ban.logs import harmless

#: How an opinion looks.
STYLES = {"allow": "green", "ban": "red", "score": "yellow", "none": "dim"}

#: What is said of a plugin that says nothing.
SILENT = "nothing"


def show_check(report: CheckReport, now: float) -> None:
    """Print a verdict and everything behind it.

    Args:
        report: What the engine says.
        now: The time, in seconds since the epoch.
    """
    _show_verdict(report, now)
    parts: list[Text | Table] = []
    if report.opinions:
        parts += [title("Opinions"), _opinions(report, now)]
    if report.bans:
        parts += [title("Bans in force"), make_ban_table(report.bans, now)]
    if report.counts:
        parts += [title("Counted"), _counts(report.counts, now)]
    if report.past:
        parts += [title("Bans before"), _past(report.past, now)]
    show(*parts)
    lines = list(_lines(report.bans))
    if lines:
        show(title("Lines that led to it"))
    for line in lines:
        click.echo(f"  {harmless(line)}")


def _show_verdict(report: CheckReport, now: float) -> None:
    verdict = report.verdict
    word = (
        click.style("is banned", fg="red") if verdict.banned else click.style("passes", fg="green")
    )
    reason = f": {harmless(verdict.reason)}" if verdict.reason else ""
    click.echo(f"{report.address} {word}, score {verdict.score}{reason}")
    client = show_network(report.network)
    if client != str(report.address):
        click.echo(f"It is one client with all of {client}.")
    if verdict.banned:
        end = "Permanent" if verdict.until == inf else f"Until {show_both(verdict.until, now)}"
        jail = f", by the jail {harmless(verdict.jail)}" if verdict.jail else ""
        click.echo(f"{end}{jail}.")
    if verdict.variables:
        told = ", ".join(f"{name}={value}" for name, value in verdict.variables.items())
        click.echo(f"HAProxy also gets {harmless(told)}.")


def _opinions(report: CheckReport, now: float) -> Table:
    """Return who says what, and the sum; weights and what they make of it only where there are."""
    shares = [opinion for opinion in report.opinions if opinion.points is not None]
    weighed = any(opinion.weight != 1 for opinion in shares)
    rows = [_opinion(opinion, now, weighed=weighed) for opinion in report.opinions]
    if shares:
        total, limit = cell(report.sum, "bold"), cell(f"{report.threshold} and more ban")
        sums = (Text(), Text(), total) if weighed else (total, Text(), Text())
        rows.append((cell("sum"), Text(), *sums, Text(), limit))
    heads = ("plugin", "says", "score", "weight", "points", "ends", "why")
    return make_table(heads, rows, right=("score", "weight", "points"), cut=("plugin", "why"))


def _opinion(opinion: OpinionInfo, now: float, *, weighed: bool) -> tuple[Text, ...]:
    silent = opinion.stance == "none"
    counts = opinion.points is not None
    return (
        cell(opinion.plugin),
        cell(SILENT if silent else opinion.stance, STYLES[opinion.stance]),
        cell(opinion.score if counts else ""),
        cell(f"{opinion.weight:g}" if counts and weighed else ""),
        cell(f"{opinion.points:g}" if counts and weighed else ""),
        cell("" if silent else show_distance(opinion.until, now)),
        cell(opinion.reason),
    )


def _counts(counts: Sequence[CountInfo], now: float) -> Table:
    rows = [
        (
            cell(count.jail),
            cell(count.counted),
            cell(f"{count.failures:.4g} of {count.limit:g}"),
            cell(show_distance(count.last, now)),
        )
        for count in counts
    ]
    return make_table(("jail", "counts", "failures", "last"), rows, cut=("jail", "counts"))


def _past(past: Sequence[PastBan], now: float) -> Table:
    rows = [
        (
            cell(show_network(ban.network)),
            cell(ban.jail),
            cell(show_short(ban.since, now)),
            cell(show_distance(ban.until, now)),
            cell(ban.count + 1),
            cell(ban.reason),
        )
        for ban in past
    ]
    heads = ("client", "jail", "last ban", "ended", "bans", "why")
    return make_table(heads, rows, right=("bans",), cut=("jail", "why"))


def _lines(bans: Sequence[BanInfo]) -> Iterator[str]:
    for ban in bans:
        yield from ban.lines

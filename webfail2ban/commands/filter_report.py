"""What a filter made of its logs, for people."""

from collections.abc import Sequence

import click

from webfail2ban.commands.examination import Outcome
from webfail2ban.commands.tally import Tally
from webfail2ban.commands.wording import plural
from webfail2ban.filters import FilterDefinition
from webfail2ban.logs import harmless

#: What the first line says of each kind of line.
OUTCOMES = {
    Outcome.MATCHED: "matched",
    Outcome.HELPER: "matched without being a failure",
    Outcome.IGNORED: "ignored",
    Outcome.MISSED: "missed",
}

#: Kinds of lines that are only named where there are some.
RARE = {Outcome.HELPER, Outcome.IGNORED}

MILLISECONDS = 1000


def show_tally(definition: FilterDefinition, tally: Tally, *, dateless: bool) -> str:
    """Write everything that was counted.

    Args:
        definition: The filter.
        tally: What was counted.
        dateless: Whether the lines were taken for ones without dates.
    """
    parts = [
        _show_outcomes(tally),
        _show_regexes(definition, tally),
        _show_overlaps(tally),
        "" if dateless else _show_dates(tally),
        _section(
            "Slowest lines",
            [
                (f"{seconds * MILLISECONDS:,.2f} ms", harmless(place))
                for seconds, place in tally.slowest
            ],
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _show_outcomes(tally: Tally) -> str:
    counts = [
        f"{tally.outcomes[outcome]:,} {words}"
        for outcome, words in OUTCOMES.items()
        if tally.outcomes[outcome] or outcome not in RARE
    ]
    return f"{plural(tally.lines, 'line')}: {', '.join(counts)}"


def _show_regexes(definition: FilterDefinition, tally: Tally) -> str:
    """Write how often each failregex matched; those that never did are only counted."""
    used = sorted({*tally.matches, *tally.helpers})
    rows: list[tuple[str, ...]] = [
        (
            f"{tally.matches[index]:,}",
            f"{tally.helpers[index]:,}",
            f"{index + 1}:",
            harmless(definition.failregex[index]),
        )
        for index in used
    ]
    if rows:
        rows.insert(0, ("failures", "others", "", ""))
    never = len(definition.failregex) - len(used)
    if never:
        rows.append((f"{plural(never, 'failregex', 'failregexes')} never matched.",))
    return _section("Failregexes", rows)


def _show_overlaps(tally: Tally) -> str:
    rows = []
    for indices, count in tally.overlaps.most_common():
        numbers = " and ".join(str(index + 1) for index in indices)
        first = harmless(tally.first_overlaps[indices])
        rows.append((f"{count:,}", f"failregexes {numbers}, first {first}"))
    return _section("Lines that several failregexes match", rows)


def _show_dates(tally: Tally) -> str:
    forms = sorted(tally.forms.items(), key=lambda item: -item[1].lines)
    rows = [
        (f"{form.lines:,}", f"{harmless(text)}  as in {harmless(form.example)}")
        for text, form in forms
    ]
    if tally.misread:
        rows.append((f"{tally.misread:,}", "with a date that doesn't exist"))
    if tally.undated:
        rows.append((f"{tally.undated:,}", "without a date"))
    return _section("Dates", rows)


def _section(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Write rows under a title, in columns that end at the same place; the last one doesn't."""
    if not rows:
        return ""
    columns = max(map(len, rows)) - 1
    widths = [
        max((len(row[column]) for row in rows if column < len(row) - 1), default=0)
        for column in range(columns)
    ]
    lines = [click.style(title, bold=True)]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append(f"  {'  '.join([*cells, row[-1]]).rstrip()}")
    return "\n".join(lines)

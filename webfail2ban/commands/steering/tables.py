"""Tables for a terminal: they fit it, and nothing in them can steer it."""

import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from webfail2ban.logs import harmless

#: Columns where nobody looks: nothing is cut that another program reads.
ENDLESS = 100_000

#: What stands for nothing.
NONE = "-"


def make_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[Text]],
    *,
    right: Sequence[str] = (),
    cut: Sequence[str] = (),
) -> Table:
    """Return a table; columns in which nothing stands are left out.

    Args:
        heads: The columns.
        rows: What stands in them.
        right: The columns that hold numbers.
        cut: Those that are cut where there is no room, the widest first; others are cut last.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    given = list(rows)
    kept = [place for place in range(len(heads)) if _is_filled(given, place)]
    for head in (heads[place] for place in kept):
        justify: JustifyMethod = "right" if head in right else "left"
        table.add_column(head, justify=justify, no_wrap=head not in cut)
    for row in given:
        table.add_row(*(row[place] for place in kept))
    return table


def _is_filled(rows: Sequence[Sequence[Text]], place: int) -> bool:
    """Whether anything stands in a column."""
    return any(row[place].plain not in {"", NONE} for row in rows)


def cell(text: object, style: str = "") -> Text:
    """Return what stands in a table: one line, cut where there is no room, of harmless text."""
    return Text(harmless(str(text)) or NONE, style, no_wrap=True, overflow="ellipsis")


def fill(text: object, style: str = "") -> Text:
    """Return a sentence of harmless text that may go on in the next line."""
    return Text(harmless(str(text)), style)


def show(*parts: RenderableType) -> None:
    """Print parts, one after the other, fitted to the terminal if there is one."""
    console = make_console()
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def make_console() -> Console:
    """Return a console that takes nothing in a text for markup, a link or a smiley."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if terminal else ENDLESS,
        highlight=False,
        markup=False,
        emoji=False,
    )


def title(text: str) -> Text:
    """Return a line above a table."""
    return Text(f"\n{harmless(text)}", "bold")


def facts(rows: Iterable[tuple[str, Text]]) -> Table:
    """Return names and values, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for name, value in rows:
        table.add_row(Text(name, "dim"), value)
    return table

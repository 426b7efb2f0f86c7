"""Tables for a terminal: they fit it, and nothing in them can steer it."""

import sys
from collections.abc import Iterable, Sequence

import click
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from webfail2ban.logs import harmless

#: Columns where nobody looks: nothing is cut that another program reads.
ENDLESS = 100_000

#: What stands for nothing.
NONE = "-"


def make_table(*heads: str, right: Sequence[str] = ()) -> Table:
    """Return a table without rows.

    Args:
        heads: The columns.
        right: Those of them that hold numbers.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left")
    return table


def cell(text: object, style: str = "") -> Text:
    """Return what stands in a table: one line, cut where there is no room, of harmless text."""
    return Text(harmless(str(text)) or NONE, style, no_wrap=True, overflow="ellipsis")


def fill(text: object, style: str = "") -> Text:
    """Return a sentence of harmless text that may go on in the next line."""
    return Text(harmless(str(text)), style)


def add_rows(table: Table, rows: Iterable[Sequence[Text]], whole: Sequence[str] = ()) -> Table:
    """Add rows; the columns `whole` are cut last."""
    for column in table.columns:
        column.no_wrap = str(column.header) in whole
    for row in rows:
        table.add_row(*row)
    return table


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

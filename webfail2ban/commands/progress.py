"""A progress bar for logs that take long to read, where somebody looks at it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from webfail2ban.commands.logfiles import Log

#: Bytes that take about a second to read and search; for less nobody needs a bar.
LONG = 4 * 1024 * 1024


@contextmanager
def progress(logs: Sequence[Log], *, hidden: bool = False) -> Iterator[Callable[[int], object]]:
    """Show on standard error how far reading is, if that is a terminal and the logs are long.

    Args:
        logs: What is read.
        hidden: Whether the bar would stand between other lines.

    Yields:
        What to tell how many bytes more were read.
    """
    sizes = [log.size for log in logs]
    known = [size for size in sizes if size is not None]
    if hidden or len(known) < len(sizes) or sum(known) < LONG or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=sum(known), label="reading", file=sys.stderr) as bar:
        yield bar.update

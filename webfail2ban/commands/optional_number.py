"""Options that may be followed by a number, or stand alone: ``--print-missed [N]``.

click takes whatever follows such an option for its value; here only a number is.
"""

from math import inf
from typing import Any

import click

#: The value of an option that stands alone.
ALL = "all"


class OptionalNumber(click.Option):
    """An option that takes a number, or stands alone for no limit; 0 if it isn't given."""

    def __init__(self, declarations: list[str], **settings: Any) -> None:
        super().__init__(declarations, metavar="[N]", callback=_read_number, **settings)


class CommandWithOptionalNumbers(click.Command):
    """A command that has such options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give the options that stand alone their value, then do what click does."""
        options = {
            name
            for parameter in self.params
            if isinstance(parameter, OptionalNumber)
            for name in parameter.opts
        }
        return super().parse_args(ctx, _complete(args, options))


def _complete(args: list[str], options: set[str]) -> list[str]:
    end = args.index("--") if "--" in args else len(args)
    completed = []
    for place, arg in enumerate(args[:end]):
        completed.append(arg)
        following = args[place + 1] if place + 1 < end else ""
        if arg in options and not following.isdecimal():
            completed.append(ALL)
    return completed + args[end:]


def _read_number(_ctx: click.Context, param: click.Parameter, value: str | None) -> float:
    if value is None:
        return 0
    if value == ALL:
        return inf
    if not value.isdecimal():
        raise click.BadParameter(f"{value!r} is no number of lines.", param=param)
    return int(value)

"""Expressions that do no more than end a connection: ``Accepted publickey for alice ...``.

Of a connection of which nothing is remembered they end nothing. Servers write such lines all the
time, so it pays to know.
"""

import re

from webfail2ban.filters.connections import FORGET, NO_FAILURE
from webfail2ban.filters.syntax import Choice, Node, Place, Repeat, Series, parse


def is_farewell(regex: re.Pattern[str]) -> bool:
    """Tell whether each match of a failregex ends its connection and is no failure by itself."""
    quiet = any(_always_takes_part(regex, group) for group in sorted(NO_FAILURE))
    return quiet and _always_takes_part(regex, FORGET)


def _always_takes_part(regex: re.Pattern[str], group: str) -> bool:
    number = regex.groupindex.get(group)
    return number is not None and _is_passed(parse(regex, number).tree)


def _is_passed(node: Node) -> bool:
    """Tell whether each way through a tree passes the mark."""
    match node:
        case Series(parts):
            return any(map(_is_passed, parts))
        case Choice(options):
            return bool(options) and all(map(_is_passed, options))
        case Repeat(part, least, _):
            return least > 0 and _is_passed(part)
        case _:
            return node is Place.MARK

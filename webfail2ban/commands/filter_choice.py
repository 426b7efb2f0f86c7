"""Which filter a command line means: a name, a path, or a failregex in quotes."""

import re
from collections.abc import Sequence
from pathlib import Path

from webfail2ban.config.engine import OWN_FILTERS
from webfail2ban.errors import FilterError
from webfail2ban.filters import (
    FilterDefinition,
    StrayParameter,
    find_stray_parameters,
    places,
    read_filter,
)
from webfail2ban.filters.spec import parse_spec

#: What stands for a filter's file in messages about a failregex in quotes.
COMMAND_LINE = "command line"

#: A tag that stands for whoever failed or for a part of the line, or a named group.
_TAG = re.compile(
    r"<(?:HOST|ADDR|IP4|IP6|DNS|CIDR|SUBNET|SKIPLINES|/?F-[A-Z0-9_\-]+/?)>|\(\?P<\w+>"
)

#: What no filter's name holds, but most expressions do.
_NO_NAME = re.compile(r"[\s^$\\()*+?|<>]")


def filter_dirs(own: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return where filters are looked for, first to last: as jails do, unless configured."""
    return places.filter_dirs((*own, *([OWN_FILTERS] if OWN_FILTERS.is_dir() else ())))


def choose_filter(text: str, dirs: Sequence[Path]) -> FilterDefinition:
    """Return the filter that an argument means.

    Args:
        text: ``sshd``, ``sshd[mode=aggressive]``, ``filter.d/mine.conf``, or
            ``^login failed from <ADDR>$``; several failregexes stand in a line each.
        dirs: Where filters are looked for by name.

    Raises:
        FilterError: There is no such filter, or it can't be read.
    """
    spec = _name_filter(text)
    if spec is None:
        expressions = tuple(line for line in text.split("\n") if line.strip())
        return FilterDefinition(COMMAND_LINE, failregex=expressions)
    return read_filter(spec, dirs=dirs)


def choose_strays(text: str, dirs: Sequence[Path]) -> tuple[StrayParameter, ...]:
    """Return the parameters in an argument that the filter which it means makes nothing of.

    Raises:
        FilterError: There is no such filter, or it can't be read.
    """
    spec = _name_filter(text)
    return () if spec is None else find_stray_parameters(spec, dirs=dirs)


def _name_filter(text: str) -> str | None:
    """Return a filter's name or path with its parameters; None for a failregex.

    Raises:
        FilterError: It is neither.
    """
    if _TAG.search(text) and not _has_parameters(text):
        return None
    name = text.partition("[")[0].strip()
    if _NO_NAME.search(name) and not Path(name).exists():
        reason = "is no filter's name, and no failregex without a tag for the client, as <HOST>"
        raise FilterError(text, None, reason)
    return f"./{text.strip()}" if _is_relative_path(name) else text


def _is_relative_path(name: str) -> bool:
    if name.startswith(("/", "./", "../")):
        return False
    return "/" in name or (name.endswith((".conf", ".local")) and Path(name).is_file())


def _has_parameters(text: str) -> bool:
    """Tell a filter with parameters, one of which may be a failregex, from a failregex."""
    try:
        return bool(parse_spec(text).parameters)
    except FilterError:
        return False

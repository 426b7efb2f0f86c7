"""``name[option="value", ...]``: how a jail names its filter and sets the filter's parameters."""

import re
from dataclasses import dataclass

from webfail2ban.errors import FilterError

_NAME = re.compile(r"\s*(?P<name>[^\[]*?)\s*(?=\[|$)")
_OPTION = re.compile(
    r"""
    [\s,\]\[]*                               # between two: a comma, blanks, or a new bracket
    (?P<name>[\w\-.]+(?:\?\w+=[^,\]=]*)?)    # with a condition: name?family=inet6
    \s*=\s*
    (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | (?P<plain>[^,\]]*) )
    """,
    re.VERBOSE,
)
_REST = re.compile(r"[\s,\]\[]*$")


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """A filter's name and the parameters given with it.

    Attributes:
        name: A name to look up, or a path.
        parameters: Lower-cased names and stripped values; the last of equal names wins.
    """

    name: str
    parameters: dict[str, str]


def parse_spec(spec: str) -> FilterSpec:
    """Split ``sshd[mode=aggressive, _daemon="sshd(?:-session)?"]``.

    Values may be quoted with ``"`` or ``'``; plain ones end at ``,`` or ``]``.

    Raises:
        FilterError: The text has no name, or something that is no ``option=value``.
    """
    head = _NAME.match(spec)
    if head is None or not head["name"]:
        raise FilterError(None, "filter", f"{spec!r} names no filter")
    parameters = {}
    position = head.end()
    while not _REST.match(spec, position):
        match = _OPTION.match(spec, position)
        if match is None:
            raise FilterError(
                head["name"], "filter", f"expected option=value at {spec[position:]!r}"
            )
        value = next(text for text in match.group("double", "single", "plain") if text is not None)
        parameters[match["name"].lower()] = value.strip()
        position = match.end()
    return FilterSpec(head["name"], parameters)

"""A shipped file's text with an operator's names in the place of the usual ones."""

import math
import re
from collections.abc import Iterator

from webfail2ban.doctor.conditions import Setting, holds
from webfail2ban.haproxykit.names import IDLE, PROCESSING, TRIED_SCOPE, Names

#: What stands in the shipped files.
DIRECTORY = "/etc/haproxy/"
PREFIX = "wf2b"
AGENT = " agent1 "

#: A condition about HAProxy's version, and its two branches.
_CONDITION = re.compile(
    r"^\.if (version_atleast\([^)]*\))\n(.*?)(?:^\.else\n(.*?))?^\.endif\n",
    re.DOTALL | re.MULTILINE,
)

#: The line of an agent, up to its address.
_SERVER = re.compile(r"^(\s+server agent\d+ )(\S+)", re.MULTILINE)

#: Variables that nobody reads are dropped unless they are named there.
_REGISTERED = re.compile(r"^(\s+register-var-names .*)$", re.MULTILINE)


def move(text: str, names: Names) -> str:
    """Put names, addresses and times into a text."""
    text = _CONDITION.sub(lambda found: _choose(found, names), text)
    text = _SERVER.sub(lambda found: _server(found, names), text)
    text = text.replace(f"{TRIED_SCOPE}.{PREFIX}.", f"{names.scope}.{names.prefix}.")
    text = text.replace(f"var-prefix {PREFIX}\n", f"var-prefix {names.prefix}\n")
    text = text.replace(f"timeout idle {_time(IDLE)}", f"timeout idle {_time(names.idle)}")
    text = text.replace(
        f"timeout processing {_time(PROCESSING)}", f"timeout processing {_time(names.processing)}"
    )
    if names.variables:
        text = _REGISTERED.sub(rf"\1 {' '.join(names.variables)}", text)
    return text.replace(DIRECTORY, f"{names.directory}/")


def named_files(text: str) -> Iterator[str]:
    """Yield the names of the files beside it that a shipped text needs, comments left out."""
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            yield from re.findall(rf"{DIRECTORY}([\w.-]*\w)", line)


def _choose(found: re.Match[str], names: Names) -> str:
    """Return the branch that counts for a version."""
    condition, then, otherwise = found.groups()
    return then if holds((condition,), Setting(names.version, {})) else otherwise or ""


def _server(found: re.Match[str], names: Names) -> str:
    """Move our agent, the first; a second one is somewhere else, and asked by the same means."""
    address = names.server if found[1].endswith(AGENT) else found[2]
    return f"{found[1]}{address}{names.options}"


def _time(seconds: float) -> str:
    """Write a time as HAProxy reads it, in whole milliseconds at least."""
    if seconds == int(seconds):
        return f"{int(seconds)}s"
    return f"{max(1, math.floor(seconds * 1000))}ms"

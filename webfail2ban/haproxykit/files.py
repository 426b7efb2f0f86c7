"""The files of a scenario, as they are written for an operator."""

import re
from dataclasses import dataclass
from textwrap import wrap

from webfail2ban.errors import ConfigurationError, Problem
from webfail2ban.filters.suggestion import suggest
from webfail2ban.haproxykit.kit import Kit
from webfail2ban.haproxykit.moving import move, named_files
from webfail2ban.haproxykit.names import Names
from webfail2ban.haproxykit.sections import split, without_machine

#: What the operator fills in himself; it is never replaced.
LISTS = ".lst"

#: Proxies that may say who comes through them.
PROXIES = "proxies.lst"

#: Where a scenario's agent is that needs a unix socket.
SOCKET = "server agent1 unix@"

#: What the files are called: a whole configuration, or what is added to one.
WHOLE, SNIPPET = "haproxy.cfg", "webfail2ban.cfg"

#: What a scenario's file says at its beginning: what it is, then paragraphs of a comment.
_HEAD = re.compile(r"# .*\n(?:# .*\n)*")
_PLACE = re.compile(r"#\n(# For HAProxy .*\n(?:# .*\n)*)")

#: Sentences of them that are only true of the shipped file.
_SHIPPED = ("For HAProxy ", "Goes to ")

#: The plugin that a scenario is nothing without.
_PLUGIN = re.compile(r"webfail2ban needs its plugin (\w+)")

#: Characters of a line.
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a scenario.

    Attributes:
        files: Their texts by name; the configuration is the first.
        warnings: What the operator has to see to.
    """

    files: dict[str, str]
    warnings: tuple[str, ...]


def write_scenario(kit: Kit, scenario: str, names: Names, *, whole: bool) -> Written:
    """Write a scenario's files.

    Args:
        kit: The shipped files.
        scenario: One of them.
        names: What is put into them.
        whole: Whether to write a configuration that HAProxy starts with, or what is added to one.

    Raises:
        ConfigurationError: there is no such scenario.
    """
    if scenario not in kit.scenarios:
        message = f"there is no scenario {scenario}{suggest(scenario, kit.scenarios)}"
        raise ConfigurationError([Problem(message, hint=", ".join(kit.scenarios))])
    text = kit.read(f"{scenario}.cfg")
    written = _keep_head(text) if whole else _make_snippet(_keep_head(text))
    files = {WHOLE if whole else SNIPPET: _head(scenario, names, whole=whole) + written}
    waiting = [*named_files(written)]
    for name in waiting:
        if name not in files and kit.has(name):
            files[name] = kit.read(name)
            waiting += named_files(files[name])
    warnings = [*names.warnings, *_missing_plugins(text, names)]
    if SOCKET in written and not names.server.startswith("unix@"):
        warnings.append(f"spoa.address of our configuration is no unix socket, but {names.server}")
    if PROXIES in files:
        files[PROXIES], warning = _list_proxies(files[PROXIES], names)
        warnings += warning
    return Written({name: move(text, names) for name, text in files.items()}, tuple(warnings))


def _head(scenario: str, names: Names, *, whole: bool) -> str:
    version = ".".join(map(str, names.version))
    place = (
        f"This is a whole configuration, for {names.directory / WHOLE}."
        if whole
        else f"Take over what yours lacks, or start both: haproxy -f {WHOLE} -f {SNIPPET}."
    )
    written = f"Written by `webfail2ban haproxy-config {scenario}` for HAProxy {version}."
    return f"# {written}\n# {place}\n#\n"


def _keep_head(text: str) -> str:
    """Leave out where the shipped file goes to, and keep what else its beginning says."""
    title = _HEAD.match(text)
    found = _PLACE.match(text, title.end()) if title else None
    if found is None:
        return text
    words = " ".join(line.removeprefix("# ") for line in found[1].splitlines())
    kept = [said for said in words.split(". ") if not said.startswith(_SHIPPED)]
    lines = wrap(". ".join(kept), WIDTH, initial_indent="# ", subsequent_indent="# ")
    paragraph = "".join(f"{line}\n" for line in ["#", *lines]) if kept else ""
    return text[: found.start()] + paragraph + text[found.end() :]


def _make_snippet(text: str) -> str:
    """Return what is added to a configuration: nothing that is about the machine."""
    kept = (
        without_machine(section) if section.kind == "global" else section for section in split(text)
    )
    snippet = "".join(section.text for section in kept if section is not None)
    return re.sub(r"\n{3,}", "\n\n", snippet)


def _missing_plugins(text: str, names: Names) -> list[str]:
    return [
        f"add {plugin} to plugins of our configuration, and its settings"
        for plugin in _PLUGIN.findall(text)
        if plugin not in names.plugins
    ]


def _list_proxies(text: str, names: Names) -> tuple[str, list[str]]:
    """Return the list of proxies, with those that our configuration trusts."""
    if names.proxies:
        comments = re.findall(r"^#.*\n", text, re.MULTILINE)
        return "".join([*comments, *(f"{proxy}\n" for proxy in names.proxies)]), []
    return text, [f"name your proxies in {PROXIES}, and in trusted_proxies of our configuration"]

"""The files of a scenario, as they are written for an operator."""

import re
from dataclasses import dataclass

from webfail2ban.errors import ConfigurationError, Problem
from webfail2ban.filters.suggestion import suggest
from webfail2ban.haproxykit.kit import BASE, Kit
from webfail2ban.haproxykit.moving import move, named_files
from webfail2ban.haproxykit.names import Names
from webfail2ban.haproxykit.sections import Section, missing_backends, split, without_machine

#: What the operator fills in himself; it is never replaced.
LISTS = ".lst"

#: Proxies that may say who comes through them.
PROXIES = "proxies.lst"

#: What the files are called: a whole configuration, or what is added to one.
WHOLE, SNIPPET = "haproxy.cfg", "webfail2ban.cfg"

#: What a scenario's file says at its beginning: what it is, then paragraphs of a comment.
_HEAD = re.compile(r"(# .*\n)((?:#.*\n)*)")

#: The paragraph of them that says where the file goes to.
_PLACE = re.compile(r"#\n# (?:For HAProxy|Comes after)(?:.*\n)(?:# .*\n)*")


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
    written = _make_whole(kit, text) if whole else _make_snippet(kit, text)
    files = {WHOLE if whole else SNIPPET: _head(scenario, names, whole=whole) + written}
    waiting = [*named_files(written)]
    for name in waiting:
        if name not in files and kit.has(name):
            files[name] = kit.read(name)
            waiting += named_files(files[name])
    warnings = [*names.warnings]
    if PROXIES in files:
        files[PROXIES], warning = _list_proxies(files[PROXIES], names)
        warnings += warning
    return Written({name: move(text, names) for name, text in files.items()}, tuple(warnings))


def _head(scenario: str, names: Names, *, whole: bool) -> str:
    version = ".".join(map(str, names.version))
    lines = [
        f"Written by `webfail2ban haproxy-config {scenario}` for HAProxy {version}.",
        f"This is a whole configuration, for {names.directory / WHOLE}."
        if whole
        else f"Take over what yours lacks, or start both: haproxy -f {WHOLE} -f {SNIPPET}.",
        "The addresses in `bind` and in the other `server` lines are yours to set.",
        "",
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _body(text: str) -> str:
    """Leave out where the shipped file goes to."""
    found = _HEAD.match(text)
    if found is None:
        return text
    return found[1] + _PLACE.sub("", found[2], count=1) + text[found.end() :]


def _make_whole(kit: Kit, text: str) -> str:
    """Return all that HAProxy starts with: an addition comes after what it adds to."""
    if any(section.kind == "global" for section in split(text)):
        return _body(text)
    return _body(kit.read(f"{BASE}.cfg")) + "\n" + _body(text)


def _make_snippet(kit: Kit, text: str) -> str:
    """Return what is added to a configuration: nothing that is about the machine."""
    base = split(kit.read(f"{BASE}.cfg"))
    sections: list[Section] = []
    for section in split(_body(text)):
        kept = without_machine(section) if section.kind == "global" else section
        sections += [kept] if kept else []
    if not any(section.kind == "defaults" for section in sections):
        sections[1:1] = [section for section in base if section.kind == "defaults"]
    spoe = "".join(kit.read(name) for name in named_files(text) if name.endswith(".conf"))
    missing = missing_backends(sections, spoe)
    sections += [
        section for section in base if section.kind == "backend" and section.name in missing
    ]
    return re.sub(r"\n{3,}", "\n\n", "".join(section.text for section in sections))


def _list_proxies(text: str, names: Names) -> tuple[str, list[str]]:
    """Return the list of proxies, with those that our configuration trusts."""
    if names.proxies:
        comments = re.findall(r"^#.*\n", text, re.MULTILINE)
        return "".join([*comments, *(f"{proxy}\n" for proxy in names.proxies)]), []
    return text, [f"name your proxies in {PROXIES}, and in trusted_proxies of our configuration"]

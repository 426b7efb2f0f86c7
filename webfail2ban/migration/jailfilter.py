"""Which filter a jail of fail2ban's gets here, and how that is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from webfail2ban.filters import (
    FilterDefinition,
    filter_dirs,
    find_stray_parameters,
    read_filter,
)
from webfail2ban.filters.layers import layer_files
from webfail2ban.filters.parameters import GIVEN_TO_ALL
from webfail2ban.filters.places import FAIL2BAN_FILTERS
from webfail2ban.filters.spec import parse_spec
from webfail2ban.migration.jailfiles import JailFiles

#: What a jail may set in place of its filter; as parameters of the filter they mean the same.
OVERRIDDEN = ("prefregex", "failregex", "ignoreregex", "datepattern", "maxlines")

#: Signs that a parameter's value can only have in quotes.
_SIGNS = frozenset(",]\"' \t\n")


@dataclass(frozen=True, slots=True)
class JailFilter:
    """A jail's filter.

    Attributes:
        spec: As ``filter`` has it here; None if the jail has to have its expressions itself.
        definition: What it is.
        own: Whether it is one that comes along with webfail2ban.
    """

    spec: str | None
    definition: FilterDefinition
    own: bool


def find_filter(files: JailFiles, jail: str, *, journal: bool, keep: bool) -> JailFilter:
    """Find a jail's filter.

    Args:
        files: fail2ban's.
        jail: The jail.
        journal: Whether it reads the journal.
        keep: Whether to take fail2ban's where we have one of that name, too.

    Raises:
        FilterError: it has none, or one that can't be used.
        ValueError: it can't be written here.
    """
    spec = files.get(jail, "filter") or jail
    logtype = "journal" if journal else "file"
    theirs = read_filter(spec, dirs=[files.filters], logtype=logtype)
    options = _overridden(files, jail, theirs)
    if options:
        theirs = read_filter(spec, dirs=[files.filters], options=options, logtype=logtype)
    parsed = parse_spec(spec)
    parameters = {
        name: value
        for name, value in parsed.parameters.items()
        if name not in GIVEN_TO_ALL or GIVEN_TO_ALL[name] not in {None, value}
    }
    if not keep and not options and _is_ours(files, parsed.name, parameters):
        written = _write(parsed.name, parameters)
        return JailFilter(written, read_filter(written, dirs=_ours(), logtype=logtype), own=True)
    place = _place(files, parsed.name)
    try:
        return JailFilter(_write(place, {**parameters, **options}), theirs, own=False)
    except ValueError:
        if theirs.prefregex is not None or theirs.maxlines > 1:
            raise
        return JailFilter(None, theirs, own=False)


def _ours() -> list[Path]:
    """Return where the filters are that come along."""
    return [folder for folder in filter_dirs() if folder != FAIL2BAN_FILTERS]


def _overridden(files: JailFiles, jail: str, definition: FilterDefinition) -> dict[str, str]:
    """Return what the jail sets in place of its filter, which it may refer to as known/..."""
    known = {
        "known/prefregex": definition.prefregex or "",
        "known/failregex": "\n".join(definition.failregex),
        "known/ignoreregex": "\n".join(definition.ignoreregex),
        "known/datepattern": "\n".join(definition.datepattern),
        "known/maxlines": str(definition.maxlines),
    }
    found = {option: files.get(jail, option, known) for option in OVERRIDDEN}
    return {option: text for option, text in found.items() if text is not None}


def _is_ours(files: JailFiles, name: str, parameters: Mapping[str, str]) -> bool:
    """Tell whether a filter of ours can stand for fail2ban's: the operator changed nothing."""
    if not any((folder / f"{name}.conf").is_file() for folder in _ours()):
        return False
    if len(layer_files(files.filters / name)) != 1:
        return False
    return not find_stray_parameters(_write(name, parameters), dirs=_ours())


def _place(files: JailFiles, name: str) -> str:
    """Name fail2ban's filter so that no other of that name is found first."""
    return name if name.startswith((".", "/")) else str(Path(files.filters, f"{name}.conf"))


def _write(name: str, parameters: Mapping[str, str]) -> str:
    """Write a filter with its parameters.

    Raises:
        ValueError: one can't be written, because it has quotes of both kinds.
    """
    texts = [f"{option}={_quote(option, value)}" for option, value in parameters.items()]
    return f"{name}[{', '.join(texts)}]" if texts else name


def _quote(option: str, value: str) -> str:
    if value and not _SIGNS & set(value):
        return value
    for quote in "\"'":
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise ValueError(f"its {option} has quotes of both kinds: put it into a filter of your own")

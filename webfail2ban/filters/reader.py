"""From a filter's name to its definition: find the files, merge, interpolate, substitute."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from webfail2ban.errors import FilterError
from webfail2ban.filters.configuration import KNOWN, Configuration
from webfail2ban.filters.definition import FilterDefinition, UseDns
from webfail2ban.filters.ini import DEFAULT
from webfail2ban.filters.layers import layer_files, read_layers
from webfail2ban.filters.spec import parse_spec
from webfail2ban.filters.suggestion import suggest
from webfail2ban.filters.tags import TagLoopError, substitute_tags

#: The section that a filter's options stand in, and the one with its parameters' defaults.
DEFINITION, INIT = "Definition", "Init"

#: The options that make a definition; what a filter's file holds besides are its own helpers.
OPTIONS = (
    "usedns",
    "prefregex",
    "ignoreregex",
    "failregex",
    "maxlines",
    "datepattern",
    "journalmatch",
)

NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


def read_filter(
    spec: str,
    *,
    dirs: Sequence[Path],
    options: Mapping[str, str] = NO_OPTIONS,
    logtype: str | None = None,
) -> FilterDefinition:
    """Read a filter in fail2ban's language.

    Args:
        spec: ``name[parameter="value", ...]``. A name that starts with ``/``, ``./`` or ``../`` is
            a path, with or without its ``.conf``.
        dirs: The folders to look in, first to last; the first that has the filter is used.
            ``before`` files are looked for beside the filter first, then in all of them.
        options: The jail's own options. They win over the filter's, and stand for ``%(name)s``.
        logtype: What a jail sets for the log source it reads, ``file`` or ``journal``. Only used
            when neither the parameters nor the filter itself say what the log looks like.

    Raises:
        FilterError: The filter isn't there, or can't be understood.
    """
    parsed = parse_spec(spec)
    files = find_files(parsed.name, dirs)
    configuration = read_layers(files, dirs)
    parameters = dict(parsed.parameters)
    if logtype is not None and not configuration.has(DEFINITION, "logtype"):
        parameters.setdefault("logtype", logtype)
    own = {name.lower(): value for name, value in options.items()}
    values = Options(configuration, parameters, own, files[0]).resolve()
    return _define(parsed.name, values, configuration.paths, files[0])


class Options:
    """The options of one filter on their way through both substitutions."""

    def __init__(
        self,
        configuration: Configuration,
        parameters: Mapping[str, str],
        jail: Mapping[str, str],
        file: Path,
    ) -> None:
        self._configuration = configuration
        self._variables = {**jail, **parameters}
        self._file = file
        init = {
            option: value
            for option in configuration.sections.get(INIT, {})
            if (value := configuration.get_written(INIT, option, parameters)) is not None
        }
        asked = {
            option: value
            for option in OPTIONS
            if option not in self._variables
            and (value := configuration.get(DEFINITION, option, self._variables)) is not None
        }
        set_by_jail = {option: jail[option] for option in OPTIONS if option in jail}
        known = {f"known/{option}": value for option, value in init.items()}
        self._values = {**known, **asked, **init, **set_by_jail, **parameters}

    def resolve(self) -> dict[str, str]:
        """Return the seven options' final texts, as far as they are set."""
        resolved = {}
        for option in OPTIONS:
            if option not in self._values:
                continue
            try:
                resolved[option] = substitute_tags(self._values[option], self.find)
            except TagLoopError as error:
                raise FilterError(self._file, option, str(error)) from error
        return resolved

    def find(self, tag: str) -> str | None:
        """Look a tag up: options and parameters, then whatever the files hold."""
        name = tag.lower()
        if name in self._values:
            return self._values[name]
        section, slash, option = tag.rpartition("/")
        if not slash:
            return self._configuration.get(DEFINITION, name, self._variables)
        option = option.lower()
        if section.lower() == "known":
            overridden = self._configuration.has(KNOWN + DEFINITION, option)
            section = KNOWN + DEFINITION if overridden else DEFINITION
        elif section.lower() == "default":
            section = DEFAULT
        if section not in self._configuration.sections:
            return None
        return self._configuration.get_written(section, option, self._variables)


def _define(
    name: str, values: Mapping[str, str], paths: Sequence[Path], file: Path
) -> FilterDefinition:
    return FilterDefinition(
        name=name,
        failregex=_lines(values.get("failregex")),
        ignoreregex=_lines(values.get("ignoreregex")),
        prefregex=values.get("prefregex") or None,
        datepattern=_lines(values.get("datepattern")),
        maxlines=_read_maxlines(values.get("maxlines"), file),
        usedns=_read_usedns(values.get("usedns"), file),
        journalmatch=_read_journalmatch(values.get("journalmatch"), file),
        file=file,
        paths=tuple(paths),
    )


def _lines(text: str | None) -> tuple[str, ...]:
    """Split at newlines and drop what is empty."""
    return tuple(line for line in (text or "").split("\n") if line)


def _read_maxlines(text: str | None, file: Path) -> int:
    if not text:
        return 1
    if not text.isdecimal() or int(text) < 1:
        raise FilterError(file, "maxlines", f"{text!r} is no number of lines")
    return int(text)


def _read_usedns(text: str | None, file: Path) -> UseDns | None:
    if not text:
        return None
    try:
        return UseDns(text.lower())
    except ValueError:
        raise FilterError(file, "usedns", f"{text!r} is none of yes, warn, no, raw") from None


def _read_journalmatch(text: str | None, file: Path) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text or ""))
    except ValueError as error:
        raise FilterError(file, "journalmatch", f"{error}: {text!r}") from error


def find_files(name: str, dirs: Sequence[Path]) -> list[Path]:
    """Return the files of a filter, first to last.

    Raises:
        FilterError: There are none.
    """
    if name.startswith(("/", "./", "../")):
        path = Path(name)
        if path.suffix not in {".conf", ".local"} and path.is_file():
            return [path]
        bases = [path.with_suffix("") if path.suffix in {".conf", ".local"} else path]
    else:
        bases = [folder / name for folder in dirs]
    for base in bases:
        if files := layer_files(base):
            return files
    places = ", ".join(str(base.parent) for base in bases) or "no folder at all"
    raise FilterError(name, None, f"no such filter in {places}{_suggest(name, dirs)}")


def _suggest(name: str, dirs: Sequence[Path]) -> str:
    return suggest(name, {path.stem for folder in dirs for path in folder.glob("*.conf")})

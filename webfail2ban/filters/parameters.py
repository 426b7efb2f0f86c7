"""Parameters that a filter makes nothing of: ``sshd[moed=ddos]``, ``sshd[mode=dos]``.

As with fail2ban they are no errors: a parameter of another name is passed over, and one with a
value that the filter doesn't know leaves a tag as it stands, ``<mdre-dos>``, which is an
expression that never matches.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from webfail2ban.filters.configuration import Configuration
from webfail2ban.filters.ini import DEFAULT
from webfail2ban.filters.layers import read_layers
from webfail2ban.filters.reader import DEFINITION, INIT, OPTIONS, Options, find_files
from webfail2ban.filters.spec import parse_spec
from webfail2ban.filters.suggestion import suggest

#: Stands for a parameter's value, to see what it becomes a part of; no filter holds it.
MARK = "\ue000"

#: The sections that hold what a parameter can stand for.
PLACES = (DEFINITION, INIT, DEFAULT)

#: A filter may do without these, the second with this value: fail2ban's jails give them to every
#: filter.
GIVEN_TO_ALL = {"logtype": None, "mode": "normal"}

#: How a value names an option: ``%(name)s`` or ``<name>``.
_REFERENCE = re.compile(r"%\(([^)]+)\)s|<([^ <>]+)>")

#: A regular expression's own tag, ``<F-USER>``: it stands for a part of the line.
_FIELD = re.compile(r"/?F-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StrayParameter:
    """A parameter that a filter makes nothing of.

    Attributes:
        name: The parameter's name.
        value: What it was given.
        message: What is wrong with it, one sentence.
    """

    name: str
    value: str
    message: str

    def __str__(self) -> str:
        """Say what is wrong."""
        return self.message


def find_stray_parameters(spec: str, *, dirs: Sequence[Path]) -> tuple[StrayParameter, ...]:
    """Find the parameters that a filter doesn't know, or whose value it doesn't.

    Args:
        spec: As for `read_filter`.
        dirs: The same.

    Raises:
        FilterError: The filter isn't there, or can't be understood.
    """
    parsed = parse_spec(spec)
    if not parsed.parameters:
        return ()
    files = find_files(parsed.name, dirs)
    reading = _Reading(parsed.name, files[0], read_layers(files, dirs), parsed.parameters)
    return tuple(
        StrayParameter(name, value, message)
        for name, value in parsed.parameters.items()
        if (message := reading.judge(name)) is not None
    )


class _Reading:
    """A filter as it is read with its parameters."""

    def __init__(
        self, name: str, file: Path, configuration: Configuration, parameters: Mapping[str, str]
    ) -> None:
        self._name = name
        self._file = file
        self._configuration = configuration
        self._parameters = parameters
        self._set = {option for place in PLACES for option in self._options(place)}

    def judge(self, name: str) -> str | None:
        """Say what is wrong with a parameter, None if nothing is."""
        plain = name.partition("?")[0]  # name?family=inet6 is for one kind of addresses
        if not self._knows(plain):
            if GIVEN_TO_ALL.get(plain, "") in {None, self._parameters[name]}:
                return None
            return f"{self._name} knows no parameter {name}{suggest(name, self._set)}"
        tags = self._follow(name)
        missing = next((tag for tag, found in tags.items() if not found), None)
        if missing is None:
            return None
        value = self._parameters[name]
        known = sorted(self._values(tags))
        there_are = f", but knows {', '.join(known)}" if known else ""
        return (
            f"{name}={value} means nothing to {self._name}: it has no"
            f" {missing.replace(MARK, value)}{there_are}{suggest(value, known)}"
        )

    def _knows(self, parameter: str) -> bool:
        """Whether a parameter is set, named or asked for anywhere in the filter."""
        if parameter in {*OPTIONS, *self._set, *_references(self._configuration)}:
            return True
        return parameter in self._trace(None).asked

    def _follow(self, parameter: str) -> dict[str, bool]:
        """Return the tags that a parameter's value is a part of, and whether each is found."""
        return {
            tag: found
            for tag, found in self._trace(parameter).asked.items()
            if MARK in tag and tag != MARK and not _FIELD.match(tag)
        }

    def _trace(self, parameter: str | None) -> "_Tracer":
        tracer = _Tracer(self._configuration, self._parameters, self._file, parameter)
        tracer.resolve()
        return tracer

    def _values(self, tags: Iterable[str]) -> set[str]:
        """Return the values with which there are all tags, as far as there are any."""
        values = [found for tag in tags if (found := set(self._fill(tag)))]
        return set.intersection(*values) if values else set()

    def _fill(self, tag: str) -> Iterator[str]:
        """Find what stands in the names that there are where a tag has the parameter's value."""
        section, slash, option = tag.rpartition("/")
        names: Iterable[str]
        if not slash:
            names = {*self._set, *self._parameters}
        elif MARK in section:
            sections = self._configuration.sections
            names = [f"{name}/{option}" for name in sections if option in self._options(name)]
        else:
            names = [f"{section}/{name}" for name in self._options(section)]
        pattern = re.compile(re.escape(tag).replace(MARK, "(.+)"), re.IGNORECASE)
        yield from (match[1] for name in names if (match := pattern.fullmatch(name)))

    def _options(self, section: str) -> Mapping[str, str]:
        return self._configuration.sections.get(section, {})


class _Tracer(Options):
    """Resolves a filter's options, and remembers which tags they hold.

    Args:
        configuration: The filter.
        parameters: The parameters given with it.
        file: The place of errors.
        marked: The parameter whose value is to be told apart, by `MARK` in its place; None for
            none.

    Attributes:
        asked: Each tag in lower case, and whether there is anything it stands for.
    """

    def __init__(
        self,
        configuration: Configuration,
        parameters: Mapping[str, str],
        file: Path,
        marked: str | None,
    ) -> None:
        self.asked: dict[str, bool] = {}
        self._value = "" if marked is None else parameters[marked]
        given = parameters if marked is None else {**parameters, marked: MARK}
        super().__init__(configuration, given, {}, file)

    def find(self, tag: str) -> str | None:
        """Look a tag up by its real name."""
        found = super().find(tag.replace(MARK, self._value))
        self.asked[tag.lower()] = found is not None
        return found


def _references(configuration: Configuration) -> Iterator[str]:
    """Find what a filter's options name."""
    for options in configuration.sections.values():
        for text in options.values():
            for percent, tag in _REFERENCE.findall(text):
                yield (percent or tag).lower()

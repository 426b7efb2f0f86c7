"""Sections merged from several files, and the ``%(option)s`` interpolation over them."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from webfail2ban.errors import FilterError
from webfail2ban.filters.ini import DEFAULT, Sections

#: Where the values go that a later file replaces: ``%(known/option)s`` finds them there.
KNOWN = "KNOWN/"

#: How deep values may refer to values; ConfigParser has the same limit.
MAX_DEPTH = 10

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})

_REFERENCE = re.compile(r"%(?:(?P<percent>%)|\((?P<name>[^)]+)\)s|(?P<bad>.?))", re.DOTALL)


class Configuration:
    """Sections of several files, the later file winning option by option.

    Args:
        file: The file to name in errors.

    Attributes:
        paths: The files that were merged, in their order.
        sections: Raw values by section and option.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.paths: list[Path] = []
        self.sections: Sections = {DEFAULT: {}}

    def merge(self, path: Path, sections: Sections) -> None:
        """Lay one file's sections over what is there.

        The raw values that are about to be replaced stay reachable as ``KNOWN/<section>``. A
        section ``Name?condition`` is folded into ``Name``, with the condition behind each option.
        """
        self.paths.append(path)
        ordered = sorted(sections, key=lambda section: section != DEFAULT)  # DEFAULT goes first
        for section in ordered:
            name, mark, condition = section.partition("?")
            options = {
                option + mark + condition: value for option, value in sections[section].items()
            }
            existing = self.sections.get(name)
            if existing is None:
                self.sections[name] = options
                continue
            replaced = {option: existing[option] for option in options if option in existing}
            self.sections.setdefault(KNOWN + name, {}).update(replaced)
            existing.update(options)

    def get(
        self, section: str, option: str, variables: Mapping[str, str] = NO_VARIABLES
    ) -> str | None:
        """Look one option up and interpolate it.

        Args:
            section: The section, whose missing options DEFAULT stands in for.
            option: The option's name in lower case.
            variables: Texts that win over the files' values. They are final: taken as they are.

        Returns:
            The value, None if there is none.

        Raises:
            FilterError: The value refers to something that does not exist, or to itself.
        """
        if option in variables:
            return variables[option]
        return self.get_written(section, option, variables)

    def get_written(
        self, section: str, option: str, variables: Mapping[str, str] = NO_VARIABLES
    ) -> str | None:
        """Do what `get` does, with `variables` only for what the value refers to."""
        raw = self._raw(section, option)
        if raw is None:
            return None
        return self._interpolate(raw, section, option, variables, 1)

    def has(self, section: str, option: str) -> bool:
        """Tell whether the section itself, not DEFAULT, sets the option."""
        return option in self.sections.get(section, {})

    def _raw(self, section: str, option: str) -> str | None:
        own = self.sections.get(section, {}).get(option)
        return self.sections[DEFAULT].get(option) if own is None else own

    def _interpolate(
        self, raw: str, section: str, option: str, variables: Mapping[str, str], depth: int
    ) -> str:
        if "%" not in raw:
            return raw
        if depth > MAX_DEPTH:
            raise self._error(option, f"refers to other values more than {MAX_DEPTH} times deep")

        def replace(match: re.Match[str]) -> str:
            if match["percent"]:
                return "%"
            if match["name"] is None:
                raise self._error(option, f"holds %{match['bad']}: write %% for a percent sign")
            name = match["name"]
            if name.lower() in variables:
                return variables[name.lower()]
            found = section if name == "__name__" else self._find(section, name)
            if found is None:
                raise self._error(option, f"refers to %({name})s, which does not exist")
            return self._interpolate(found, section, option, variables, depth + 1)

        return _REFERENCE.sub(replace, raw)

    def _find(self, section: str, name: str) -> str | None:
        """Return the raw value for a reference: ``option``, ``section/option``, ``known/...``."""
        found = self._raw(section, name.lower())
        place, slash, option = name.rpartition("/")
        if found is not None or not slash:
            return found
        if place.lower() == "known":
            place = KNOWN + section
        return self._raw(DEFAULT if place.lower() == "default" else place, option.lower())

    def _error(self, option: str, reason: str) -> FilterError:
        return FilterError(self._file, option, reason)

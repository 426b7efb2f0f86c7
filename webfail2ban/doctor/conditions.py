"""The conditions of ``.if``: which lines of a configuration count for a version of HAProxy.

HAProxy's configuration manual, 2.4 "Conditional blocks". What can't be known here, as
``feature(OPENSSL)``, is taken to hold: what stands in the first branch is what is meant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: A version of HAProxy: 2.8.25 is (2, 8, 25).
Version = tuple[int, ...]

#: What a condition consists of.
TOKEN = re.compile(
    r"\s*(?:(?P<sign>&&|\|\||!|\(|\))|(?P<name>\w+)\((?P<arguments>[^()]*)\)|(?P<number>\w+))"
)

NUMBERS = re.compile(r"\d{1,9}")


def parse_version(text: str) -> Version:
    """Read a version as HAProxy writes it: ``2.8.25-5cf5d0683``, ``3.2-dev3``, ``2.6``.

    Raises:
        ValueError: it is none.
    """
    found = re.match(r"(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no version of HAProxy, such as 2.8.25")
    return tuple(int(part) for part in found.groups() if part is not None)


@dataclass(frozen=True, slots=True)
class Setting:
    """What conditions are about.

    Attributes:
        version: HAProxy's.
        env: Environment variables.
    """

    version: Version
    env: Mapping[str, str]


def holds(words: tuple[str, ...], setting: Setting) -> bool:
    """Tell whether what stands behind ``.if`` holds; HAProxy itself tells what is misspelt."""
    return _Reader(" ".join(words), setting).read_any()


class _Reader:
    """Reads a condition from left to right: ``||`` binds less than ``&&``, ``!`` most."""

    def __init__(self, text: str, setting: Setting) -> None:
        self._tokens = list(TOKEN.finditer(text))
        self._setting = setting

    def read_any(self) -> bool:
        value = self._read_all()
        while self._skip("||"):
            value = self._read_all() or value
        return value

    def _read_all(self) -> bool:
        value = self._read_one()
        while self._skip("&&"):
            value = self._read_one() and value
        return value

    def _read_one(self) -> bool:
        if self._skip("!"):
            return not self._read_one()
        if self._skip("("):
            value = self.read_any()
            self._skip(")")
            return value
        if not self._tokens:
            return False  # an empty condition
        token = self._tokens.pop(0)
        if token["number"] is not None:
            number = token["number"]
            return bool(number.strip("0")) if number.isdecimal() else number == "true"
        arguments = [part.strip() for part in (token["arguments"] or "").split(",")]
        return self._call(token["name"] or "", arguments)

    def _skip(self, sign: str) -> bool:
        if self._tokens and self._tokens[0]["sign"] == sign:
            self._tokens.pop(0)
            return True
        return False

    def _call(self, name: str, arguments: list[str]) -> bool:
        first, second = (*arguments, "", "")[:2]
        version = self._setting.version
        known = {
            "version_atleast": version >= _numbers(first),
            "version_before": version < _numbers(first),
            "defined": first in self._setting.env,
            "streq": first == second,
            "strneq": first != second,
            "strstr": second in first,
        }
        return known.get(name, True)


def _numbers(text: str) -> Version:
    """Read a version to compare with: 2.8.0 is 2.8, which has no smaller one."""
    numbers = [int(number) for number in NUMBERS.findall(text.partition("-")[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)

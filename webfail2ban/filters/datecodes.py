"""The ``%`` codes of a datepattern, and what each of them matches.

They are those of Python's `time.strptime` in the C locale, some of them wider, and stricter ones
with ``Ex`` in front. Each becomes a named group, so a pattern can hold each code once.
"""

import re

#: English names as in the C locale: logs are written for programs.
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: How many letters an abbreviated month or weekday has.
ABBREVIATED = 3

#: The first year that ``%ExY`` takes.
FIRST_YEAR = 2000

#: How far ahead ``%ExY`` looks, in years, up to that decade's end: clocks run ahead, and a filter
#: compiled in December is still in use in January.
YEARS_AHEAD = 3

#: A zone's name: one letter or three to five. Two letters are too often something else.
ZONE_NAME = r"[A-Z](?:[A-Z]{2,4})?"
ZONE_OFFSET = r"[+-][01]\d(?::?\d{2})?"

#: The prefix of our groups: no group of a pattern's own collides with it.
GROUP_PREFIX = "_date_"

#: Codes that stand for several others.
_COMPOSED = {"c": "%a %b %d %H:%M:%S %Y", "x": "%m/%d/%y", "X": "%H:%M:%S"}

#: Codes with letters from the locale: patterns with one of them ignore case.
_CASELESS = re.compile(r"%[aAbBpc]")

_CODE = re.compile(r"%(Ex[YymdHklMSzZ]|.?)", re.DOTALL)


def _names(names: tuple[str, ...], length: int | None = None) -> str:
    return "|".join(name[:length] for name in names)


_EXPRESSIONS = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "Exy": r"\d{2}",
    "G": r"\d{4}",
    "m": r"1[0-2]|0?[1-9]",
    "Exm": r"1[0-2]|0[1-9]",
    "d": r"3[01]|[12]\d|[0 ]?[1-9]",
    "Exd": r"3[01]|[12]\d|0[1-9]",
    "b": _names(MONTHS, ABBREVIATED),
    "B": _names(MONTHS),
    "a": _names(WEEKDAYS, ABBREVIATED),
    "A": _names(WEEKDAYS),
    "j": r"36[0-6]|3[0-5]\d|[12]\d\d|0?[1-9]\d|0{0,2}[1-9]",
    "U": r"5[0-3]|[0-4]?\d",
    "W": r"5[0-3]|[0-4]?\d",
    "V": r"5[0-3]|[1-4]\d|0?[1-9]",
    "w": r"[0-6]",
    "u": r"[1-7]",
    "H": r"2[0-3]|[01]?\d",
    "ExH": r"2[0-3]|[01]\d",
    "k": r" ?(?:2[0-3]|[01]?\d)",
    "Exk": r" ?(?:2[0-3]|[01]\d)",
    "I": r"1[0-2]|0?[1-9]",
    "l": r" ?(?:1[0-2]|[1-9])",
    "Exl": r" ?(?:1[0-2]|0[1-9])",
    "M": r"[0-5]?\d",
    "ExM": r"[0-5]\d",
    "S": r"6[01]|[0-5]?\d",
    "ExS": r"6[01]|[0-5]\d",
    "f": r"\d{1,6}",
    "p": r"am|pm",
    "z": rf"Z|UTC|GMT|{ZONE_OFFSET}",
    "Z": r"Z|[A-Z]{3,5}",
    "Exz": rf"(?:{ZONE_NAME})?{ZONE_OFFSET}|{ZONE_NAME}",
    "ExZ": ZONE_NAME,
}

#: What a code fills, where that isn't its own letter.
_FIELDS = {"k": "H", "l": "I", "B": "b", "A": "a", "Z": "z"}


def field_of(code: str) -> str:
    """Return the field that a code fills: ``%ExH`` and ``%k`` both fill the hour, ``H``."""
    letter = code.removeprefix("Ex")
    return _FIELDS.get(letter, letter)


def ignores_case(pattern: str) -> bool:
    """Tell whether a pattern is matched without regard to case."""
    return _CASELESS.search(pattern) is not None


def translate_codes(pattern: str, year: int) -> str:
    """Replace each ``%`` code by its group ``(?P<_date_CODE>...)``.

    Args:
        pattern: A datepattern.
        year: The current one.

    Raises:
        ValueError: A code does not exist.
    """

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code == "%":
            return "%"
        if code in _COMPOSED:
            return translate_codes(_COMPOSED[code], year)
        expression = _years(year) if code == "ExY" else _EXPRESSIONS.get(code)
        if expression is None:
            raise ValueError(f"there is no code {match[0]}")
        return f"(?P<{GROUP_PREFIX}{code}>{expression})"

    return _CODE.sub(replace, pattern)


def _years(year: int) -> str:
    """Match the years from the first to the end of the decade that lies ahead."""
    last = max(year + YEARS_AHEAD, FIRST_YEAR)
    centuries = [rf"{century}\d\d" for century in range(FIRST_YEAR // 100, last // 100)]
    return "|".join([*centuries, rf"{last // 100}[0-{last // 10 % 10}]\d"])

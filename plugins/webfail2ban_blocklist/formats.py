"""The forms of a list: each gives the texts that may be entries, with their lines.

What is no comment and no entry isn't judged here: it is handed on, refused and counted.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

import jmespath
from jmespath.exceptions import JMESPathError

#: A line's number, from 1, or an item's; and what may be an entry.
Candidate = tuple[int, str]

COMMENTS = "#;"

#: In hosts files a name with one of these is a name that shall lead nowhere.
NOWHERE = frozenset({"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1"})  # noqa: S104 - read


class FormatError(Exception):
    """A list that isn't of its form at all; the message continues 'the list'."""


@dataclass(slots=True)
class Reader:
    """Reads a list.

    Attributes:
        format: Its form.
        column: For CSV, the column: its name, or its number from 1.
        delimiter: For CSV, what stands between two columns.
        path: For JSON, where the entries are: a JMESPath expression.
        ignored: How many lines said nothing of interest: names.
    """

    format: str
    column: str | int = 1
    delimiter: str = ","
    path: str = ""
    ignored: int = field(default=0, init=False)

    def read(self, text: TextIO) -> Iterator[Candidate]:
        """Yield what may be entries.

        Raises:
            FormatError: the list isn't of that form.
        """
        match self.format:
            case "netset":
                return _read_netset(text)
            case "hosts":
                return self._read_hosts(text)
            case "csv":
                return self._read_csv(text)
            case "json":
                return self._read_json(text)
            case "jsonl":
                return self._read_json_lines(text)
            case _:
                return _read_plain(text)

    def _read_hosts(self, lines: Iterable[str]) -> Iterator[Candidate]:
        """Read lines of an address and names; those with names alone are ignored."""
        for number, line in enumerate(lines, 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            word = words[0]
            named = len(words) > 1 and word in NOWHERE
            if named or not (":" in word or word.replace(".", "").isdigit()):
                self.ignored += 1
            else:
                yield number, word

    def _read_csv(self, text: TextIO) -> Iterator[Candidate]:
        rows = csv.reader(text, delimiter=self.delimiter, skipinitialspace=True)
        index = self.column - 1 if isinstance(self.column, int) else None
        try:
            for row in rows:
                if index is None:
                    index = self._find_column(row)
                elif row and not row[0].startswith(COMMENTS[0]):
                    yield rows.line_num, row[index].strip() if index < len(row) else ""
        except csv.Error as error:
            raise FormatError(f"is no CSV: line {rows.line_num}: {error}") from None
        if index is None:
            raise FormatError(f"has no column {self.column}")

    def _find_column(self, row: list[str]) -> int | None:
        """Return where the column stands if this row names the columns; some comment it out."""
        if not row:
            return None
        names = [cell.strip(' "') for cell in (row[0].lstrip("# "), *row[1:])]
        return names.index(str(self.column)) if self.column in names else None

    def _read_json(self, text: TextIO) -> Iterator[Candidate]:
        try:
            document = json.load(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"is no JSON: {error}") from None
        yield from enumerate(self._pick(document), 1)

    def _read_json_lines(self, lines: Iterable[str]) -> Iterator[Candidate]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                yield number, line.strip()
                continue
            for text in self._pick(document):
                yield number, text

    def _pick(self, document: Any) -> Iterator[str]:
        """Yield the texts that a JSON value has where the path leads."""
        found = document
        if self.path:
            try:
                # Compiled expressions are kept by the library.
                found = jmespath.search(self.path, document)
            except JMESPathError as error:
                raise FormatError(f"can't be searched by its path: {error}") from None
        yield from _flatten(found)


def _read_plain(lines: Iterable[str]) -> Iterator[Candidate]:
    """Read an entry a line: its first word, or three where the second is a dash."""
    for number, line in enumerate(lines, 1):
        if "#" in line or ";" in line:
            line = line.partition("#")[0].partition(";")[0]  # noqa: PLW2901 - its rest is nobody's
        words = line.split()
        if len(words) == 1:
            yield number, words[0]
        elif words:
            spaced = words[1] == "-" and len(words) > 2  # noqa: PLR2004 - first, dash, last
            yield number, "".join(words[:3]) if spaced else words[0]


def _read_netset(lines: Iterable[str]) -> Iterator[Candidate]:
    """Read what ``ipset save`` writes, and the plain lists that are called netsets."""
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words or words[0] in {"create", "-N", "flush", "COMMIT"}:
            continue
        if words[0] not in {"add", "-A"}:
            yield number, words[0]
        elif len(words) < 3 or "nomatch" in words:  # noqa: PLR2004 - add, the set, the entry
            # An exception must not become a ban; the whole line is shown as refused.
            yield number, " ".join(words)
        else:
            yield number, words[2].partition(",")[0]


def _flatten(found: Any) -> Iterator[str]:
    """Yield the texts in a JSON value; what is neither text nor null is shown as it is."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value.strip()
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif value is not None:
            yield json.dumps(value)[:200]

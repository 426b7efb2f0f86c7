"""Which of several date formats a line has, and the date cut out of it.

Lines of one log mostly have one format, so the one that matched last is tried first. Formats are
moved up as they are used. Only logs with several formats, or with dates inside their messages,
ever see a difference to "the first in the list that matches".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from math import inf
from typing import NamedTuple

from webfail2ban.errors import FilterError
from webfail2ban.filters.beginnings import Beginnings, Cut, Fits, are_told_by_the_beginning
from webfail2ban.filters.civil import Calendar
from webfail2ban.filters.datepattern import DatePattern, compile_datepattern
from webfail2ban.filters.datereader import DateReader, make_reader
from webfail2ban.filters.datetemplates import (
    DEFAULT_PATTERNS,
    EPOCH,
    LINE_BEGIN,
    LONG_EPOCH,
    TAI64N,
)

#: Stands for the whole default list, and for each of its forms inside a pattern.
DEFAULT, DATE = "{DEFAULT}", "{DATE}"

#: A form at the line's start is this much more likely to be the date than one inside it.
LINE_BEGIN_WEIGHT = 100

#: A format that wasn't seen for this long, in seconds, makes room for any other.
UNUSED_AFTER = 300


class CutLine(NamedTuple):
    """A line with its date cut out; a plain tuple because one is made for every line.

    Attributes:
        before: What stands before the date; empty if there is none.
        date: The date's text, empty if there is none.
        after: What stands after the date; without a date the whole line.
        time: Seconds since the epoch; None if no date was found or it makes no sense.
        undated: Whether a pattern knows such lines and says that they have no date.
    """

    before: str
    date: str
    after: str
    time: float | None
    undated: bool = False

    @property
    def text(self) -> str:
        """The line as it was."""
        return self.before + self.date + self.after


@dataclass(slots=True, eq=False)
class _Template:
    """A date format and how it did so far."""

    pattern: DatePattern
    read: DateReader
    weight: int
    hits: int = 0
    distance: float = inf
    used: float = 0.0

    @property
    def score(self) -> float:
        return self.hits * self.weight / max(1, self.distance)


class DateDetector:
    """Finds the date of each line of one log.

    It keeps state from line to line, so one detector serves one log; filters with the same
    datepattern on the same log should share it: each line's date is then found once.

    Args:
        patterns: Datepatterns, none for the default list.
        now: The clock, in seconds since the epoch.
        timezone: The zone of dates that don't name theirs; None for the process's local one.
        year: The latest year that may be the current one, if that isn't the clock's: patterns
            made for dates of this century end a few years after it.

    Raises:
        FilterError: A pattern can't be compiled, or stands there twice.
    """

    def __init__(
        self,
        patterns: Sequence[str] = (),
        *,
        now: Callable[[], float],
        timezone: tzinfo | None = None,
        year: int | None = None,
    ) -> None:
        self._calendar = Calendar(now, timezone)
        self._now = now
        year = self._calendar.year().number if year is None else year
        self._templates = [
            _Template(pattern, make_reader(pattern, self._calendar), weight)
            for pattern, weight in _compile_all(patterns or (DEFAULT,), year)
        ]
        self._last: _Template | None = None
        self._match: re.Match[str] | None = None
        self._line: str | None = None
        self._cut = CutLine("", "", "", None)
        told = are_told_by_the_beginning(self.patterns)
        self._beginnings = Beginnings(self.patterns) if told else None
        self._fits: Fits | None = None  # how the line's date fits, as far as that is remembered

    @property
    def patterns(self) -> tuple[DatePattern, ...]:
        """The compiled patterns in the order in which they are tried now."""
        return tuple(template.pattern for template in self._templates)

    @property
    def last_pattern(self) -> DatePattern | None:
        """The pattern that found the last date, None if none was found yet."""
        return self._last.pattern if self._last else None

    def cut(self, line: str) -> CutLine:
        """Find the date and cut it out. Asked for the same line again, it answers from memory."""
        if line is self._line:
            return self._cut
        template = self._last
        if self._beginnings is not None:
            fits = self._fits = self._beginnings.recall(line)
            known = None if fits is None else fits.cut
            if known is not None and template is not None and known.pattern is template.pattern:
                # What nearly every line comes to: `_locate` would use the same template again.
                template.hits += 1
                template.used = self._now()
                _, match, before, date, end = known
                self._match = match
                parts = before, date, line[end:], template.read(match), not date
                cut = tuple.__new__(CutLine, parts)  # a call less than `CutLine(...)`
                self._line, self._cut = line, cut
                return cut
        self._line, self._cut = line, self._cut_out(line)
        return self._cut

    def _cut_out(self, line: str) -> CutLine:
        """Find the date of a line of whose beginning nothing is known, and cut it out."""
        found = self._locate(line)
        if found is None:
            return CutLine("", "", line, None)
        template, match = found
        start, end = match.span(template.pattern.group)
        if start < 0:  # the group is optional and wasn't there
            start = end = match.start()
        before, date = line[:start], line[start:end]
        if self._fits is not None:
            self._fits.cut = Cut(template.pattern, match, before, date, end)
        return CutLine(before, date, line[end:], template.read(match), not date)

    def _locate(self, line: str) -> tuple[_Template, re.Match[str]] | None:
        """Choose the template that this line's date has."""
        last = self._last
        if last is not None and last.pattern.anchored:
            match = self._search(last.pattern, line)
            if match is not None:
                return self._use(last, match)
            return self._locate_among(line, None, last)
        match = self._try_last(line)
        if last is None or match is None:
            return self._locate_among(line, None, None)
        if self._leaves_no_doubt(match):
            return self._use(last, match)
        return self._locate_among(line, (last, match), last)

    def _locate_among(
        self, line: str, best: tuple[_Template, re.Match[str]] | None, tried: _Template | None
    ) -> tuple[_Template, re.Match[str]] | None:
        """Choose among all templates but one that was tried; the best so far may be better."""
        fits = self._fits or Fits()
        for place, template in enumerate(self._templates):
            if template is tried:
                continue
            pattern = template.pattern
            match = fits[pattern] if pattern in fits else self._search(pattern, line)
            if match is None:
                continue
            if self._wins(place, match):
                return self._use(template, match)
            if best is None or match.start() < best[1].start():
                best = template, match
        return None if best is None else self._use(*best)

    def _search(self, pattern: DatePattern, line: str) -> re.Match[str] | None:
        """Search a line, unless it is known how the pattern fits lines that begin like it.

        The match is then one in another line: of its text only the beginning means anything.
        """
        fits = self._fits
        if fits is None:
            return pattern.search(line)
        if pattern not in fits:
            fits[pattern] = pattern.search(line)
        return fits[pattern]

    def _try_last(self, line: str) -> re.Match[str] | None:
        """Try the template that matched last, at the same place if the line looks like it."""
        template, last = self._last, self._match
        if template is None or last is None:
            return None
        if not _looks_like(line, last):
            return template.pattern.search(line)
        return template.pattern.regex.search(line, last.start(), last.end())

    def _leaves_no_doubt(self, match: re.Match[str]) -> bool:
        """Tell whether a match of the last template needs no comparison with others."""
        same_place = self._match is not None and match.span() == self._match.span()
        return same_place or len(self._templates) == 1

    def _wins(self, place: int, match: re.Match[str]) -> bool:
        """Tell whether a match ends the search for a better one."""
        template = self._templates[place]
        if template.pattern.anchored or place + 1 == len(self._templates):
            return True
        start = match.start()
        if start == 0 and template.hits and not self._templates[place + 1].hits:
            return True
        last_start = 0 if self._match is None else self._match.start()
        return start <= template.distance and start <= last_start

    def _use(self, template: _Template, match: re.Match[str]) -> tuple[_Template, re.Match[str]]:
        """Note that a template matched, and move it up if it earned that."""
        template.hits += 1
        template.distance = match.start()
        template.used = self._now()
        if template is not self._last and template is not self._templates[0]:
            self._move_up(template)
        self._last, self._match = template, match
        return template, match

    def _move_up(self, template: _Template) -> None:
        position = target = 0  # its own place, and the first one that was never used
        while self._templates[position] is not template:
            target += target == position and self._templates[position].hits > 0
            position += 1
        if target == position:
            target //= 2
        score, long_ago = template.score, template.used - UNUSED_AFTER
        for place in dict.fromkeys((target, position - 1)):
            other = self._templates[place]
            if score > other.score or other.used < long_ago:
                del self._templates[position]
                self._templates.insert(place, template)
                return


def _looks_like(line: str, last: re.Match[str]) -> bool:
    """Tell whether a line's date may stand where the last line's date stood.

    At each end the character outside has to be the same, or the one inside has to be the same and
    neither a letter nor a digit.
    """
    start, end = last.span()
    return all(
        _at(line, outside) == _at(last.string, outside)
        or (_at(line, inside) == _at(last.string, inside) and not _at(line, inside).isalnum())
        for outside, inside in ((start - 1, start), (end, end - 1))
    )


def _at(line: str, position: int) -> str:
    """Return the character at a position, nothing outside of the line."""
    return line[position : position + 1] if position >= 0 else ""


def _compile_all(patterns: Sequence[str], year: int) -> list[tuple[DatePattern, int]]:
    """Expand and compile the lines of a datepattern, each with its weight."""
    compiled: dict[str, tuple[DatePattern, int]] = {}
    written = set()
    for text in patterns:
        if text in written:
            raise FilterError(None, "datepattern", f"occurs twice: {text}")
        written.add(text)
        for pattern, weight in _expand(text):
            try:
                compiled.setdefault(pattern, (compile_datepattern(pattern, year), weight))
            except (ValueError, re.error, OverflowError) as error:
                raise FilterError(None, "datepattern", f"{error}: {pattern}") from error
    return list(compiled.values())


def _expand(text: str) -> list[tuple[str, int]]:
    """Turn one line of a datepattern into patterns with their weights."""
    if text == DEFAULT:
        return _defaults()
    if text == LINE_BEGIN:
        return [
            (pattern, weight)
            for pattern, weight in _defaults()
            if pattern.startswith((LINE_BEGIN, "^"))
        ]
    if DATE in text:
        return [(text.replace(DATE, _inner(pattern)), 1) for pattern in DEFAULT_PATTERNS]
    return [(text, 1)]


def _defaults() -> list[tuple[str, int]]:
    """Return the default list: at the line's start first, then anywhere."""
    begins = [
        (LINE_BEGIN + pattern, LINE_BEGIN_WEIGHT)
        for pattern in DEFAULT_PATTERNS
        if not pattern.startswith((LINE_BEGIN, "^"))
    ]
    return [*begins, *((pattern, 1) for pattern in DEFAULT_PATTERNS)]


def _inner(pattern: str) -> str:
    """Make a default form fit for the middle of another pattern."""
    if pattern in {EPOCH, LONG_EPOCH, TAI64N}:
        return f"{{{pattern}}}"
    return pattern.removeprefix(LINE_BEGIN).removeprefix("^")

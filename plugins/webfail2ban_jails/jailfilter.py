"""The sensor's half of a jail: which lines it looks at, and what it finds in them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import cast

from webfail2ban import (
    CutLine,
    DateDetector,
    Failure,
    Filter,
    FilterDefinition,
    FilterError,
    Finding,
    Found,
    Superset,
    UseDns,
    find_supersets,
    lint_filter,
    make_failure,
    parse_address,
    read_filter,
)
from webfail2ban_jails.settings import JailSettings, PatternSettings

#: The filters that come with webfail2ban, and those of a fail2ban beside it.
SHIPPED = Path(__file__).parent / "filter.d"
FAIL2BAN = Path("/etc/fail2ban/filter.d")

#: A live line's date that is further off than this, in seconds, is the fault of a clock or a
#: zone: the line was written now. fail2ban has the same limit.
CLOCK_TOLERANCE = 60.0

#: Characters of a line that are kept with a ban.
KEPT_LINE = 1000


def filter_dirs(own: Sequence[Path]) -> tuple[Path, ...]:
    """Return where filters are looked for, first to last."""
    return (*own, SHIPPED, *([FAIL2BAN] if FAIL2BAN.is_dir() else []))


def make_filters(
    name: str, settings: JailSettings, dirs: Sequence[Path], now: Callable[[], float]
) -> "list[JailFilter]":
    """Return what looks at lines for a jail: what finds failures, and what finds successes.

    Args:
        name: The jail's name.
        settings: Its settings.
        dirs: Where filters are looked for.
        now: The clock, in seconds since the epoch.

    Raises:
        FilterError: a filter can't be found, read or compiled.
    """
    if not settings.reads_lines:
        return []
    filters = [JailFilter(name, settings, dirs, now)]
    if settings.successregex:
        filters.append(JailFilter(name, settings, dirs, now, successes=True))
    return filters


class JailFilter:
    """A jail's filter.

    Args:
        name: The jail's name.
        settings: Its settings.
        dirs: Where filters are looked for.
        now: The clock, in seconds since the epoch.
        successes: Whether to find the successes instead, by the jail's ``successregex``.

    Raises:
        FilterError: the filter can't be found, read or compiled.
    """

    def __init__(
        self,
        name: str,
        settings: JailSettings,
        dirs: Sequence[Path],
        now: Callable[[], float],
        *,
        successes: bool = False,
    ) -> None:
        self.name = name
        self._now = now
        self._severity = 0 if successes else settings.severity
        self._findtime = settings.longest_findtime
        self._weights = _weigh(settings.failregex)
        definition = _definition(name, settings, dirs)
        if successes:
            self._weights = []
            definition = _successes(definition, settings)
        if settings.usedns:
            definition = replace(definition, usedns=UseDns(settings.usedns))
        self._filter = Filter(definition, now=now)
        self._sources = _any_of(settings.sources)
        self._programs = _any_of(settings.programs) if settings.programs else None

    @property
    def filter_name(self) -> str:
        """The filter's name; the jail's where the jail has expressions of its own."""
        return self._filter.definition.name

    @property
    def supersets(self) -> tuple[tuple[Superset, ...], ...]:
        """What lines hold in which each of the failregexes matches."""
        return find_supersets(self._filter)

    @property
    def fields(self) -> frozenset[str]:
        """The names of what is found beside the address, such as ``user``."""
        return self._filter.fields

    @property
    def datepattern(self) -> tuple[str, ...]:
        """The filter's date patterns: filters with the same ones can share their work."""
        return self._filter.definition.datepattern

    def lint(self) -> tuple[Finding, ...]:
        """Look for expressions that a hostile line can keep busy, or that a client can aim."""
        return lint_filter(self._filter.definition)

    def make_dates(self) -> DateDetector:
        """Return what finds the dates of one log's lines."""
        return DateDetector(self.datepattern, now=self._now)

    def looks_at(self, source: str, program: str) -> bool:
        """Whether lines of this source and program are for this jail.

        A line whose source doesn't tell the program is for every jail.
        """
        if not self._sources.fullmatch(source):
            return False
        return not program or self._programs is None or bool(self._programs.fullmatch(program))

    def note(self, cut: CutLine) -> None:
        """Remember the date of a line that means nothing else: the next one may have none."""
        self._filter.note(cut)

    def find(self, cut: CutLine, among: Sequence[int], *, live: bool) -> list[Failure]:
        """Find the failures in a line.

        Args:
            cut: The line with its date cut out.
            among: The failregexes that may match, by index and in ascending order.
            live: Whether it is read as it is written.
        """
        self._filter.live = live  # an old line without a date wasn't written now
        found = self._filter.find_cut(cut, among)
        if not found:
            return []
        now = self._now()
        return [failure for each in found if (failure := self._failure(each, now, live=live))]

    def _failure(self, found: Found, now: float, *, live: bool) -> Failure | None:
        host, time, regex, fields, lines = found
        if time is None:
            return None  # nobody knows when
        if (live and now - time > CLOCK_TOLERANCE) or time > now:
            time = now
        elif time < now - self._findtime:
            return None
        try:
            address = _parse_address(host)
        except ValueError:
            return None  # matched like an address and is none: 999.1.1.1
        weight = self._severity * self._weights[regex] if self._weights else self._severity
        if not self._filter.is_plain:
            fields = {name: value for name, value in fields.items() if isinstance(value, str)}
        if len(lines) != 1 or len(lines[0]) > KEPT_LINE:
            lines = tuple([text[:KEPT_LINE] for text in lines])
        texts = cast("Mapping[str, str]", fields)
        return make_failure(self.name, address, time, weight, lines, texts)


#: Reading an address takes as long as finding it, and who fails once fails often.
_parse_address = lru_cache(maxsize=4096)(parse_address)


def _weigh(patterns: Sequence[str | PatternSettings]) -> list[int]:
    """Return the failregexes' weights; none where all weigh the same."""
    weights = [
        pattern.severity if isinstance(pattern, PatternSettings) else 1 for pattern in patterns
    ]
    return weights if any(weight != 1 for weight in weights) else []


def _definition(name: str, settings: JailSettings, dirs: Sequence[Path]) -> FilterDefinition:
    if settings.filter is not None and settings.failregex:
        raise FilterError(None, "failregex", "a jail has a filter or a failregex, not both")
    if settings.filter is not None:
        return read_filter(settings.filter, dirs=dirs)
    if not settings.failregex:
        raise FilterError(None, None, "a jail needs a filter, a failregex or found_by")
    return FilterDefinition(
        name,
        failregex=tuple(
            pattern.regex if isinstance(pattern, PatternSettings) else pattern
            for pattern in settings.failregex
        ),
        ignoreregex=settings.ignoreregex,
        datepattern=settings.datepattern,
    )


def _successes(definition: FilterDefinition, settings: JailSettings) -> FilterDefinition:
    """Return the definition of a filter for the same log that finds successes."""
    return FilterDefinition(
        definition.name,
        failregex=settings.successregex,
        datepattern=definition.datepattern,
        usedns=definition.usedns,
        file=definition.file,
    )


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """Return an expression for what any of some shell patterns matches."""
    return re.compile("|".join(translate(pattern) for pattern in patterns))

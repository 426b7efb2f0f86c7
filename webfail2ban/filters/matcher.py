"""A compiled filter: one log line in, the failures that it tells out."""

import logging
import re
import time as clock
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from webfail2ban.errors import FilterError
from webfail2ban.filters.connections import NO_FAILURE, Connections
from webfail2ban.filters.datedetector import CutLine, DateDetector
from webfail2ban.filters.definition import FilterDefinition, UseDns
from webfail2ban.filters.expression import Expression, Fields, FieldValue
from webfail2ban.filters.farewells import is_farewell
from webfail2ban.filters.hosts import CachedResolver, canonical_host, parse_literal
from webfail2ban.filters.linebuffer import LineBuffer
from webfail2ban.filters.regex import compile_regex
from webfail2ban.notices import Notices

log = logging.getLogger(__name__)

#: How old the last date of a log may be, in seconds, to stand for a line without one.
LAST_DATE_SECONDS = 60

#: Fields with which a match means more than its address does.
MEANINGFUL = NO_FAILURE | {"mlfid", "fid", "cidr"}

#: With this many ignoreregexes less than failregexes it pays to try them first.
IGNORE_FIRST = 2


class Found(NamedTuple):
    """A failure that a filter found; a plain tuple because a flood brings many.

    Attributes:
        host: Who failed: an address in its one spelling, a network, or whatever text the filter
            takes for an id.
        time: When, in seconds since the epoch; None if nothing tells.
        regex: The index of the failregex that matched.
        fields: What the expressions' groups matched, by name: ``user``, ``fport``, ``ip4``, ...
        lines: The log lines that told it; one failure may take several.
    """

    host: str
    time: float | None
    regex: int
    fields: Mapping[str, FieldValue]
    lines: tuple[str, ...]


class Filter:
    """A filter for one log. It keeps state from line to line, so each log has its own.

    Args:
        definition: The filter's text.
        now: The clock, in seconds since the epoch.
        timezone: The zone of dates that don't name theirs; None for the process's local one.
        usedns: What to do with host names. By default what the filter says, and if it says
            nothing ``no``: an attacker owns his reverse DNS, so he could choose whom we ban.
        resolve: Turns a name into addresses and doesn't raise; by default the system's resolver,
            with a cache. Only asked with ``yes`` or ``warn``.
        dates: Finds the lines' dates. Filters with the same datepattern on the same log should
            share one; by default the filter makes its own.
        live: Whether lines are read as they are written. A line without a date was then written
            now; while an old log is read it has no date. May be changed at any time.

    Attributes:
        definition: The filter's text.
        dates: What finds the lines' dates.
        live: See above.
        prefregex: What every line has to match first, if there is such a thing.
        failregexes: One of these has to match for a failure.
        ignoreregexes: If one of these matches, it is none.
        is_plain: Whether a line is about an address and nothing else: no connection, no id of
            another kind. All fields are texts then.

    Raises:
        FilterError: An expression or a datepattern can't be compiled.
    """

    def __init__(  # noqa: PLR0913 - settings by name, each with a default
        self,
        definition: FilterDefinition,
        *,
        now: Callable[[], float] = clock.time,
        timezone: tzinfo | None = None,
        usedns: UseDns | None = None,
        resolve: Callable[[str], Sequence[str]] | None = None,
        dates: DateDetector | None = None,
        live: bool = True,
    ) -> None:
        self.definition = definition
        self.live = live
        self._now = now
        self._notices = Notices(log, now)
        self._usedns = usedns or definition.usedns or UseDns.NO
        self._resolve = resolve or CachedResolver()
        file = definition.file or definition.name
        try:
            self.dates = dates or DateDetector(definition.datepattern, now=now, timezone=timezone)
            self._compile(definition)
        except FilterError as error:
            raise FilterError(file, error.option, error.reason) from error
        self._connections = Connections()
        self._buffer = LineBuffer(definition.maxlines) if definition.maxlines > 1 else None
        self._last_date: float | None = None
        self._matched: tuple[re.Match[str], int] | None = None  # and where the searched part began

    def find(self, text: str, time: float | None = None) -> list[Found]:
        """Find the failures that a line tells, alone or with lines before it.

        Never raises, whatever the line holds.

        Args:
            text: The line without its line end.
            time: When it was written, if the log source knows: the text is then searched as it
                is, and no date is looked for. In seconds since the epoch.

        Returns:
            Mostly none or one; several where a name has several addresses.
        """
        text = text.rstrip("\r\n")
        if time is None:
            return self.find_cut(self.dates.cut(text))
        return self.find_cut(CutLine("", "", text, time))

    def find_cut(self, line: CutLine, among: Sequence[int] | None = None) -> list[Found]:
        """Do what `find` does with a line whose date was already cut out by `dates`.

        Args:
            line: The line.
            among: The failregexes that may match, by index and in ascending order, if somebody
                knows that no other does; all of them by default.
        """
        time = line.time
        if time is None:
            time = self.note(line)
        else:
            self._last_date = time
        if self._buffer is None:
            return self._search(line, f"{line.before}{line.after}\n", time, among)
        return self._search(line, self._buffer.push(line), time, among)

    def note(self, line: CutLine) -> float | None:
        """Remember the line's date, and return the one to use for it.

        This, and what `dates` keeps, is all that a line changes on which no failregex matches,
        unless the filter is `multiline`. So whoever knows that none will match may call this
        instead of `find_cut`.
        """
        if line.time is not None:
            self._last_date = line.time
            return line.time
        now = self._now()
        if self._last_date is not None and self._last_date > now - LAST_DATE_SECONDS:
            return self._last_date
        return now if self.live or line.undated else None

    @property
    def multiline(self) -> bool:
        """Whether a failure may span several lines, so that no line may be left out."""
        return self._buffer is not None

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that a failure may have."""
        expressions = [*self._expressions, *([self._prefix] if self._prefix else [])]
        return frozenset().union(*(expression.field_names for expression in expressions))

    def _compile(self, definition: FilterDefinition) -> None:
        names = self._usedns is not UseDns.NO
        multiline = definition.maxlines > 1

        def compiled(text: str, option: str) -> Expression:
            return Expression(compile_regex(text, option, names=names, multiline=multiline))

        self._prefix = compiled(definition.prefregex, "prefregex") if definition.prefregex else None
        self._expressions = [compiled(text, "failregex") for text in definition.failregex]
        self.prefregex = self._prefix.regex if self._prefix else None
        self.failregexes = tuple(expression.regex for expression in self._expressions)
        self._searches = [expression.search for expression in self._expressions]
        self._all = range(len(self._searches))
        has_id = self._prefix is not None and self._prefix.has_id
        for text, expression in zip(definition.failregex, self._expressions, strict=True):
            if not (has_id or expression.has_id):
                raise FilterError(None, "failregex", f"nothing tells who failed, no <HOST>: {text}")
        expressions = [*self._expressions, *([self._prefix] if self._prefix else [])]
        self.is_plain = all(
            MEANINGFUL.isdisjoint(each.field_names) and not each.has_tuples for each in expressions
        )
        self._key = self.prefregex.groupindex.get("mlfid", 0) if self.prefregex else 0
        self._farewells = frozenset(
            index
            for index, regex in enumerate(self.failregexes)
            if self._key and is_farewell(regex)
        )
        ignored = [compiled(text, "ignoreregex") for text in definition.ignoreregex]
        self.ignoreregexes = tuple(expression.regex for expression in ignored)
        self._ignores_first = 0 < len(ignored) < len(self._expressions) - IGNORE_FIRST

    def _ignores(self, text: str) -> bool:
        return any(regex.search(text) for regex in self.ignoreregexes)

    def _search(
        self, line: CutLine, text: str, time: float | None, among: Sequence[int] | None
    ) -> list[Found]:
        """Go through the expressions: the first failregex that matches decides."""
        if self._ignores_first and self._ignores(text):
            return []
        begin, offset = None, 0
        if self._prefix is not None:
            begin = self._prefix.search(text)
            if begin is None or (self._farewells and self._ends_nothing(begin, among)):
                return []
            place = self._prefix.content
            if place and (content := begin[place]):
                text, offset = content + "\n", begin.start(place)
        for index in self._all if among is None else among:
            match = self._searches[index](text)
            if match is not None:
                self._matched = match, offset
                found = self._tell(line, begin, index, time)
                if found is not None:
                    return found
        return []

    def _tell(
        self, line: CutLine, begin: re.Match[str] | None, index: int, time: float | None
    ) -> list[Found] | None:
        """Return the failures that a match tells; None if it names nobody, as if it were none.

        Args:
            line: The line.
            begin: What the prefregex matched.
            index: The index of the failregex that matched.
            time: When it was.
        """
        assert self._matched is not None  # noqa: S101 - that is why it is told
        match, offset = self._matched
        prefix, expression = self._prefix, self._expressions[index]
        if self._buffer is None:
            lines: tuple[str, ...] = (line.before + line.date + line.after,)
        else:
            lines = self._buffer.take(match, offset, expression.skipped)
        if self.ignoreregexes and self._ignores(match.string):
            return []
        fields = expression.fields(match)
        if prefix is not None and begin is not None and prefix.has_fields:
            fields = {**prefix.fields(begin), **fields}
        if self.is_plain:  # what `_judge` comes to, where nothing but an address counts
            literal = fields.get("ip4") or fields.get("ip6")
            if isinstance(literal, str):
                values = canonical_host(literal), time, index, fields, lines
                return [tuple.__new__(Found, values)]  # a call less than `Found(...)`
        verdict = self._judge(fields, lines)
        if verdict is None:
            return None
        hosts, fields, lines = verdict
        return [Found(host, time, index, fields, lines) for host in hosts]

    def _ends_nothing(self, begin: re.Match[str], among: Sequence[int] | None) -> bool:
        """Tell whether a line can only end a connection of which nothing is remembered."""
        if among is None or len(among) != 1 or among[0] not in self._farewells:
            return False
        return begin[self._key] not in self._connections

    def _judge(
        self, fields: Fields, lines: tuple[str, ...]
    ) -> tuple[Sequence[str], Fields, tuple[str, ...]] | None:
        """Turn a match into failures.

        Returns:
            Who failed, with fields and lines; None if the match names nobody, as if it were none.
        """
        connection = None
        key = fields.get("mlfid")
        if isinstance(key, str):
            connection = self._connections.add(key, fields, lines, self._now())
            if connection.quiet:
                return (), fields, lines
            fields, lines = dict(connection.fields), connection.lines
        elif not NO_FAILURE.isdisjoint(fields):
            return (), fields, lines
        hosts = self._hosts(fields)
        if hosts is None and connection is not None:
            connection.pending = True
            return (), fields, lines
        return None if hosts is None else (hosts, fields, lines)

    def _hosts(self, fields: Fields) -> Sequence[str] | None:
        """Return who failed, None if no field tells. Adds the field `ip` to another id."""
        literal = fields.get("ip4") or fields.get("ip6")
        name = fields.get("dns")
        identity = fields.get("fid")
        if identity is not None:
            return [self._name_id(fields, identity, literal or name)]
        if literal is not None:
            cidr = fields.get("cidr")
            return [canonical_host(str(literal), None if cidr is None else str(cidr))]
        return None if name is None else self._named_hosts(str(name))

    @staticmethod
    def _name_id(fields: Fields, identity: FieldValue, address: FieldValue | None) -> str:
        if not isinstance(identity, str):
            host = ",".join(part or "" for part in identity)
        else:
            host = canonical_host(identity)
        if address is not None and str(address) != host:
            fields["ip"] = canonical_host(str(address))
        return host

    def _named_hosts(self, name: str) -> Sequence[str]:
        if self._usedns is UseDns.RAW:
            return [name]
        if parse_literal(name) is not None:
            return [canonical_host(name)]
        if self._usedns is UseDns.NO:
            return []
        addresses = self._resolve(name)
        if self._usedns is UseDns.WARN:
            self._notices.warn(
                "filter %s: the log names %r instead of an address; taken for %s",
                self.definition.name,
                name,
                ", ".join(addresses) or "nobody, it has no address",
            )
        return addresses

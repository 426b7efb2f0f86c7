"""A filter that says what it did with a line, for people who look for mistakes in filters."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from webfail2ban.filters.datedetector import CutLine
from webfail2ban.filters.matcher import Filter, Found

#: The groups that tell who failed; the first that took part decides.
HOST_GROUPS = ("fid", "ip4", "ip6", "dns")


class Trace(NamedTuple):
    """What became of one line; a plain tuple because one is made for every line.

    Attributes:
        found: The failures.
        ignored: Whether an ignoreregex took it back.
        regex: The index of the failregex that matched last, None if none did. Without a failure
            the line was a helper: it names a connection's client, or forgives a failure.
    """

    found: Sequence[Found]
    ignored: bool
    regex: int | None


NOTHING = Trace((), ignored=False, regex=None)
IGNORED = Trace((), ignored=True, regex=None)


class TracedFilter(Filter):
    """Finds what a `Filter` finds, and knows how until the next line."""

    _text = ""
    _ignored = False

    def trace(self, line: CutLine) -> Trace:
        """Do what `find_cut` does, and tell what became of the line."""
        self._forget()
        found = self.find_cut(line)
        if self._matched is None:
            return IGNORED if self._ignored else NOTHING
        match, _ = self._matched
        return Trace(found, self._ignored, self.failregexes.index(match.re))

    def overlaps(self) -> tuple[int, ...]:
        """Return the indices of all failregexes that match the line that was traced last."""
        prefix = self._search_prefix()
        if self.prefregex is not None and prefix is None:
            return ()
        content = prefix["content"] if prefix and "content" in prefix.re.groupindex else None
        text = f"{content}\n" if content else self._text
        return tuple(index for index, regex in enumerate(self.failregexes) if regex.search(text))

    def locate_host(self, line: CutLine) -> tuple[int, int] | None:
        """Return from where to where the line tells who failed.

        Args:
            line: The line that was traced last.

        Returns:
            None if nothing matched, or if an earlier line of the connection tells it.
        """
        if self._matched is None:
            return None
        match, offset = self._matched
        # Of several lines that were searched at once, this one is the last.
        begin = len(self._text) - len(line.before) - len(line.after) - 1
        span = _host_span(match, offset - begin) or _host_span(self._search_prefix(), -begin)
        if span is None or span[0] < 0:
            return None
        start, end = span
        cut, size = len(line.before), len(line.date)
        return start + size * (start >= cut), end + size * (end > cut)

    def _forget(self) -> None:
        self._ignored = False
        self._matched = None

    def _search(
        self, line: CutLine, text: str, time: float | None, among: Sequence[int] | None
    ) -> list[Found]:
        self._text = text
        return super()._search(line, text, time, among)

    def _ignores(self, text: str) -> bool:
        ignored = super()._ignores(text)
        self._ignored = self._ignored or ignored
        return ignored

    def _search_prefix(self) -> re.Match[str] | None:
        return self.prefregex.search(self._text) if self.prefregex else None


def _host_span(match: re.Match[str] | None, shift: int) -> tuple[int, int] | None:
    """Return the place of the first group that tells who failed, moved by `shift`."""
    if match is None:
        return None
    for group in HOST_GROUPS:
        if group in match.re.groupindex and match[group]:
            start, end = match.span(group)
            return start + shift, end + shift
    return None

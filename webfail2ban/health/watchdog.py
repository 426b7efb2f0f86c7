"""Says in words what is wrong: an engine that hears nothing must not look like a quiet night.

The watchdog looks at what plugins say of themselves, again and again, and knows what it saw
before: a source that has gone silent is one that used to bring lines.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import exp

from webfail2ban.addresses import Address
from webfail2ban.config import show_duration
from webfail2ban.statuses import JailStatus, SourceStatus, Status

log = logging.getLogger(__name__)

#: Seconds between two looks.
PAUSE = 60.0

#: What changes in a problem's words from look to look while it stays the same problem.
NUMBERS = re.compile(r"\d[\w.,%]*")

#: Lines without a date that parses before it is said: one odd line is no broken date pattern.
ENOUGH_LINES = 20

#: Seconds by which stamps may be off: as far as fail2ban lets a clock be off.
CLOCK_TOLERANCE = 60.0

#: A minute's rounding of a clock's offset, in seconds: nobody wants "59 min 58 s".
MINUTE = 60

#: Failures before somebody's share in them is worth a word, and the share.
ENOUGH_FAILURES = 20
LOUD = 0.95

#: The same for an address of the Internet: it takes more, for one attacker may well be the only one
#: of a quiet night.
MANY_FAILURES = 200

#: A source is silent when so many lines should have come since its last one, and so much time, in
#: seconds, has passed: nights are quieter than days. What it used to bring is known once it was
#: heard for that long: one burst says nothing of the next minutes.
EXPECTED_LINES = 100
SHORTEST_SILENCE = 600.0

#: Seconds that a source's rate remembers.
MEMORY = 3600.0


@dataclass(slots=True)
class _Seen:
    """What a source did up to the last look that found new lines.

    Attributes:
        lines: How many it had brought then.
        at: When that look was.
        came: The lines that it brought, those of long ago counting for less.
        span: The seconds in which it brought them, likewise.
    """

    lines: int
    at: float
    came: float = 0.0
    span: float = 0.0

    def note(self, lines: int, now: float) -> None:
        """Note that it has brought lines."""
        fade = exp(-(now - self.at) / MEMORY)
        self.came = self.came * fade + lines - self.lines
        self.span = self.span * fade + now - self.at
        self.lines, self.at = lines, now

    @property
    def rate(self) -> float | None:
        """The lines that it brings a second; None if it hasn't been heard for long enough."""
        return self.came / self.span if self.span >= SHORTEST_SILENCE else None


class Watchdog:
    """Finds what is wrong.

    Args:
        now: The clock, in seconds since the epoch.
        collect: Asks all plugins how they stand, by name.
        is_trusted: Tells the operator's own proxies, which are never banned.

    Attributes:
        problems: What the last look found: one sentence each, beginning with who has it.
    """

    def __init__(
        self,
        now: Callable[[], float],
        collect: Callable[[], Mapping[str, Status]],
        is_trusted: Callable[[Address], bool] = lambda _: False,
    ) -> None:
        self._now = now
        self._collect = collect
        self._is_trusted = is_trusted
        self._seen: dict[str, _Seen] = {}
        self.problems: tuple[str, ...] = ()

    def watch(self, sleep: Callable[[float], object]) -> None:
        """Look again and again, for ever; log what goes wrong, and what is well again.

        Args:
            sleep: Waits for so many seconds.
        """
        known: dict[str, str] = {}
        while True:
            sleep(PAUSE)
            found = {NUMBERS.sub("", problem): problem for problem in self.look()}
            for problem in found.keys() - known:
                log.warning("%s", found[problem])
            for problem in known.keys() - found:
                log.info("no longer so: %s", known[problem])
            known = found

    def look(self) -> tuple[str, ...]:
        """Look once; return what is wrong."""
        self.problems = tuple(self._find(self._collect()))
        return self.problems

    def _find(self, statuses: Mapping[str, Status]) -> Iterator[str]:
        sources = {source.name: source for status in statuses.values() for source in status.sources}
        for name in self._seen.keys() - sources:
            del self._seen[name]
        for plugin, status in statuses.items():
            yield from (f"{plugin}: {problem}" for problem in status.problems)
            for source in status.sources:
                yield from self._find_silence(source)
            for jail in status.jails:
                yield from self._find_blindness(jail)

    def _find_silence(self, source: SourceStatus) -> Iterator[str]:
        now = self._now()
        seen = self._seen.setdefault(source.name, _Seen(source.lines, now))
        came, passed = source.lines - seen.lines, now - seen.at
        if came < 0:  # a new sensor counts from the beginning
            seen.lines = source.lines
        elif came and passed > 0:
            seen.note(source.lines, now)
        silence = now - max(source.last_line or 0.0, seen.at)
        rate = seen.rate
        if rate and silence >= SHORTEST_SILENCE and silence * rate >= EXPECTED_LINES:
            used = _count(max(round(rate * MINUTE), 1))
            yield (
                f"{source.name}: no line for {_show_about(silence)} from a source that used to "
                f"bring {used} a minute"
            )

    def _find_blindness(self, jail: JailStatus) -> Iterator[str]:
        if jail.undated >= ENOUGH_LINES and not jail.dated:
            yield f"{jail.name}: {_count(jail.lines)} lines, none with a date that parses"
        offset = jail.clock_offset
        if offset is not None and abs(offset) > CLOCK_TOLERANCE:
            direction = "behind" if offset > 0 else "ahead of"
            yield (
                f"{jail.name}: stamps are {_show_about(abs(offset))} {direction} this machine's "
                "clock"
            )
        if jail.loudest is not None and jail.loudest_share >= LOUD:
            yield from self._find_loudest(jail, jail.loudest)

    def _find_loudest(self, jail: JailStatus, address: Address) -> Iterator[str]:
        trusted = self._is_trusted(address)
        hits = jail.failures + jail.ignored
        if hits < (MANY_FAILURES if address.is_global and not trusted else ENOUGH_FAILURES):
            return
        share = "all" if jail.loudest_share >= 1 else f"{jail.loudest_share:.0%} of the"
        text = f"{jail.name}: {share} hits are from {address}"
        if trusted:
            yield f"{text}, which is a trusted proxy: the log doesn't tell the clients' addresses"
        else:
            yield f"{text}: is that a proxy, and does the log tell the clients' addresses?"


def _count(number: int) -> str:
    return f"{number:,}"


def _show_about(seconds: float) -> str:
    """Write a duration to the minute."""
    return show_duration(max(round(seconds / MINUTE), 1) * MINUTE)

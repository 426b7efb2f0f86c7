"""The plugin: takes note at once, and has it counted when HAProxy has its answer."""

from collections import deque
from collections.abc import Iterator
from difflib import get_close_matches
from math import inf

from gevent.event import Event

from webfail2ban import (
    Engine,
    Failure,
    Metric,
    Offers,
    Query,
    SettingsProblem,
    Status,
    hookimpl,
)
from webfail2ban_observe.rules import Observed, read_values
from webfail2ban_observe.settings import ObserveSettings

#: Failures that wait to be counted at most, of some 2 KB each. It takes a flood to get there.
MOST_WAITING = 10_000

#: Failures that are counted before verdicts get their turn: about half a millisecond.
AT_ONCE = 20

#: Seconds for which it is said that failures were dropped: a flood that is over is no problem.
RECENT = 600.0

#: The message that asks for verdicts in the configurations that we ship.
QUESTION = "check-ip"


class Observe:
    """Failures that HAProxy saw.

    Attributes:
        waiting: Failures that are to be counted.
        dropped: How many were not, because too many waited.
    """

    Settings = ObserveSettings

    def __init__(self) -> None:
        self._observed: dict[str, list[Observed]] = {}
        self._engine: Engine | None = None
        self._arrived = Event()
        self.waiting: deque[Failure] = deque()
        self.dropped = 0
        self._dropped_at = -inf

    @hookimpl
    def check_settings(
        self, settings: ObserveSettings, offers: Offers
    ) -> Iterator[SettingsProblem]:
        """Find a message that had better ask, and what is counted for nobody."""
        for jail, written in settings.root.items():
            if offers.jails is not None and jail not in offers.jails:
                alike = get_close_matches(jail, offers.jails, n=1)
                hint = f"; did you mean {alike[0]}?" if alike else ""
                said = f"is no jail in use, and bans nobody{hint}"
                yield SettingsProblem((jail,), said, warning=True)
            if written.message == QUESTION:
                said = f"is {QUESTION}, which asks for verdicts: there would be none any more"
                yield SettingsProblem((jail, "message"), said)

    @hookimpl
    def configure(self, settings: ObserveSettings) -> None:
        """Make the rules."""
        for jail, written in settings.root.items():
            self._observed.setdefault(written.message, []).append(Observed(jail, written))

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Count what comes, from now on."""
        self._engine = engine
        engine.spawn(self._count_forever)

    @hookimpl
    def observe(self, query: Query) -> bool:
        """Take note of a message; what it counts for is counted afterwards."""
        jails = self._observed.get(query.message)
        if jails is None:
            return False
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        values, now = read_values(query), self._engine.now()
        for jail in jails:
            failure = jail.find(query, values, now)
            if failure is None:
                continue
            if len(self.waiting) >= MOST_WAITING:
                self.dropped += 1
                self._dropped_at = now
                continue
            self.waiting.append(failure)
            self._arrived.set()
        return True

    @hookimpl
    def status(self) -> Status:
        """Tell what was counted."""
        every = [jail for jails in self._observed.values() for jail in jails]
        return Status(
            problems=tuple(self._find_problems()),
            metrics=(
                Metric(
                    "observe_failures_total",
                    "Failures that HAProxy saw.",
                    [({"jail": jail.jail}, jail.failures) for jail in every],
                ),
                Metric(
                    "observe_successes_total",
                    "Successes that HAProxy saw.",
                    [({"jail": jail.jail}, jail.successes) for jail in every],
                ),
                Metric(
                    "observe_dropped_total",
                    "Failures that were not counted, because too many waited.",
                    [({}, self.dropped)],
                ),
            ),
            details={
                "waiting": len(self.waiting),
                "jails": {
                    jail.jail: {"failures": jail.failures, "successes": jail.successes}
                    for jail in every
                },
            },
        )

    @hookimpl
    def stop_engine(self) -> None:
        """Have counted what waits."""
        while self.waiting:
            self._count()

    def _find_problems(self) -> Iterator[str]:
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        if abs(self._engine.now() - self._dropped_at) < RECENT:
            yield f"{self.dropped} failures were not counted: too many came at once"

    def _count_forever(self) -> None:
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        while True:
            self._arrived.wait()
            self._arrived.clear()
            while self.waiting:
                self._count()
                self._engine.give_way()

    def _count(self) -> None:
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        batch = [self.waiting.popleft() for _ in range(min(AT_ONCE, len(self.waiting)))]
        self._engine.count_failures(batch)

"""Ask the plugins, isolated from each other, and make one verdict of what they say."""

from collections import Counter
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from gevent import Timeout, get_hub

from webfail2ban.hosting.holdups import LONGEST
from webfail2ban.hosting.isolation import FAULTS, Isolation
from webfail2ban.hosting.loader import Plugins
from webfail2ban.model import Opinion, Query, Stance, Verdict
from webfail2ban.verdicts.scoring import Said, Scoring

#: The verdict on most clients: nobody says anything.
PASSES = Verdict()

#: What adds to a score, where a ban isn't one.
SCORING = (Stance.SCORE, Stance.BAN)


class PluginTooSlowError(TimeoutError):
    """A plugin waited for something longer than ``verdict.timeout``."""

    def __str__(self) -> str:
        """Say so."""
        return "it gave no opinion in time"


class Chain:
    """The plugins' opinions, combined.

    Args:
        plugins: The loaded plugins, in the order in which they are asked.
        isolation: Takes the failures.
        scoring: How they add up.
        timeout: Seconds that a plugin may wait; one that computes can't be interrupted.
        heard: Counts the opinions by plugin and stance; remembered ones aren't heard again.

    Attributes:
        scoring: As above.
    """

    def __init__(
        self,
        plugins: Plugins,
        isolation: Isolation,
        *,
        scoring: Scoring,
        timeout: float,
        heard: Counter[tuple[str, Stance]] | None = None,
    ) -> None:
        self._askers = plugins.implementers("opinion")
        self._heard = Counter() if heard is None else heard
        self._isolation = isolation
        self._holdups = isolation.holdups
        self.scoring = scoring
        self._timeout = timeout

    def judge(self, query: Query) -> Verdict:
        """Give the verdict on a query. Never raises, whatever a plugin does."""
        said: list[Said] = []
        complete = True
        timer = Timeout.start_new(self._timeout, PluginTooSlowError())
        loop: Any = get_hub().loop
        now = perf_counter()
        try:
            for name, ask in self._askers:
                began, rounds, late = now, loop.iteration, False
                try:
                    opinion = ask(query=query)
                    if opinion is not None:
                        said.append((name, _checked(opinion)))
                        self._heard[name, opinion.stance] += 1
                except FAULTS as error:
                    self._isolation.failed(name, "opinion", error)
                    complete = False
                    late = not timer.pending  # it fired
                now = perf_counter()
                if now - began >= LONGEST:
                    late |= self._holdups.end((began, rounds), name, "opinion")
                if late:  # the others get their time too
                    timer.close()
                    timer = Timeout.start_new(self._timeout, PluginTooSlowError())
        finally:
            timer.close()
        return combine(said, self.scoring, complete=complete)


def _checked(opinion: object) -> Opinion:
    if isinstance(opinion, Opinion):
        return opinion
    raise TypeError(f"{opinion!r:.100} is no Opinion")


def combine(said: Iterable[Said], scoring: Scoring, *, complete: bool = True) -> Verdict:
    """Make a verdict: an allow wins over everything, then a ban, then the sum of the scores.

    Args:
        said: Each plugin's name and opinion.
        scoring: How they add up.
        complete: Whether every plugin could be heard; if not, the verdict holds only once.
    """
    opinions = tuple(said)
    if complete and not opinions:
        return PASSES
    valid_until = min(
        (opinion.until if opinion.remember else 0.0 for _, opinion in opinions),
        default=float("inf"),
    )
    if not complete:
        valid_until = 0.0
    variables = _variables(opinions)
    for name, opinion in opinions:
        if opinion.stance is Stance.ALLOW:
            return Verdict(
                score=scoring.score(opinions) if scoring.of_allowed else 0,
                reason=opinion.reason or f"allowed by {name}",
                opinions=opinions,
                valid_until=valid_until,
                variables=variables,
            )
    bans = [(name, opinion) for name, opinion in opinions if scoring.is_ban(name, opinion)]
    if bans:
        name, last = max(bans, key=lambda ban: ban[1].until)
        return Verdict(
            banned=True,
            score=scoring.highest,
            reason=last.reason or f"banned by {name}",
            jail=last.jail,
            until=last.until,
            opinions=opinions,
            valid_until=valid_until,
            variables=variables,
        )
    # Whatever bans now is a ban that counts as points.
    scores = [opinion for _, opinion in opinions if opinion.stance in SCORING]
    total = scoring.add_up(opinions)
    banned = bool(scores) and total >= scoring.threshold
    return Verdict(
        banned=banned,
        score=min(total, scoring.highest),
        reason="; ".join(opinion.reason for opinion in scores if opinion.reason),
        until=min(opinion.until for opinion in scores) if banned else 0,
        opinions=opinions,
        valid_until=valid_until,
        variables=variables,
    )


def _variables(opinions: Iterable[Said]) -> tuple[tuple[str, str | int | None], ...]:
    """Return the plugins' variables; of several of one name the first."""
    found: dict[str, str | int | None] = {}
    for _, opinion in opinions:
        for name, value in opinion.variables.items():
            found.setdefault(name, value)
    return tuple(found.items()) if found else ()

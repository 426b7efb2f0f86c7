"""Rounds: every server in turn, again and again, so that a slow minute slows them all.

The speed of a machine that is shared with others changes from minute to minute by more than the
servers differ. Therefore a figure is the median of its rounds, and a ratio is taken within each
round, between neighbours in time, before the median of the ratios is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from operator import attrgetter
from statistics import median

from bench.generator import Load, Measurement, Tools
from bench.servers import Server

# Before the first round: every client is asked about some times, so that whoever remembers answers
# has them all. Without it, the first round at 1 outstanding would measure first questions.
_FIRST = Load(outstanding=20, seconds=2.0, warm_up=0.0)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server, and what happens to it while it is asked.

    Attributes:
        name: As the table calls it.
        server: The server, which runs.
        disturbance: Makes a context; what it does goes on while the load lasts.
    """

    name: str
    server: Server
    disturbance: Callable[[], AbstractContextManager[object]] = field(default=nullcontext)


@dataclass(frozen=True, slots=True)
class Results:
    """The measurements of all rounds, by contestant and by NOTIFYs outstanding."""

    measurements: Mapping[tuple[str, int], Sequence[Measurement]]

    def of(self, name: str, outstanding: int) -> Sequence[Measurement]:
        """Return a contestant's measurements, one a round."""
        return self.measurements[name, outstanding]

    def has(self, name: str, outstanding: int) -> bool:
        """Whether a contestant took part."""
        return (name, outstanding) in self.measurements

    def median(self, name: str, outstanding: int, figure: str) -> float:
        """Return the median of a figure over the rounds, the quiet ones if there are any.

        Args:
            name: The contestant.
            outstanding: The load.
            figure: An attribute of `Measurement`, `rate` or `shares.server`.
        """
        measured = self.of(name, outstanding)
        figures = map(attrgetter(figure), [one for one in measured if one.quiet] or measured)
        return float(median(figures))

    def ratio(self, name: str, other: str, outstanding: int) -> float:
        """Return the median over the rounds of one contestant's rate to another's."""
        pairs = list(zip(self.of(name, outstanding), self.of(other, outstanding), strict=True))
        quiet = [pair for pair in pairs if pair[0].quiet and pair[1].quiet]
        return median(mine.rate / its.rate for mine, its in quiet or pairs)


def play(
    contestants: Sequence[Contestant],
    tools: Tools,
    loads: Sequence[Load],
    rounds: int,
    progress: Callable[[str], None],
) -> Results:
    """Warm all up, then measure every contestant under every load, that many times.

    Args:
        contestants: Who; in this order.
        tools: The load generator.
        loads: How much at once.
        rounds: How often.
        progress: Gets a line after each measurement.
    """
    for contestant in contestants:
        progress(f"warming up {contestant.name}")
        server = contestant.server
        tools.measure(server.process.pid, server.address, server.clients, _FIRST)
    measured: dict[tuple[str, int], list[Measurement]] = defaultdict(list)
    for number, load, contestant in _schedule(contestants, loads, rounds):
        server = contestant.server
        with contestant.disturbance():
            one = tools.measure(server.process.pid, server.address, server.clients, load)
        measured[contestant.name, load.outstanding].append(one)
        progress(
            f"round {number}, {load.outstanding:2} outstanding, {contestant.name}: "
            f"{one.rate:,.0f}/s" + ("" if one.quiet else " (others needed the machine)")
        )
    return Results(measured)


def _schedule(
    contestants: Sequence[Contestant], loads: Sequence[Load], rounds: int
) -> Iterator[tuple[int, Load, Contestant]]:
    for number in range(1, rounds + 1):
        for load in loads:
            for contestant in contestants:
                yield number, load, contestant

"""What Prometheus reads: every number that says how the program does.

Everything is read where it is counted at the moment somebody asks; nothing is counted twice, and
verdicts pay nothing for it. Labels come from the configuration, never from a client, so that the
number of series is bounded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from webfail2ban.statuses import Status
from webfail2ban.verdicts.tally import BOUNDS, Tally

PREFIX = "webfail2ban_"

#: Ends a counter's name.
TOTAL = "_total"

Family = CounterMetricFamily | GaugeMetricFamily

#: The labels' values, and the number.
Samples = Iterable[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Number:
    """A family of numbers that somebody counts.

    Attributes:
        name: Without prefix; a counter's ends in ``_total``.
        help: One sentence.
        read: Returns the value of each combination of the labels' values.
        labels: The labels' names.
    """

    name: str
    help: str
    read: Callable[[], Samples]
    labels: tuple[str, ...] = ()


def single(read: Callable[[], float]) -> Callable[[], Samples]:
    """Read a number without labels."""
    return lambda: [((), read())]


class Metrics(Collector):
    """Collects all numbers.

    Args:
        version: The program's version.
        tally: The verdicts.
        numbers: Further numbers.
        statuses: Asks all plugins how they stand, by name.
    """

    def __init__(
        self,
        version: str,
        tally: Tally,
        numbers: Iterable[Number],
        statuses: Callable[[], Mapping[str, Status]],
    ) -> None:
        self._version = version
        self._tally = tally
        self._numbers = tuple(numbers)
        self._statuses = statuses

    def collect(self) -> Iterator[Metric]:
        """Read everything."""
        yield InfoMetricFamily(
            PREFIX.rstrip("_"), "The program that runs.", {"version": self._version}
        )
        yield from _verdicts(self._tally)
        for number in self._numbers:
            yield _family(number)
        statuses = self._statuses()
        for number in (*_jails(statuses), *_sources(statuses)):
            yield _family(number)
        yield from _plugins(statuses)


def _family(number: Number) -> Family:
    counts = number.name.endswith(TOTAL)
    kind = CounterMetricFamily if counts else GaugeMetricFamily
    family: Family = kind(PREFIX + number.name, number.help, labels=number.labels)
    for labels, value in sorted(number.read()):
        family.add_metric(labels, value)
    return family


def _verdicts(tally: Tally) -> Iterator[Metric]:
    outcomes = CounterMetricFamily(
        PREFIX + "verdicts_total", "Verdicts that proxies got.", labels=["outcome"]
    )
    outcomes.add_metric(["banned"], tally.banned)
    outcomes.add_metric(["passed"], tally.verdicts - tally.banned)
    yield outcomes
    bounds = [*map(str, BOUNDS), "+Inf"]
    histogram = HistogramMetricFamily(
        PREFIX + "verdict_seconds", "From reading a question to writing its verdict."
    )
    buckets = list(zip(bounds, accumulate(tally.latencies), strict=True))
    histogram.add_metric([], buckets, tally.seconds)
    yield histogram


def _jails(statuses: Mapping[str, Status]) -> Iterator[Number]:
    jails = [jail for status in statuses.values() for jail in status.jails]

    def read(attribute: str) -> Callable[[], Samples]:
        return lambda: [((jail.name,), getattr(jail, attribute)) for jail in jails]

    for name, attribute, text in (
        ("jail_lines_total", "lines", "Log lines in the logs that a jail looks at."),
        ("jail_matches_total", "matches", "Lines in which its filter found a failure."),
        ("jail_undated_lines_total", "undated", "Lines in which no date could be read."),
        ("jail_slow_lines_total", "slow", "Lines that were given up: they took too long."),
        ("jail_failures_total", "failures", "Failures that were counted."),
        (
            "jail_ignored_failures_total",
            "ignored",
            "Failures that were not: ignored, banned.",
        ),
        ("jail_bans_total", "bans", "Bans that a jail made."),
        ("jail_counted_clients", "counted", "Clients that a jail keeps count of."),
    ):
        yield Number(name, text, read(attribute), ("jail",))
    yield Number(
        "jail_clock_offset_seconds",
        "How far the lines' stamps lie behind this machine's clock.",
        lambda: [
            ((jail.name,), jail.clock_offset) for jail in jails if jail.clock_offset is not None
        ],
        ("jail",),
    )


def _sources(statuses: Mapping[str, Status]) -> Iterator[Number]:
    sources = [source for status in statuses.values() for source in status.sources]
    yield Number(
        "source_lines_total",
        "Lines of a source since the sensor's start.",
        lambda: [((source.name,), source.lines) for source in sources],
        ("source",),
    )
    yield Number(
        "source_dropped_lines_total",
        "Lines that a source lost or refused.",
        lambda: [((source.name,), source.dropped) for source in sources],
        ("source",),
    )
    yield Number(
        "source_last_line_timestamp_seconds",
        "When the last line came.",
        lambda: [
            ((source.name,), source.last_line) for source in sources if source.last_line is not None
        ],
        ("source",),
    )


def _plugins(statuses: Mapping[str, Status]) -> Iterator[Metric]:
    """Yield the plugins' own numbers, each with the label ``plugin``."""
    families: dict[str, Family] = {}
    for plugin, status in statuses.items():
        for metric in status.metrics:
            names = sorted({name for labels, _ in metric.samples for name in labels})
            number = Number(metric.name, metric.help, tuple, ("plugin", *names))
            family = families.setdefault(f"{metric.name} {names}", _family(number))
            for labels, value in metric.samples:
                family.add_metric([plugin, *(labels.get(name, "") for name in names)], value)
    yield from families.values()

"""What was measured: as a table for people, and as JSON for machines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.rounds import Results

SINK = "C sink"
BOUND = "constant ACK, gevent"
ENGINE = "webfail2ban"
CHANGING = "webfail2ban, bans changing"
HAPROXYSPOA = "haproxyspoa"

#: Verdicts a second to reach with so many outstanding, or else this share of the bound.
GOALS = {1: 60_000, 20: 400_000}
GOAL_OF_BOUND = 0.7

GOAL_P99 = 1000.0  # microseconds
GOAL_COST_OF_CHANGES = 0.1
GOAL_MEGABYTES = 120.0


@dataclass(frozen=True, slots=True)
class Row:
    """A contestant under one load: medians, microseconds, CPU in cores.

    Attributes:
        of_bound: The rate as a share of the bound's; None if the bound was not measured.
        max_us: The slowest answer of all rounds.
        rates: The rate of each round.
        quiet_rounds: In how many nobody else needed the machine.
        faults: Wrong verdicts, protocol errors and lost answers of all rounds.
    """

    server: str
    outstanding: int
    rate: float
    of_bound: float | None
    p50_us: float
    p99_us: float
    p999_us: float
    max_us: float
    server_cpu: float
    helpers_cpu: float
    generator_cpu: float
    others_cpu: float
    pipelining: bool
    faults: int
    quiet_rounds: int
    rates: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach, and whether it was."""

    reached: bool
    sentence: str


def make_row(results: Results, name: str, outstanding: int) -> Row:
    """Sum up one contestant under one load."""
    measured = results.of(name, outstanding)

    def middle(figure: str, digits: int = 2) -> float:
        return round(results.median(name, outstanding, figure), digits)

    bound = results.ratio(name, BOUND, outstanding) if results.has(BOUND, outstanding) else None
    return Row(
        server=name,
        outstanding=outstanding,
        rate=middle("rate", 0),
        of_bound=None if bound is None else round(bound, 3),
        p50_us=middle("p50"),
        p99_us=middle("p99"),
        p999_us=middle("p999"),
        max_us=max(one.largest for one in measured),
        server_cpu=middle("shares.server"),
        helpers_cpu=middle("shares.helpers"),
        generator_cpu=middle("generator_cpu"),
        others_cpu=middle("shares.others"),
        pipelining=all(one.pipelining for one in measured),
        faults=sum(one.faults for one in measured),
        quiet_rounds=sum(one.quiet for one in measured),
        rates=tuple(one.rate for one in measured),
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = (
        "| server | outstanding | verdicts/s | of bound | p50 µs | p99 µs | p99.9 µs | max µs "
        "| server CPU | its children | generator CPU | others | quiet rounds | faults |"
    )
    rule = "| :-- |" + " --: |" * (head.count("|") - 2)
    return "\n".join([head, rule, *map(_line, rows)])


def _line(row: Row) -> str:
    cells = (
        row.server,
        row.outstanding,
        f"{row.rate:,.0f}",
        "" if row.of_bound is None else f"{row.of_bound:.2f}",
        *(f"{us:,.0f}" for us in (row.p50_us, row.p99_us, row.p999_us, row.max_us)),
        *(f"{cpu:.2f}" for cpu in (row.server_cpu, row.helpers_cpu, row.generator_cpu)),
        f"{row.others_cpu:.2f}",
        f"{row.quiet_rounds}/{len(row.rates)}",
        row.faults,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def evidence(results: Results, names: Sequence[str], outstanding: int) -> Iterator[str]:
    """Yield why the generator isn't what limits the others, or that it is."""
    if SINK not in names:
        return
    for name in names:
        if name == SINK:
            continue
        room = 1 / results.ratio(name, SINK, outstanding)
        server = results.median(name, outstanding, "shares.server")
        generator = results.median(name, outstanding, "generator_cpu")
        verdict = "is not" if generator < server and room > 1 else "MAY BE"
        yield (
            f"{outstanding} outstanding, {name}: the generator {verdict} the bottleneck: "
            f"it used {generator:.2f} of its core and the server {server:.2f}, and "
            f"against the C sink it does {room:.1f} times this rate."
        )


def goals(results: Results, outstanding: int) -> Iterator[Goal]:
    """Yield what webfail2ban was to reach under a load."""
    rate = results.median(ENGINE, outstanding, "rate")
    p99 = results.median(ENGINE, outstanding, "p99")
    if outstanding in GOALS and results.has(BOUND, outstanding):
        ratio, goal = results.ratio(ENGINE, BOUND, outstanding), GOALS[outstanding]
        yield Goal(
            rate >= goal or ratio >= GOAL_OF_BOUND,
            f"{outstanding} outstanding: {rate:,.0f} verdicts/s of {goal:,}, "
            f"or {ratio:.2f} of the bound of {GOAL_OF_BOUND}",
        )
    yield Goal(p99 <= GOAL_P99, f"{outstanding} outstanding: p99 {p99:,.0f} µs of {GOAL_P99:,.0f}")
    if results.has(CHANGING, outstanding):
        cost = 1 - results.ratio(CHANGING, ENGINE, outstanding)
        yield Goal(
            cost <= GOAL_COST_OF_CHANGES,
            f"{outstanding} outstanding: ban changes cost {cost:.1%} "
            f"of {GOAL_COST_OF_CHANGES:.0%} of the verdicts",
        )


def memory_goal(idle_megabytes: Sequence[float]) -> Goal:
    """Return whether the idle engine and its children are small enough together."""
    parts = " + ".join(f"{megabytes:.1f}" for megabytes in idle_megabytes)
    return Goal(
        sum(idle_megabytes) <= GOAL_MEGABYTES,
        f"{sum(idle_megabytes):.1f} MB resident when idle, engine and sensor "
        f"({parts}), of {GOAL_MEGABYTES:.0f}",
    )

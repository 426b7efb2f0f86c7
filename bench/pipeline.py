"""From a file to bans: webfail2ban, the whole running program, and a fail2ban server.

    python -m bench.pipeline [--rounds 3] [--lines 200000] [--failures 0.05] [--json]

A log is appended to the file that both follow with the same jails, and what they spend until all of
it has become bans is read from /proc. README.md tells how to read the table. The exit status is 1
if the two don't ban the same clients, or nobody; a goal that was not reached is only printed.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Protocol

from bench.banners import Ban, Banner, Fail2Ban, WebFail2Ban, fetch_package
from bench.loglines import ORDINARY, Workload, generate
from bench.processes import describe_machine
from bench.servers import use_two_cores
from bench.spending import Spending, measure

#: How many times as many lines as fail2ban for the same CPU time.
GOAL = 20.0

# Seconds for all lines: fail2ban needs a few minutes for 200,000 of them.
_PATIENCE = 1800.0

_SSHD = re.compile(r"sshd\[\d+\]")


class Starter(Protocol):
    """Runs a program that follows a log."""

    def running(self, log: Path, directory: Path) -> AbstractContextManager[Banner]:
        """Follow a log while the context lasts."""


@dataclass(frozen=True, slots=True)
class Run:
    """One program's part of a round."""

    program: str
    spending: Spending
    bans: frozenset[Ban]


@dataclass(frozen=True, slots=True)
class Row:
    """A program: medians of its rounds, CPU seconds.

    Attributes:
        main: What the process used that was started: webfail2ban's engine.
        helpers: What its children used: webfail2ban's sensor.
        lines_per_second: Lines a CPU second.
        elapsed: Seconds from the append to rest.
        rounds: The CPU seconds of each round.
    """

    program: str
    cpu: float
    main: float
    helpers: float
    lines_per_second: float
    elapsed: float
    bans: int
    rounds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What was found.

    Attributes:
        ratio: How many times as much CPU time fail2ban needs: the median of the rounds' ratios.
        ratios: Those of the rounds.
        differences: Bans that only one of the two has, in any round.
    """

    rows: tuple[Row, ...]
    ratio: float
    ratios: tuple[float, ...]
    differences: tuple[str, ...]

    @property
    def correct(self) -> bool:
        """Whether both did the work, and the same."""
        return not self.differences and all(row.bans for row in self.rows)


def main() -> int:
    """Measure and print; returns the exit status."""
    options = parse_arguments()
    use_two_cores()
    fetch_package()
    workload = Workload(ORDINARY.name, options.lines, options.failures, options.addresses)
    rounds = [play(workload, number) for number in range(1, options.rounds + 1)]
    result = sum_up(rounds, workload.lines)
    show(result, workload, as_json=options.json)
    return int(not result.correct)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="CPU time from log lines to bans.")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--lines", type=int, default=ORDINARY.lines)
    parser.add_argument("--failures", type=float, default=ORDINARY.failures, help="their share")
    parser.add_argument("--addresses", type=int, default=ORDINARY.addresses, help="that fail")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    return parser.parse_args()


def play(workload: Workload, number: int) -> tuple[Run, Run]:
    """Play a round: webfail2ban, then fail2ban, each started anew."""
    starters: tuple[Starter, ...] = (WebFail2Ban, Fail2Ban)
    ours, theirs = (run(starter, workload, number) for starter in starters)
    return ours, theirs


def run(starter: Starter, workload: Workload, number: int) -> Run:
    """Start a program on an empty file, append a log, wait until it is idle."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        log = directory / "all.log"
        log.touch()
        with starter.running(log, directory) as banner:
            text = write(workload)
            spending = measure(banner.process, lambda: append(log, text), _PATIENCE)
            bans = banner.bans()
            say(f"round {number}, {banner.name}: {spending.total:.2f} CPU s, {len(bans)} bans")
            return Run(banner.name, spending, frozenset(bans))


def write(workload: Workload) -> str:
    """Return the log, which ends now, with a process number of its own for each ssh connection.

    Where a number comes again within minutes, fail2ban may count an IPv6 client's failure for the
    IPv4 client that had the number before; webfail2ban doesn't, and the two would differ.
    """
    lines = enumerate(generate(workload, time.time()), start=1000)
    return "".join(f"{_SSHD.sub(f'sshd[{number}]', line, count=1)}\n" for number, line in lines)


def append(log: Path, text: str) -> None:
    """Add lines to a log."""
    with log.open("a", encoding="utf-8") as file:
        file.write(text)


def sum_up(rounds: Sequence[tuple[Run, Run]], lines: int) -> Result:
    """Make one result of all rounds."""
    ratios = tuple(theirs.spending.total / ours.spending.total for ours, theirs in rounds)
    return Result(
        rows=tuple(make_row(runs, lines) for runs in zip(*rounds, strict=True)),
        ratio=round(median(ratios), 1),
        ratios=tuple(round(ratio, 1) for ratio in ratios),
        differences=tuple(sorted({text for runs in rounds for text in find_differences(*runs)})),
    )


def make_row(runs: Sequence[Run], lines: int) -> Row:
    """Sum up one program's rounds."""
    spendings = [run.spending for run in runs]
    cpu = median(spending.total for spending in spendings)
    return Row(
        program=runs[0].program,
        cpu=round(cpu, 2),
        main=round(median(spending.main for spending in spendings), 2),
        helpers=round(median(spending.helpers for spending in spendings), 2),
        lines_per_second=round(lines / cpu),
        elapsed=round(median(spending.elapsed for spending in spendings), 1),
        bans=min(len(run.bans) for run in runs),
        rounds=tuple(round(spending.total, 2) for spending in spendings),
    )


def find_differences(ours: Run, theirs: Run) -> Iterator[str]:
    """Yield the bans that only one program has."""
    for one, other in ((ours, theirs), (theirs, ours)):
        for jail, address in one.bans - other.bans:
            yield f"only {one.program} bans {address} [{jail}]"


def show(result: Result, workload: Workload, *, as_json: bool) -> None:
    """Print everything."""
    machine = describe_machine()
    if as_json:
        document = {"machine": machine, "workload": asdict(workload), **asdict(result)}
        print(json.dumps(document, indent=2))
        return
    print(f"{machine}\npython -m bench.pipeline {' '.join(sys.argv[1:])}\n")
    print("| program | CPU s | its process | its children | lines per CPU s | seconds | bans |")
    print("| :-- |" + " --: |" * 6)
    for row in result.rows:
        print(
            f"| {row.program} | {row.cpu:.2f} | {row.main:.2f} | {row.helpers:.2f} "
            f"| {row.lines_per_second:,} | {row.elapsed:.1f} | {row.bans:,} |"
        )
    print()
    print(*result.differences[:20], sep="\n", end="\n" if result.differences else "")
    if len(result.differences) > 20:
        print(f"and {len(result.differences) - 20} more")
    rounds = ", ".join(map(str, result.ratios))
    print("reached:    " if result.ratio >= GOAL else "NOT reached:", end=" ")
    print(f"{result.ratio} times fail2ban ({rounds}) of {GOAL:.0f}")


def say(line: str) -> None:
    """Show progress, away from the results."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

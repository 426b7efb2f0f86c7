"""Log lines a CPU second: fail2ban's own engine and ours, on the same log with the same filters.

    python -m bench.filters [--rounds 3] [--lines 200000] [--scanner hyperscan] [--json]

Each run is a process of its own; they take turns. README.md tells how to read the table. The exit
status is 1 if the two don't find the same failures; a goal that was not reached is only printed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.banners import fetch_package
from bench.loglines import FLOOD, ORDINARY, Workload, write_log
from bench.processes import describe_machine
from bench.servers import ROOT, use_two_cores

#: Debian's package, unpacked.
PACKAGE = ROOT / ".cache" / "fail2ban"
CONFIG = PACKAGE / "etc" / "fail2ban"

FILTERS = ("sshd", "dovecot", "postfix", "nginx-http-auth")

#: How many times as many lines as fail2ban's engine.
GOALS = {ORDINARY.name: 40.0, FLOOD.name: 8.0}

#: What loading all packaged filters may take: seconds and megabytes.
LOADING_GOAL, MEMORY_GOAL = 3.0, 150.0


@dataclass(frozen=True, slots=True)
class Result:
    """A log's rounds.

    Attributes:
        workload: What the log is.
        failures: How many failures both found.
        same: Whether they found the same.
        fail2ban: Lines a CPU second, the median of the rounds.
        webfail2ban: The same for ours.
        ratio: The median of the rounds' ratios.
        ratios: Those of the rounds.
    """

    workload: str
    failures: int
    same: bool
    fail2ban: float
    webfail2ban: float
    ratio: float
    ratios: tuple[float, ...]


def main() -> int:
    """Measure and print; returns the exit status."""
    options = parse_arguments()
    use_two_cores()
    fetch_package()
    workloads = [replace(workload, lines=options.lines) for workload in (ORDINARY, FLOOD)]
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        log = Path(directory) / "log"
        results = [play(workload, log, options) for workload in workloads]
        log.write_text("")
        loaded = run_own(log, options.scanner, packaged_filters())
    show(results, loaded, as_json=options.json)
    return int(not all(result.same for result in results))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Log lines a CPU second.")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--lines", type=int, default=ORDINARY.lines)
    parser.add_argument("--scanner", choices=["hyperscan", "literals", "none"], default="hyperscan")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    return parser.parse_args()


def play(workload: Workload, log: Path, options: argparse.Namespace) -> Result:
    """Let both search a log, in turn."""
    write_log(log, workload, time.time())
    theirs, ours = [], []
    for number in range(1, options.rounds + 1):
        theirs.append(run_fail2ban(log))
        ours.append(run_own(log, options.scanner, FILTERS))
        seconds = f"{theirs[-1]['seconds']:.2f} s, {ours[-1]['seconds']:.2f} s"
        say(f"{workload.name}, round {number}: {seconds}")
    ratios = [their["seconds"] / our["seconds"] for their, our in zip(theirs, ours, strict=True)]
    found = [run["failures"] for run in (*theirs, *ours)]
    return Result(
        workload.name,
        len(found[0]),
        all(failures == found[0] for failures in found),
        median(workload.lines / run["seconds"] for run in theirs),
        median(workload.lines / run["seconds"] for run in ours),
        median(ratios),
        tuple(ratios),
    )


def run_fail2ban(log: Path) -> Mapping[str, Any]:
    """Run fail2ban's engine."""
    (library,) = PACKAGE.glob("usr/lib/python3*/dist-packages")
    script = str(ROOT / "bench" / "fail2ban_engine.py")
    environment = os.environ | {"PYTHONPATH": str(library)}
    return _run([script, str(log), str(CONFIG), *FILTERS], environment)


def run_own(log: Path, scanner: str, filters: Sequence[str]) -> Mapping[str, Any]:
    """Run our engine."""
    folder = str(CONFIG / "filter.d")
    return _run(["-m", "bench.own_engine", str(log), folder, scanner, *filters], os.environ)


def _run(arguments: Sequence[str], environment: Mapping[str, str]) -> Mapping[str, Any]:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    report: Mapping[str, Any] = json.loads(done.stdout)
    return report


def packaged_filters() -> Sequence[str]:
    """Return all filters of the package that stand alone."""
    parts = ("common", "apache-common", "botsearch-common", "exim-common", "selinux-common")
    names = sorted(path.stem for path in (CONFIG / "filter.d").glob("*.conf"))
    return [name for name in names if name not in parts]


def show(results: Sequence[Result], loaded: Mapping[str, Any], *, as_json: bool) -> None:
    """Print everything."""
    memory, loading = loaded["memory"], loaded["loading"]
    if as_json:
        rows = list(map(asdict, results))
        print(
            json.dumps(
                {"machine": describe_machine(), "rows": rows, "memory": memory, "loading": loading}
            )
        )
        return
    print(f"{describe_machine()}\npython -m bench.filters {' '.join(sys.argv[1:])}\n")
    print("| log | failures | fail2ban, lines a CPU s | webfail2ban | times | of the rounds |")
    print("| :-- | --: | --: | --: | --: | :-- |")
    for row in results:
        ratios = " ".join(f"{ratio:.1f}" for ratio in row.ratios)
        print(
            f"| {row.workload} | {row.failures:,} | {row.fail2ban:,.0f} | {row.webfail2ban:,.0f} "
            f"| {row.ratio:.1f} | {ratios} |"
        )
    print()
    for row in results:
        goal = GOALS[row.workload]
        _judge(
            row.ratio >= goal, f"{row.workload}: {row.ratio:.1f} times fail2ban's, {goal:g} wanted"
        )
        _judge(row.same, f"{row.workload}: the same failures in the same order")
    _judge(
        memory < MEMORY_GOAL,
        f"all filters loaded: {memory:.0f} MB at most, {MEMORY_GOAL:g} allowed",
    )
    _judge(loading < LOADING_GOAL, f"loading them: {loading:.2f} CPU s, {LOADING_GOAL:g} allowed")


def _judge(reached: bool, sentence: str) -> None:
    print("reached:    " if reached else "NOT reached:", sentence)


def say(line: str) -> None:
    """Show progress, away from the results."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

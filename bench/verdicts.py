"""Verdicts a second and their latency: webfail2ban, another agent, and the bound.

    python -m bench.verdicts [--rounds 5] [--seconds 3] [--ban-changes 1000] [--unix] [--json]

Each server runs in a process of its own on loopback, all of them and the load generator on the
same two cores. README.md tells how to read the table. The exit status is 1 if any verdict was
wrong or missing; a goal that was not reached is only printed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from bench import report
from bench.clients import Clients
from bench.generator import Load, build
from bench.processes import describe_machine
from bench.rounds import Results, play
from bench.servers import ROOT, Place, use_two_cores
from bench.stage import STARTERS, Stage


def main() -> int:
    """Measure and print; returns the exit status."""
    options = parse_arguments()
    use_two_cores()
    tools = build(ROOT / ".cache" / "bench")
    loads = [
        Load(
            outstanding,
            options.connections,
            options.seconds,
            options.warm_up,
            urgent=bool(options.ban_changes),
        )
        for outstanding in options.outstanding
    ]
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, ExitStack() as stack:
        place = Place(Path(directory), unix=options.unix)
        clients = Clients.make(options.clients, ipv6=options.ipv6)
        stage = Stage(place, tools, clients, options.ban_changes, stack)
        for key in options.only:
            say(f"starting {key}")
            stage.start(key)
        results = play(stage.contestants, tools, loads, options.rounds, say)
    names = [contestant.name for contestant in stage.contestants]
    rows = [
        report.make_row(results, name, outstanding)
        for outstanding in options.outstanding
        for name in names
    ]
    findings = find(results, names, options.outstanding, stage.idle_megabytes)
    show(rows, *findings, as_json=options.json)
    return int(any(row.faults for row in rows))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="SPOP verdicts a second and their latency.")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--warm-up", type=float, default=0.5, help="seconds before each")
    parser.add_argument("--outstanding", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--clients", type=int, default=10_000, help="a tenth of them is banned")
    parser.add_argument("--only", choices=STARTERS, nargs="+", default=list(STARTERS))
    parser.add_argument(
        "--ban-changes", type=int, default=0, metavar="N", help="bans and ends of bans a second"
    )
    parser.add_argument("--unix", action="store_true", help="unix sockets instead of TCP")
    parser.add_argument("--ipv6", action="store_true", help="clients with IPv6 addresses")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    return parser.parse_args()


def find(
    results: Results, names: Sequence[str], loads: Sequence[int], idle_megabytes: Sequence[float]
) -> tuple[list[str], list[report.Goal]]:
    """Return what can be said of the generator, and of webfail2ban's goals."""
    evidence = [line for load in loads for line in report.evidence(results, names, load)]
    goals: list[report.Goal] = []
    if report.ENGINE in names:
        goals = [goal for load in loads for goal in report.goals(results, load)]
        goals.append(report.memory_goal(idle_megabytes))
    return evidence, goals


def show(
    rows: Sequence[report.Row],
    evidence: Sequence[str],
    goals: Sequence[report.Goal],
    *,
    as_json: bool,
) -> None:
    """Print everything."""
    machine = describe_machine()
    if as_json:
        document = {
            "machine": machine,
            "rows": list(map(asdict, rows)),
            "evidence": evidence,
            "goals": list(map(asdict, goals)),
        }
        print(json.dumps(document, indent=2))
        return
    print(f"{machine}\npython -m bench.verdicts {' '.join(sys.argv[1:])}\n")
    print(report.table(rows), *evidence, "", sep="\n")
    for goal in goals:
        print("reached:    " if goal.reached else "NOT reached:", goal.sentence)


def say(line: str) -> None:
    """Show progress, away from the results."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

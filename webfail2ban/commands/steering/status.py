"""``webfail2ban status``: how the engine stands, and what is wrong."""

import sys
import time
from collections.abc import Iterator

import click
from rich.text import Text

from webfail2ban.api.models import StatusReport
from webfail2ban.commands.options import FAILED, json_option
from webfail2ban.commands.steering.client import EngineClient
from webfail2ban.commands.steering.moments import show_both, show_length
from webfail2ban.commands.steering.options import engine_command
from webfail2ban.commands.steering.output import print_json
from webfail2ban.commands.steering.tables import facts, show
from webfail2ban.commands.wording import plural
from webfail2ban.logs import harmless

GOOD, BAD = "green", "red"


@click.command("status")
@json_option
@engine_command
def status(client: EngineClient, as_json: bool) -> None:
    """Show how the engine stands, and what is wrong.

    \b
      webfail2ban status
      webfail2ban status --json | jq .bans

    Exit status: 0 if all is well, 1 if something is wrong, 3 if the engine can't be reached.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    report = client.status()
    if as_json:
        print_json(report)
    else:
        show(facts(_facts(report, time.time())))
        for problem in report.problems:
            click.echo(f"{click.style('!', fg=BAD)} {harmless(problem)}")
    sys.exit(0 if is_well(report) else FAILED)


def is_well(report: StatusReport) -> bool:
    """Whether nothing is wrong."""
    return report.ready and not report.problems


def _facts(report: StatusReport, now: float) -> list[tuple[str, Text]]:
    state = Text("ready", GOOD) if report.ready else Text("not ready", BAD)
    program = Text.assemble(f"webfail2ban {harmless(report.version)}, ", state)
    if report.ready and report.problems:
        program.append(f", {plural(len(report.problems), 'problem')}", BAD)
    return [
        ("engine", program),
        ("started", Text(show_both(report.started, now))),
        ("bans", Text(f"{report.bans:,} in force")),
        ("verdicts", Text(show_verdicts(report))),
        ("HAProxy", Text(plural(report.connections, "connection"))),
        *_http(report),
        ("sensor", _sensor(report)),
        ("store", _store(report)),
    ]


def _http(report: StatusReport) -> Iterator[tuple[str, Text]]:
    """Tell of those who ask over HTTP, where anybody can."""
    if report.http_connections is not None:
        yield "HTTP", Text(plural(report.http_connections, "connection"))


def show_verdicts(report: StatusReport) -> str:
    """Write how many questions there were, by outcome, the most frequent first."""
    counts = sorted(report.verdicts.items(), key=lambda item: -item[1])
    parts = [f"{harmless(outcome)} {count:,}" for outcome, count in counts if count]
    return ", ".join(parts) or f"none in {show_length(report.uptime)}"


def _sensor(report: StatusReport) -> Text:
    sensor = report.sensor
    shown = Text("runs", GOOD) if sensor.running else Text("doesn't run", BAD)
    if sensor.restarts:
        shown.append(f", started again {plural(sensor.restarts, 'time')}")
    if sensor.dropped:
        shown.append(f", {plural(sensor.dropped, 'failure')} dropped", BAD)
    return shown


def _store(report: StatusReport) -> Text:
    store = report.store
    if not store.enabled:
        return Text("off: bans end with the program", "yellow")
    if store.healthy:
        return Text("healthy", GOOD)
    return Text(harmless(store.detail) or "not healthy", BAD)

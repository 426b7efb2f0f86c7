"""What ``webfail2ban top`` shows at one moment."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from webfail2ban.commands.steering.moments import show_length
from webfail2ban.commands.steering.rates import JailRates, Look, Rates
from webfail2ban.commands.steering.tables import cell, fill, make_table, title
from webfail2ban.commands.wording import plural
from webfail2ban.logs import harmless

NUMBERS = ("failures/s", "bans/s", "lines/s", "counted", "banned")

#: Clients that are named.
LOUDEST = 5

#: Lines that stand around the table of jails: head, titles, loudest clients, problems.
AROUND = 9

#: Problems that are named.
PROBLEMS = 3


def make_view(look: Look, rates: Rates, height: int, trouble: str = "") -> RenderableType:
    """Return what to show.

    Args:
        look: How the engine stands.
        rates: What it did since the look before.
        height: Lines of the terminal.
        trouble: Why there was no answer just now; empty if there was one.
    """
    loudest = _find_loudest(rates.jails)
    room = max(3, height - AROUND - len(loudest) - min(PROBLEMS, len(look.status.problems)))
    parts: list[RenderableType] = [*_head(look, rates)]
    if trouble:
        parts.append(fill(f"no answer: {trouble}", "red"))
    parts += [Text(), _jails(rates.jails[:room])]
    hidden = len(rates.jails) - room
    if hidden > 0:
        parts.append(Text(f"and {hidden} quieter ones", "dim"))
    if loudest:
        parts += [title("Loudest clients"), _loudest(loudest)]
    parts += [fill(f"! {problem}", "red") for problem in look.status.problems[:PROBLEMS]]
    return Group(*parts)


def _head(look: Look, rates: Rates) -> list[Text]:
    status = look.status
    ready = Text("ready", "green") if status.ready else Text("not ready", "red")
    program = Text.assemble(
        (f"webfail2ban {harmless(status.version)}", "bold"),
        f", up {show_length(status.uptime)}, ",
        ready,
        f", {plural(status.connections, 'connection')}",
    )
    by_outcome = ", ".join(
        f"{harmless(outcome)} {show_rate(rate)}"
        for outcome, rate in sorted(rates.verdicts.items(), key=lambda item: -item[1])
        if rate
    )
    outcomes = f" ({by_outcome})" if by_outcome else ""
    return [
        program,
        Text.assemble("bans in force ", (f"{status.bans:,}", "bold"), _sensor(look)),
        Text.assemble(
            "a second: verdicts ",
            (show_rate(sum(rates.verdicts.values())), "bold"),
            f"{outcomes}, failures ",
            (show_rate(rates.failures), "bold"),
            ", bans ",
            (show_rate(rates.bans), "bold"),
        ),
    ]


def _sensor(look: Look) -> Text:
    sensor = look.status.sensor
    if not sensor.running:
        return Text(", the sensor doesn't run", "red")
    return Text(f", sensor restarts {sensor.restarts}" if sensor.restarts else "")


def _jails(jails: Sequence[JailRates]) -> Table:
    rows = [
        (
            cell(rates.jail.name),
            cell(show_rate(rates.failures), "yellow" if rates.failures else "dim"),
            cell(show_rate(rates.bans), "red" if rates.bans else "dim"),
            cell(show_rate(rates.lines), "" if rates.lines else "dim"),
            cell(f"{rates.jail.counted:,}"),
            cell(f"{rates.jail.in_force:,}"),
        )
        for rates in jails
    ]
    return make_table(("jail", *NUMBERS), rows, right=NUMBERS, cut=("jail",))


def _find_loudest(jails: Sequence[JailRates]) -> list[JailRates]:
    """Return the jails with a client that has the most of the last failures."""
    named = [rates for rates in jails if rates.jail.loudest and rates.jail.loudest_share > 0]
    return sorted(named, key=lambda rates: (rates.failures, rates.jail.loudest_share))[::-1][
        :LOUDEST
    ]


def _loudest(jails: Sequence[JailRates]) -> Table:
    rows = [
        (
            cell(rates.jail.loudest),
            cell(f"{rates.jail.loudest_share:.0%}"),
            cell(f"of the last failures of {rates.jail.name}"),
        )
        for rates in jails
    ]
    table = make_table(("client", "share", ""), rows, right=("share",), cut=("",))
    table.show_header = False
    return table


def show_rate(rate: float) -> str:
    """Write how often something happens a second, in few digits."""
    if rate >= 10:  # noqa: PLR2004 - two digits are enough
        return f"{rate:,.0f}"
    return f"{rate:.1f}" if rate else "0"

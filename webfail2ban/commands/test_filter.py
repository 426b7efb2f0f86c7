"""``webfail2ban test-filter``: what a filter makes of a log."""

import sys
from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import count
from pathlib import Path
from time import time

import click

from webfail2ban.commands.examination import Examined, Examiner, Outcome
from webfail2ban.commands.filter_choice import choose_filter, choose_strays, filter_dirs
from webfail2ban.commands.filter_report import show_tally
from webfail2ban.commands.line_report import describe_line, show_found, show_line
from webfail2ban.commands.lint_report import report_findings
from webfail2ban.commands.logfiles import Log, find_logs
from webfail2ban.commands.optional_number import CommandWithOptionalNumbers, OptionalNumber
from webfail2ban.commands.options import FAILED, json_option
from webfail2ban.commands.progress import progress
from webfail2ban.commands.tally import Tally
from webfail2ban.commands.times import read_clock, read_timezone
from webfail2ban.filters import UseDns

#: Takes each line: its log, its number there from 1, and what the filter made of it.
Show = Callable[[Log, int, Examined], object]


@click.command("test-filter", cls=CommandWithOptionalNumbers)
@click.argument("filter_text", metavar="FILTER")
@click.argument("log_names", metavar="LOG...", nargs=-1)
@click.option("--lint", is_flag=True, help="Look at the filter itself, without a LOG; see below.")
@click.option("--print-missed", cls=OptionalNumber, help="Print the lines it missed, or N of them.")
@click.option("--print-matched", cls=OptionalNumber, help="Print the lines with a failure.")
@click.option("--print-ignored", cls=OptionalNumber, help="Print the lines an ignoreregex met.")
@click.option("--all-regex", is_flag=True, help="Try every failregex: finds those that overlap.")
@click.option("--no-dns", is_flag=True, help="Take a host name itself for who failed.")
@click.option("--dateless", is_flag=True, help="Lines have no date: each was written now.")
@click.option(
    "--now",
    type=float,
    metavar="EPOCH",
    callback=read_clock,
    help="What time it is, for dates without a year.",
)
@click.option(
    "--tz", metavar="TZ", callback=read_timezone, help="The zone of dates without one: UTC, +0200."
)
@click.option(
    "--filter-dir",
    "dirs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Look for filters and what they include here first; may be repeated.",
)
@json_option
def test_filter(  # noqa: PLR0913 - one for each option
    *,
    filter_text: str,
    log_names: tuple[str, ...],
    lint: bool,
    print_missed: float,
    print_matched: float,
    print_ignored: float,
    all_regex: bool,
    no_dns: bool,
    dateless: bool,
    now: float | None,
    tz: tzinfo | None,
    dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Try a filter on logs: what it matches, misses, costs.

    FILTER is a filter's name, with options if need be, the path of one, or a failregex in quotes.
    Names are looked for in each --filter-dir, in /etc/webfail2ban/filter.d, among the filters that
    webfail2ban ships, and in /etc/fail2ban/filter.d.

    LOG is a file, packed with gzip, bzip2 or xz if it likes, - for standard input, or a log line
    in quotes. Several are read one after the other, as one log.

    \b
      webfail2ban test-filter sshd /var/log/auth.log
      webfail2ban test-filter 'sshd[mode=aggressive]' auth.log.2.gz auth.log.1 auth.log
      webfail2ban test-filter ./mine.conf app.log --print-missed 20
      webfail2ban test-filter '^login failed from <HOST>$' 'login failed from 192.0.2.1'
      journalctl -u ssh | webfail2ban test-filter sshd -

    Host names in the place of addresses are treated as in a jail: as the filter says, by default
    they count for nothing. With --no-dns they match and stay names.

    With --json there is one object for each line: line, match, and where a failure results host,
    time (seconds since the epoch), regex (from 1) and fields; several addresses of one name are in
    hosts, several logs in log.

    With --lint no log is read. It names expressions that a hostile line can keep busy for seconds
    or hours, and those that a client can have find an address of his choice, each with a line that
    shows it. That line is tried. Options that the filter makes nothing of are named, too. Exit
    status 1 if there are any.

    Exit status: 0 if anything matched, 1 if nothing did, 2 if the filter or a log can't be read.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    if as_json and (print_missed or print_matched or print_ignored):
        raise click.UsageError("--json prints every line; take --print-... away.")
    if lint == bool(log_names):
        raise click.UsageError("--lint reads no LOG." if lint else "Missing argument 'LOG...'.")
    places = filter_dirs(dirs)
    definition = choose_filter(filter_text, places)
    if lint:
        strays = choose_strays(filter_text, places)
        sys.exit(FAILED if report_findings(definition, strays, as_json=as_json) else 0)
    logs = find_logs(log_names)
    examiner = Examiner(
        definition,
        now=time if now is None else lambda: now,
        timezone=tz,
        usedns=UseDns.RAW if no_dns else None,
        dateless=dateless,
        all_regex=all_regex,
    )
    limits = {
        Outcome.MATCHED: print_matched,
        Outcome.IGNORED: print_ignored,
        Outcome.MISSED: print_missed,
    }
    several = len(logs) > 1
    printer = Printer(examiner, limits, tz, several=several)
    show = JsonPrinter(several=several, all_regex=all_regex) if as_json else printer
    streams = as_json or any(limits.values())
    with progress(logs, hidden=streams and sys.stdout.isatty()) as advance:
        tally = _examine(examiner, logs, show, advance)
    if not as_json:
        gap = "\n" if printer.printed else ""
        click.echo(gap + show_tally(definition, tally, dateless=dateless))
    sys.exit(0 if tally.outcomes[Outcome.MATCHED] else FAILED)


def _examine(
    examiner: Examiner, logs: Sequence[Log], show: Show, advance: Callable[[int], object]
) -> Tally:
    """Examine all lines, and show each as soon as it is."""
    tally = Tally()
    for log in logs:
        numbers = count(1)
        for block in log.blocks():
            for text in block.lines:
                number = next(numbers)
                examined = examiner.examine(text)
                tally.add(log.name, number, examined)
                show(log, number, examined)
            sys.stdout.flush()
            advance(block.size)
    return tally


class JsonPrinter:
    """Prints one JSON object for each line.

    Args:
        several: Whether there are several logs, so that each object has to name its own.
        all_regex: Whether to tell all failregexes that match.
    """

    def __init__(self, *, several: bool, all_regex: bool) -> None:
        self._several = several
        self._all_regex = all_regex
        self._plain = not (several or all_regex)
        self._write = sys.stdout.write

    def __call__(self, log: Log, number: int, examined: Examined) -> None:
        """Print a line's object."""
        if self._plain and not examined.trace.found:  # nearly every line of a real log
            self._write(f'{{"line": {number}, "match": false}}\n')
            return
        name = log.name if self._several else None
        self._write(describe_line(name, number, examined, all_regex=self._all_regex) + "\n")


class Printer:
    """Prints the lines that people asked for, and all lines of the command line itself.

    Args:
        examiner: Knows where the host stands in the line that was examined last.
        limits: How many lines to print of each kind.
        zone: The zone to show times in.
        several: Whether there are several logs, so that each line has to name its own.

    Attributes:
        printed: How many lines were.
    """

    def __init__(
        self,
        examiner: Examiner,
        limits: dict[Outcome, float],
        zone: tzinfo | None,
        *,
        several: bool,
    ) -> None:
        self._examiner = examiner
        self._left = limits
        self._zone = zone
        self._several = several
        self._colour = sys.stdout.isatty()
        self.printed = 0

    def __call__(self, log: Log, number: int, examined: Examined) -> None:
        """Print a line if it is to be printed."""
        outcome = examined.outcome
        if not log.quoted:
            left = self._left.get(outcome, 0)
            if not left:
                return
            self._left[outcome] = left - 1
        self.printed += 1
        place = f"{log.name}:{number}" if self._several else f"line {number}"
        host = self._examiner.locate_host(examined) if self._colour else None
        click.echo(show_line(place, examined, host, colour=self._colour))
        for found in examined.trace.found:
            click.echo(f"{'':7}  {show_found(found, self._zone)}")

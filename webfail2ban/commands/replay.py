"""``webfail2ban replay``: archived logs through the configured jails."""

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from webfail2ban.addresses import show_network
from webfail2ban.commands.ban_report import SidedBan, compare, describe_ban, show_bans
from webfail2ban.commands.clean_list import CleanList
from webfail2ban.commands.logfiles import Log, find_logs
from webfail2ban.commands.options import FAILED, config_option, json_option
from webfail2ban.commands.progress import progress
from webfail2ban.commands.times import show_time
from webfail2ban.commands.warning import warn
from webfail2ban.commands.wording import plural
from webfail2ban.logs import LineFormatter, harmless
from webfail2ban.model import Ban


@click.command("replay")
@click.argument("log_names", metavar="LOG...", nargs=-1, required=True)
@click.option("--source", metavar="NAME", help="The log source that the lines come from.")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another configuration: print only the bans that one of the two doesn't have.",
)
@click.option(
    "--expect-clean",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Addresses and networks that must never be banned, one a line.",
)
@click.option("--no-lines", is_flag=True, help="Leave out the lines that led to each ban.")
@json_option
@config_option
def replay(  # noqa: PLR0913 - one for each option
    *,
    log_names: tuple[str, ...],
    source: str | None,
    against: Path | None,
    expect_clean: Path | None,
    no_lines: bool,
    as_json: bool,
    config_path: Path | None,
) -> None:
    """Show whom old logs would have had banned.

    LOG is a file, packed with gzip, bzip2 or xz if it likes, or - for standard input. Several are
    read one after the other: name the oldest first. Time goes by the dates of the lines, never
    backwards; a line without one belongs to the line before it. Nothing is sent anywhere and
    nothing is kept.

    \b
      webfail2ban replay --config new.yaml mail.log.2.gz mail.log.1 mail.log
      webfail2ban replay --config new.yaml --against config.yaml mail.log.1
      webfail2ban replay --expect-clean customers.txt --no-lines mail.log.1
      webfail2ban replay --source syslog archive.log --json

    A jail's `sources` see tail: and the file's path, unless --source says otherwise. Dates without
    a zone are of this machine's, or of $TZ. Only plugins that find or count failures have a part in
    it: a client on the whitelist is shown as banned, though it would pass.

    With --against, + is a ban that only --config has, - one that only the other has. With --json
    there is one object for each ban: network, jail, since, until and duration (seconds, null for
    ever), reason, lines, and change where two are compared.

    Exit status: 0 if all is well; 1 if there is a difference, if somebody of --expect-clean would
    be banned, or if a plugin failed; 2 if the configuration or a log can't be read.
    """  # noqa: D301 - click knows text to keep as it is by a backspace
    if against is not None and "-" in log_names:
        raise click.UsageError("standard input can't be read twice, as --against must.")
    logs = find_logs(log_names)
    clean = CleanList(expect_clean) if expect_clean else None
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("replay"))
    logging.basicConfig(level="ERROR", handlers=[handler])
    run = _Run(logs, source)
    bans = run.replay(config_path)
    shown = [SidedBan(ban, None) for ban in bans]
    if against is not None:
        shown = compare(bans, run.replay(against))
    if as_json:
        for sided in shown:
            click.echo(json.dumps(describe_ban(sided)))
    else:
        _print_table(shown, run, compared=against is not None, with_lines=not no_lines)
    dirty = _complain(clean, bans) if clean else False
    sys.exit(FAILED if dirty or run.failed or (against is not None and shown) else 0)


class _Run:
    """Replays the same logs by one configuration after the other.

    Args:
        logs: First to last.
        source: The log source that the lines are said to come from; None for each log's own.

    Attributes:
        lines: How many lines the logs have.
        failed: Whether a plugin failed, so that bans may be missing.
    """

    def __init__(self, logs: Sequence[Log], source: str | None) -> None:
        self._logs = logs
        self._source = source
        self.lines = 0
        self.failed = False

    def replay(self, config_path: Path | None) -> Sequence[Ban]:
        """Return the bans by one configuration."""
        from webfail2ban.commands.replaying import Replay, load_for_replay  # noqa: PLC0415 - gevent

        replay = Replay(*load_for_replay(config_path))
        with progress(self._logs) as advance:
            replay.run(self._logs, self._source, advance)
        self.lines = replay.lines
        failures = replay.engine.isolation.failures
        self.failed = self.failed or bool(failures)
        warn(
            f"plugin {plugin} failed in {hook} {times} times: bans may be missing"
            for (plugin, hook), times in failures.items()
        )
        return replay.bans


def _print_table(shown: Sequence[SidedBan], run: _Run, *, compared: bool, with_lines: bool) -> None:
    if shown:
        click.echo(show_bans(shown, with_lines=with_lines) + "\n")
    what = plural(len(shown), "difference" if compared else "ban")
    clients = plural(len({sided.ban.network for sided in shown}), "client")
    click.echo(f"{what}, {clients}, {plural(run.lines, 'line')}")


def _complain(clean: CleanList, bans: Iterable[Ban]) -> bool:
    """Name each client that must not be banned and would be; tell whether there is one."""
    found = False
    for ban in bans:
        client = clean.touched_by(ban.network)
        if client is not None:
            found = True
            message = (
                f"{client} would be banned: {show_network(ban.network)} by {ban.jail} at "
                f"{show_time(ban.since)}, {ban.reason}"
            )
            click.echo(click.style("error: ", fg="red") + harmless(message), err=True)
    return found

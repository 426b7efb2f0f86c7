"""Judges how a running engine stands: do sources bring lines, do they parse, is the clock right."""

from collections.abc import Iterator

from webfail2ban.api.models import JailInfo, JailList, SourceList, StatusReport
from webfail2ban.config import show_duration
from webfail2ban.doctor.finding import Finding, error, hint, warning

UNREACHABLE = error("engine-unreachable", "The running engine can't be asked over its API.")
PROBLEM = warning("engine-problem", "The engine itself says that something is wrong.")
NO_SOURCE = warning("source-missing", "The engine has jails, and no log source.")
SILENT_SOURCE = warning("source-silent", "A log source has brought no line since the start.")
DROPPING_SOURCE = warning(
    "source-drops",
    "A log source drops lines: they are too long, too many, or from somebody who may not send.",
)
NO_LINES = warning(
    "jail-no-lines",
    "A jail has had no line to look at since the start: its `sources` or `programs` fit none.",
)
UNDATED = error(
    "jail-undated",
    "No date of a jail's lines can be read: they all count as of now.",
)
CLOCK = error(
    "jail-clock",
    "The stamps of a jail's lines are off this machine's clock by more than a minute.",
)
UNMATCHED = hint(
    "jail-unmatched",
    "A jail has looked at many lines, and its filter has found nothing in them.",
)
SLOW = warning("jail-slow", "Lines of a jail are given up because its filter takes too long.")

KINDS = (
    UNREACHABLE,
    PROBLEM,
    NO_SOURCE,
    SILENT_SOURCE,
    DROPPING_SOURCE,
    NO_LINES,
    UNDATED,
    CLOCK,
    UNMATCHED,
    SLOW,
)

#: Seconds by which stamps may be off: as far as the engine's own watchdog lets them.
TOLERANCE = 60.0

#: Lines in which a filter that fits finds something.
MANY_LINES = 10_000

#: What a jail that looks at log lines says of itself.
OF_LINES = "filter"


def judge(status: StatusReport, jails: JailList, sources: SourceList) -> Iterator[Finding]:
    """Find what is wrong with a running engine."""
    looking = [jail for jail in jails.jails if OF_LINES in jail.limits]
    told: set[str] = set()
    for jail in looking:
        for finding in _judge_jail(jail):
            told.add(f"{jail.name}: ")
            yield finding
    if looking and not sources.sources and status.sensor.running:  # it alone knows of them
        yield NO_SOURCE.about_file(
            "", "there are jails, and no log source", "plugins: [whitelist, jails, syslog, tail]"
        )
    for source in sources.sources:
        if not source.lines:
            yield SILENT_SOURCE.about_file(
                "",
                f"{source.name} has brought no line since the start ({source.state or 'waits'})",
                "webfail2ban sources    # and is the log written, readable, sent here?",
            )
        if source.dropped:
            yield DROPPING_SOURCE.about_file(
                "",
                f"{source.name} has dropped {source.dropped:,} lines",
                "# syslog.allow names who may send, max_line how long a line may be",
            )
    if not status.sensor.running:
        yield PROBLEM.about_file("", "the sensor doesn't run: no log is read", "webfail2ban status")
    for problem in status.problems:
        if not problem.startswith(tuple(told) or ("\0",)):
            yield PROBLEM.about_file("", problem, "webfail2ban status")


def _judge_jail(jail: JailInfo) -> Iterator[Finding]:
    name, tried = jail.name, "webfail2ban test-filter"
    if not jail.lines and not jail.failures:  # lines are told some seconds after failures in them
        yield NO_LINES.about_file(
            "",
            f"jail {name} has had no line to look at since the start",
            f"webfail2ban sources    # does one bring its lines? And jails.{name}.sources and "
            "programs: do they fit?",
        )
        return
    if jail.undated and not jail.dated:
        yield UNDATED.about_file(
            "",
            f"jail {name}: {jail.lines:,} lines, none with a date that can be read",
            f"{tried} {jail.limits[OF_LINES] or name} LOG    # its datepattern doesn't fit",
        )
    if jail.clock_offset is not None and abs(jail.clock_offset) > TOLERANCE:
        direction = "behind" if jail.clock_offset > 0 else "ahead of"
        yield CLOCK.about_file(
            "",
            f"jail {name}: stamps are {show_duration(round(abs(jail.clock_offset)))} {direction} "
            "this machine's clock",
            "timedatectl    # on both machines; and logtimezone where a log has no zone",
        )
    if jail.lines >= MANY_LINES and not jail.matches:
        yield UNMATCHED.about_file(
            "",
            f"jail {name}: its filter has found nothing in {jail.lines:,} lines",
            f"{tried} {jail.limits[OF_LINES] or name} LOG    # shows what it misses",
        )
    if jail.slow:
        yield SLOW.about_file(
            "",
            f"jail {name}: {jail.slow:,} lines were given up, because its filter takes too long",
            f"{tried} {jail.limits[OF_LINES] or name} LOG",
        )

"""The command line of journalctl."""

from collections.abc import Sequence

from webfail2ban_journald.position import Position
from webfail2ban_journald.settings import JournaldSettings

#: The program that reads the journal; it is part of systemd.
PROGRAM = "journalctl"

#: What a log line is made of. Leaving the other fields out halves what journalctl has to do.
FIELDS = (
    "MESSAGE",
    "SYSLOG_IDENTIFIER",
    "SYSLOG_PID",
    "_COMM",
    "_HOSTNAME",
    "_PID",
    "_SOURCE_REALTIME_TIMESTAMP",
    "_SYSTEMD_UNIT",
)


def place(settings: JournaldSettings) -> list[str]:
    """Return the options that say which journal is meant."""
    options = [f"--directory={settings.directory}"] if settings.directory else []
    return [*options, f"--namespace={settings.namespace}"] if settings.namespace else options


def follow(
    settings: JournaldSettings, words: Sequence[str], position: Position | None
) -> list[str]:
    """Return a command that writes entries as they come, and ends only if it must.

    Args:
        settings: Which journal is meant.
        words: Which entries of it are; none for all.
        position: Where to go on; None for the journal's beginning. The entry of its cursor is
            written once more: ``--after-cursor`` would skip one if that entry is gone.
    """
    return [
        PROGRAM,
        "--quiet",
        "--follow",
        "--no-tail",
        "--output=export",
        f"--output-fields={','.join(FIELDS)}",
        *place(settings),
        *_begin(position),
        "--",
        *words,
    ]


def _begin(position: Position | None) -> list[str]:
    if position is None:
        return ["--boot=all"]  # following means the current boot to it unless told otherwise
    if position.cursor:
        return [f"--cursor={position.cursor}"]
    seconds, microseconds = divmod(position.time, 1_000_000)
    return [f"--since=@{seconds}.{microseconds:06}"]

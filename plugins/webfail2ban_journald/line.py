"""Entries of the journal into log lines."""

from functools import lru_cache

from webfail2ban import LogLine
from webfail2ban_journald.export import Entry

#: The source of lines that no unit wrote; a colon and the unit's name follow for all others.
SOURCE = "journald"

#: What stands for a part that the entry lacks, as in syslog (RFC 5424: NILVALUE).
NIL = "-"

#: Microseconds in a second.
MICRO = 1_000_000

#: Units to remember: each connection and session may have one of its own.
REMEMBERED = 1024


def make_line(entry: Entry, limit: int, live_since: int) -> LogLine | None:
    """Return an entry as ``host program[pid]: message``, as fail2ban builds it.

    An entry is one line: a newline in a message is written as a backslash and an n, as fail2ban
    does. The line's program is the one that it names itself, its source has the unit's name, which
    only systemd can give.

    Args:
        entry: The entry.
        limit: Characters of the longest message. Of a longer one whole words are kept.
        live_since: Since when entries are read as they are written, in microseconds.

    Returns:
        The line; None if the entry has no message.
    """
    message = entry.get("MESSAGE", "")
    if len(message) > limit:
        message = message[: limit + 1].rpartition(" ")[0]
    message = message.rstrip("\r\n")
    if not message:
        return None
    get = entry.get
    program = get("SYSLOG_IDENTIFIER") or get("_COMM") or ""
    pid = get("SYSLOG_PID") or get("_PID")
    tag = f"{program or NIL}[{pid}]" if pid else program or NIL
    text = f"{get('_HOSTNAME') or NIL} {tag}: {message}"
    if "\n" in text:
        text = text.replace("\n", r"\n")
    written = read_time(entry)
    said = _read_microseconds(get("_SOURCE_REALTIME_TIMESTAMP")) or written
    return LogLine(
        text,
        name_source(get("_SYSTEMD_UNIT", "")),
        said / MICRO if said else None,
        program,
        written >= live_since,
    )


def read_time(entry: Entry) -> int:
    """Return when an entry was written to the journal, in microseconds; 0 if it doesn't say."""
    return _read_microseconds(entry.get("__REALTIME_TIMESTAMP"))


@lru_cache(REMEMBERED)
def name_source(unit: str) -> str:
    """Return the source of what a unit writes; what can't be printed is escaped."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in unit
    )
    return f"{SOURCE}:{shown}" if shown else SOURCE


def _read_microseconds(text: str | None) -> int:
    """Return a number; 0 if it is none or would not fit into the 64 bits that it is written in."""
    return int(text) if text and len(text) <= len(str(2**64)) and text.isdecimal() else 0

"""One ban, or the end of one, that somebody is to hear of: the fields that templates know."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Literal

from webfail2ban import Ban, Json, show_duration, show_network

#: What there is to tell of.
Event = Literal["ban", "unban"]

#: What a template of one message may hold.
FIELDS = (
    "event",
    "network",
    "jail",
    "since",
    "until",
    "duration",
    "lasts",
    "reason",
    "count",
    "lines",
    "hostname",
)

#: The last second that Python's calendar knows; a ban of a hundred years ends before it.
LAST = datetime.max.replace(tzinfo=UTC).timestamp() - 1


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told.

    Attributes:
        event: What happened.
        ban: To which ban.
        time: When: seconds since the epoch.
    """

    event: Event
    ban: Ban
    time: float


def describe(message: Message, hostname: str) -> dict[str, Json]:
    """Return the fields of a message.

    Args:
        message: The message.
        hostname: This machine's name.

    Returns:
        A value for each of `FIELDS`. Times are as RFC 3339 has them, in UTC; a permanent ban has
        neither an end nor a duration (seconds), and ``lasts`` says it in words.
    """
    ban = message.ban
    ends = ban.until < inf
    duration = round(ban.until - ban.since, 3) if ends else None
    return {
        "event": message.event,
        "network": show_network(ban.network),
        "jail": ban.jail,
        "since": _show_time(ban.since),
        "until": _show_time(ban.until) if ends else None,
        "duration": duration,
        "lasts": show_duration(duration if duration is not None else inf),
        "reason": ban.reason,
        "count": ban.count,
        "lines": list(ban.lines),
        "hostname": hostname,
    }


def _show_time(seconds: float) -> str:
    moment = datetime.fromtimestamp(max(0.0, min(seconds, LAST)), UTC)
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"

"""What is remembered of a subject, and the text that it is kept as beyond a restart.

Of most it is a count, or the time of their only failure. More is remembered where others than the
subject itself are banned, or where a success may take failures back.

The text has a count in its first line, what else is remembered in its second (JSON, empty for
nothing), and then the log lines.
"""

import json

from webfail2ban_jails.counts import Tally, read_count

#: Clients that are remembered of one network or one user, those that failed last: more of them
#: than any sensible maxretry. A botnet's others are remembered when they try again.
MAX_MEMBERS = 1000

#: Stands for several users, and for a failure that names none.
SEVERAL = ""


class Entry:
    """A subject of which more than the count is remembered.

    Attributes:
        tally: The count.
        members: Who took part, by number, and when last; the last of them is last.
        user: The user that all failures were for; `SEVERAL` for more than one.
    """

    __slots__ = ("members", "tally", "user")

    def __init__(self, tally: Tally, user: str = SEVERAL) -> None:
        self.tally = tally
        self.members: dict[int, float] = {}
        self.user = user

    def join(self, member: int, time: float) -> None:
        """Remember that somebody took part."""
        self.members.pop(member, None)
        self.members[member] = time
        if len(self.members) > MAX_MEMBERS:
            del self.members[next(iter(self.members))]


#: What is remembered of a subject: as little as will do.
Known = Tally | Entry


def tally_of(known: Known) -> Tally:
    """Return the count."""
    return known.tally if isinstance(known, Entry) else known


def last_of(known: Known) -> float:
    """Return when the last failure was, in seconds since the epoch."""
    tally = known.tally if isinstance(known, Entry) else known
    return tally if isinstance(tally, float) else tally.last


def write(known: Known, lines: tuple[str, ...]) -> str:
    """Write down what is remembered of a subject."""
    if not isinstance(known, Entry):
        return "\n".join((str(known), "", *lines))
    details = json.dumps([known.user, list(known.members.items())], separators=(",", ":"))
    return "\n".join((str(known.tally), details, *lines))


def read(text: str) -> tuple[Known, tuple[str, ...]]:
    """Read what `write` wrote.

    Raises:
        ValueError: it didn't write that.
    """
    count, details, *lines = text.split("\n")
    tally = read_count(count)
    if not details:
        return tally, tuple(lines)
    user, members = json.loads(details)
    entry = Entry(tally, str(user))
    for member, time in members:
        entry.join(int(member), float(time))
    return entry, tuple(lines)

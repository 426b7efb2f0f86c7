"""The values that cross the plugin seam: frozen, self-checking, and nothing else.

A *query* is what HAProxy asks, an *opinion* what one plugin says of it, a *verdict* what the
chain makes of all opinions. A *log line* comes from a log source, a *failure* is a line in which
a filter found a client that failed, and enough failures make a *ban*.

Times are seconds since the epoch (UTC), durations are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from types import MappingProxyType

from webfail2ban.addresses import Address, Network, show_network
from webfail2ban.toldvariables import NO_VARIABLES, Variables, check_variables

#: What a SPOE argument can hold (SPOE.txt 3.1): a missing sample is None.
Value = None | bool | int | Address | str | bytes

#: The highest score: certainly bad. Scores run from 0.
MAX_SCORE = 100

#: Seconds from the epoch to what nobody means by a time: the year 33658.
FAR = 1e12

NO_FIELDS: Mapping[str, str] = MappingProxyType({})

#: What JSON can say.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Query:
    """One SPOE message of HAProxy's.

    Attributes:
        message: The name of the ``spoe-message`` section; ``http`` where a proxy asks over HTTP.
        args: Names and values in the configured order; names may be empty or repeat.
        address: The client's address, folded; None when HAProxy knows none (a unix socket).
    """

    message: str
    args: tuple[tuple[str, Value], ...]
    address: Address | None

    def get(self, name: str, default: Value = None) -> Value:
        """Return the first argument of that name."""
        for known, value in self.args:
            if known == name:
                return value
        return default


class Stance(Enum):
    """What kind of opinion it is."""

    ALLOW = "allow"
    BAN = "ban"
    SCORE = "score"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one plugin says of a query.

    Make one with `allow`, `ban`, `add_score`, `tell` or `ask_again`.

    Attributes:
        stance: Allow, ban, a score, or none.
        score: 0 to 100, how bad, for a score.
        reason: One sentence for people; it reaches HAProxy's log through the variable ``reason``.
        jail: The jail or list that the client is in.
        until: When this opinion ends by itself: seconds since the epoch, infinity if never.
        remember: Whether the same query has the same opinion until then. False for whatever
            counts queries or looks at more than the query: the plugin is then asked each time.
        variables: What HAProxy gets besides, whatever the verdict is: up to eight texts and whole
            numbers, by names of small letters, digits and underscores. Where two plugins give the
            same one, the first in the order of the chain is heard. Name each in every opinion,
            with None where it has no value: in a scope that outlives the request, it is unset.
    """

    stance: Stance
    score: int = 0
    reason: str = ""
    jail: str = ""
    until: float = inf
    remember: bool = True
    variables: Variables = field(default_factory=lambda: NO_VARIABLES)

    def __post_init__(self) -> None:
        """Refuse a score outside 0 to 100, and variables that HAProxy can't have."""
        if not 0 <= self.score <= MAX_SCORE:
            raise ValueError(f"a score is between 0 and {MAX_SCORE}, not {self.score}")
        if self.variables:
            check_variables(self.variables)

    @classmethod
    def allow(cls, reason: str = "", *, until: float = inf, remember: bool = True) -> "Opinion":
        """Let the client in, whatever the other plugins say."""
        return cls(Stance.ALLOW, reason=reason, until=until, remember=remember)

    @classmethod
    def ban(
        cls, reason: str = "", *, jail: str = "", until: float = inf, remember: bool = True
    ) -> "Opinion":
        """Refuse the client, unless some plugin allows it."""
        return cls(Stance.BAN, MAX_SCORE, reason, jail, until, remember)

    @classmethod
    def add_score(
        cls, score: int, reason: str = "", *, until: float = inf, remember: bool = True
    ) -> "Opinion":
        """Add to the client's score; the sum of all plugins' decides."""
        return cls(Stance.SCORE, score, reason, until=until, remember=remember)

    @classmethod
    def tell(cls, variables: Variables, *, until: float = inf, remember: bool = True) -> "Opinion":
        """Say nothing of the client, but set variables."""
        return cls(Stance.NONE, until=until, remember=remember, variables=variables)

    @classmethod
    def ask_again(cls, *, until: float = 0) -> "Opinion":
        """Say nothing now, and be asked again: at once, or when `until` has come."""
        return cls(Stance.NONE, until=until, remember=until > 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the chain makes of the opinions.

    Attributes:
        banned: Whether HAProxy should refuse the client.
        score: 0 to the highest that is configured, 100 by default.
        reason: Why, for people.
        jail: The jail of the ban that decided.
        until: When the ban ends: seconds since the epoch, infinity if never; 0 if not banned.
        opinions: Each plugin's name and what it said, in the order of the chain.
        valid_until: Up to when the same query has this verdict: the earliest end of an opinion,
            0 if some plugin wants to be asked each time.
        variables: What the plugins tell HAProxy besides: names and values.
    """

    banned: bool = False
    score: int = 0
    reason: str = ""
    jail: str = ""
    until: float = 0
    opinions: tuple[tuple[str, Opinion], ...] = ()
    valid_until: float = inf
    variables: tuple[tuple[str, str | int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a log source brought.

    Attributes:
        text: The line without its line end. From syslog and the journal it is
            ``host program[pid]: message``, as fail2ban's filters expect it.
        source: The log source: ``syslog``, ``tail:`` and the file's path, or ``journald:`` and the
            unit.
        time: When it was said, where the source knows; None where the text has to tell.
        program: The program's name where the source knows it, else empty.
        live: Whether it is read as it is written; False while an old log is caught up with.
    """

    text: str
    source: str
    time: float | None = None
    program: str = ""
    live: bool = True

    def __post_init__(self) -> None:
        """Refuse more than one line: a forged line must not hide behind an honest one."""
        if "\n" in self.text:
            raise ValueError("a log line holds no newline")


@dataclass(frozen=True, slots=True)
class Failure:
    """A line in which a filter found a client that failed.

    Attributes:
        jail: The jail whose filter matched.
        address: The client, folded.
        time: When it failed.
        weight: How many ordinary failures it counts for; 0 for a success, such as a login that
            took the right password, which counts for nothing and may take back what did.
        lines: The log lines that told it.
        fields: What else the filter found: user, port, ...
    """

    jail: str
    address: Address
    time: float
    weight: int = 1
    lines: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: NO_FIELDS)

    def __post_init__(self) -> None:
        """Refuse a failure that would count for less than nothing."""
        if self.weight < 0:
            raise ValueError(f"a failure's weight is not negative, as {self.weight} is")


@dataclass(frozen=True, slots=True)
class Ban:
    """A network that is refused, why, and how long.

    Attributes:
        network: A single address or a prefix, folded.
        jail: The jail that banned it.
        since: When the ban began.
        until: When it ends; infinity for a permanent one.
        reason: Why, for people.
        count: How many bans of this network there were before.
        lines: The log lines that led to it.
    """

    network: Network
    jail: str
    since: float
    until: float = inf
    reason: str = ""
    count: int = 0
    lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a ban that ends before it begins, or begins at no time."""
        if not abs(self.since) < FAR:
            raise ValueError(f"a ban cannot begin at {self.since} seconds since the epoch")
        if not self.until >= self.since:
            raise ValueError(f"a ban of {self} cannot end before it begins")

    def __str__(self) -> str:
        """Name the network and the jail."""
        return f"{show_network(self.network)} [{self.jail}]"


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """Something wrong with a plugin's settings.

    Attributes:
        path: Where, as keys and indices below the plugin's section.
        message: What is wrong and what would be right, one sentence.
        warning: Whether the program starts all the same, and says so.
    """

    path: tuple[str | int, ...]
    message: str
    warning: bool = False

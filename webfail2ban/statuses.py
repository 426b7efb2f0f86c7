"""How plugins stand: what they tell people, Prometheus and the watchdog, in frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from webfail2ban.addresses import Address
from webfail2ban.model import Json


@dataclass(frozen=True, slots=True)
class JailStatus:
    """How a jail stands, for people and metrics.

    Attributes:
        name: The jail's name.
        limits: Its limits as they are configured: ``maxretry``, ``findtime``, ``bantime``, ...
        failures: How many failures were counted since the start.
        ignored: How many were not: of ``ignoreip`` and the like, and of who is banned already.
        bans: How many bans came of them.
        counted: How many clients are being counted now.
        lines: How many log lines there were in the logs that it looks at.
        matches: In how many of them its filter found a failure.
        dated: In how many of them a date was read; only lines that may mean something are looked
            at, and samples of the others.
        undated: In how many of them no date could be read.
        slow: How many were given up because they took too long.
        last_line: When the last line for it came: seconds since the epoch, None before the first.
        clock_offset: By how many seconds the last lines' stamps lie behind this machine's clock;
            None while nobody knows.
        loudest: The address with the most of the last failures.
        loudest_share: Which share of them it has, 0 to 1.
    """

    name: str
    limits: Mapping[str, Json] = field(default_factory=dict)
    failures: int = 0
    ignored: int = 0
    bans: int = 0
    counted: int = 0
    lines: int = 0
    matches: int = 0
    dated: int = 0
    undated: int = 0
    slow: int = 0
    last_line: float | None = None
    clock_offset: float | None = None
    loudest: Address | None = None
    loudest_share: float = 0.0


@dataclass(frozen=True, slots=True)
class ClientCount:
    """What a plugin has counted of a client that isn't banned for it yet.

    Attributes:
        jail: The jail that counts.
        counted: What it counts: the address, its network, a user's name.
        failures: How many failures count at this moment.
        limit: From how many on it bans.
        last: When the last one was, in seconds since the epoch.
    """

    jail: str
    counted: str
    failures: float
    limit: float
    last: float


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How a log source stands.

    Attributes:
        name: As in `LogLine.source`.
        lines: How many lines it brought since the sensor's start.
        dropped: How many it lost or refused: too long, from somebody who may not, in a flood.
        last_line: When the last one came: seconds since the epoch, None before the first.
        state: Where it stands, for people: ``followed to byte 4711``, ``waits for the file``.
    """

    name: str
    lines: int = 0
    dropped: int = 0
    last_line: float | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that Prometheus may read.

    Attributes:
        name: Without the prefix ``webfail2ban_``; a counter's ends in ``_total``.
        help: What it counts, one sentence.
        samples: Its values, each with its labels. Labels come from the configuration, never from
            a client: their number must be bounded.
    """

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]


@dataclass(frozen=True, slots=True)
class Status:
    """How a plugin stands.

    Attributes:
        jails: Its jails.
        sources: Its log sources.
        problems: What is wrong, in words: one sentence each, without the plugin's name.
        metrics: Its own numbers.
        details: Whatever else people may want to see.
    """

    jails: Sequence[JailStatus] = ()
    sources: Sequence[SourceStatus] = ()
    problems: Sequence[str] = ()
    metrics: Sequence[Metric] = ()
    details: Mapping[str, Json] = field(default_factory=dict)

"""The plugin: opinions on what clients say first."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from webfail2ban import (
    Ban,
    Engine,
    Json,
    Metric,
    Opinion,
    OwnAddresses,
    Query,
    SettingsProblem,
    Stance,
    Status,
    hookimpl,
)
from webfail2ban_payload.checks import find_problems
from webfail2ban_payload.rules import Check
from webfail2ban_payload.settings import PayloadSettings

#: A ban is prolonged once less than this share of it is left. Whoever comes again and again would
#: otherwise have one written down, and told to everybody, for each of his connections.
FRESH = 0.9

#: Seconds for which it is said that questions came without a payload: HAProxy's configuration may
#: have been mended since.
RECENT = 600.0


@dataclass(slots=True)
class Lack:
    """Questions without a payload.

    Attributes:
        count: How many.
        last: When the last one came, in seconds since the epoch.
    """

    count: int = 0
    last: float = -inf

    def note(self, now: float) -> None:
        """Count one more."""
        self.count += 1
        self.last = now

    def is_recent(self, now: float) -> bool:
        """Whether there was one lately."""
        return abs(now - self.last) < RECENT


class Payload:
    """Rules on what clients say first."""

    Settings = PayloadSettings

    def __init__(self) -> None:
        self._checks: dict[str, list[Check]] = {}
        self._engine: Engine | None = None
        self._own: OwnAddresses | None = None
        self._said: Counter[tuple[str, str]] = Counter()
        self._early: defaultdict[str, Lack] = defaultdict(Lack)
        self._lacking: defaultdict[str, Lack] = defaultdict(Lack)

    @hookimpl
    def check_settings(self, settings: PayloadSettings) -> Iterator[SettingsProblem]:
        """Find rules that can't fit, and those that nobody gets to."""
        return find_problems(settings)

    @hookimpl
    def configure(self, settings: PayloadSettings) -> None:
        """Make the checks."""
        for name, written in settings.root.items():
            check = Check(name, written)
            self._checks.setdefault(check.message, []).append(check)

    @hookimpl
    def start_engine(self, engine: Engine) -> None:
        """Keep the engine, for bans."""
        self._engine = engine
        self._own = OwnAddresses(engine.now)

    @hookimpl
    def opinion(self, query: Query) -> Opinion | None:
        """Say what the message's check says; of other messages nothing."""
        checks = self._checks.get(query.message)
        if checks is None or query.address is None:
            return None
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        for check in checks:
            value = query.get(check.argument)
            if isinstance(value, str):
                value = value.encode("utf-8", "surrogateescape")
            if not isinstance(value, bytes):
                self._lacking[check.name].note(self._engine.now())
            elif not value:
                self._early[check.name].note(self._engine.now())
            else:
                return self._say(check, query, value)
        return Opinion.ask_again()

    @hookimpl
    def status(self) -> Status:
        """Tell what was said, and of questions without a payload."""
        samples = [({"check": name, "said": said}, count) for (name, said), count in self._counts()]
        return Status(
            problems=tuple(self._find_problems()),
            metrics=(
                Metric("payload_opinions_total", "Opinions on what clients say first.", samples),
            ),
            details={"checks": {check.name: self._describe(check) for check in self._all()}},
        )

    def _say(self, check: Check, query: Query, payload: bytes) -> Opinion:
        opinion = check.say(payload)
        self._said[check.name, opinion.stance.value] += 1
        if opinion.stance is not Stance.BAN or check.ban_for is None:
            return opinion
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        self._ban(check.name, check.ban_for, query, opinion.reason)
        return replace(opinion, until=self._engine.now() + check.ban_for)

    def _ban(self, name: str, seconds: float, query: Query, reason: str) -> None:
        """Have the client's next connections refused; never this machine's own."""
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        assert self._own is not None  # noqa: S101 - as above
        assert query.address is not None  # noqa: S101 - looked at in opinion
        network = self._engine.client_network(query.address)
        if self._own().overlaps(network):
            return
        now = self._engine.now()
        known = self._engine.find_ban(query.address)
        if known is not None and known.until >= now + seconds * FRESH:
            return
        before = self._engine.bans_before(network, name)
        self._engine.ban(Ban(network, name, now, now + seconds, reason, before))

    def _all(self) -> Iterator[Check]:
        for checks in self._checks.values():
            yield from checks

    def _counts(self) -> Iterator[tuple[tuple[str, str], int]]:
        for check in self._all():
            for stance in Stance:
                key = (check.name, stance.value)
                yield key, self._said[key]

    def _describe(self, check: Check) -> Json:
        return {
            "message": check.message,
            "argument": check.argument,
            "ban_for": None if check.ban_for in {None, inf} else check.ban_for,
            "early": self._early[check.name].count,
            **{stance.value: self._said[check.name, stance.value] for stance in Stance},
        }

    def _find_problems(self) -> Iterator[str]:
        assert self._engine is not None  # noqa: S101 - start_engine comes first
        now = self._engine.now()
        for check in self._all():
            early, lacking = self._early[check.name], self._lacking[check.name]
            if early.is_recent(now):
                yield (
                    f"{check.name}: HAProxy asked {early.count} times before the client said "
                    f"anything: let it send {check.message} by send-spoe-group, if "
                    "{ req.len gt 0 }"
                )
            if lacking.is_recent(now):
                yield (
                    f"{check.name}: {lacking.count} times {check.message} came without bytes in an "
                    f"argument {check.argument}"
                )

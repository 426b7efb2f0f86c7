"""What happened between two looks at an engine, a second."""

from dataclasses import dataclass

from webfail2ban.api.models import JailInfo, StatusReport


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an engine.

    Attributes:
        time: When, on a clock that only goes forward.
        status: How the program stood.
        jails: How its jails stood.
    """

    time: float
    status: StatusReport
    jails: tuple[JailInfo, ...]


@dataclass(frozen=True, slots=True)
class JailRates:
    """What a jail did.

    Attributes:
        jail: How it stands now.
        failures: Failures a second.
        bans: Bans a second.
        lines: Log lines a second.
    """

    jail: JailInfo
    failures: float = 0.0
    bans: float = 0.0
    lines: float = 0.0


@dataclass(frozen=True, slots=True)
class Rates:
    """What an engine did.

    Attributes:
        verdicts: Questions a second, by outcome.
        jails: What each jail did, the loudest first.
    """

    verdicts: dict[str, float]
    jails: tuple[JailRates, ...]

    @property
    def failures(self) -> float:
        """Failures a second."""
        return sum(jail.failures for jail in self.jails)

    @property
    def bans(self) -> float:
        """Bans a second."""
        return sum(jail.bans for jail in self.jails)


def compare(before: Look | None, now: Look) -> Rates:
    """Return what happened between two looks.

    Args:
        before: The look before; None at first, when nothing can be told yet.
        now: The one of now.

    Nothing is negative: after a restart or a reload counters begin again.
    """
    seconds = now.time - before.time if before is not None else 0.0
    verdicts_before = before.status.verdicts if before is not None else now.status.verdicts
    verdicts = {
        outcome: _rate(verdicts_before.get(outcome, 0), count, seconds)
        for outcome, count in now.status.verdicts.items()
    }
    known = {(jail.plugin, jail.name): jail for jail in (before.jails if before else now.jails)}
    jails = [_compare(known.get((jail.plugin, jail.name)), jail, seconds) for jail in now.jails]
    return Rates(verdicts, tuple(sorted(jails, key=_loudness, reverse=True)))


def _compare(before: JailInfo | None, now: JailInfo, seconds: float) -> JailRates:
    if before is None:
        return JailRates(now)
    return JailRates(
        now,
        _rate(before.failures, now.failures, seconds),
        _rate(before.bans, now.bans, seconds),
        _rate(before.lines, now.lines, seconds),
    )


def _rate(before: int, now: int, seconds: float) -> float:
    return max(now - before, 0) / seconds if seconds > 0 else 0.0


def _loudness(rates: JailRates) -> tuple[float, ...]:
    return rates.failures, rates.bans, rates.jail.counted, rates.jail.in_force, rates.lines

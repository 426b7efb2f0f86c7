"""What an operator is told of how plugins stand."""

from collections.abc import Callable, Mapping

from webfail2ban.health.watchdog import Watchdog
from webfail2ban.statuses import Status


def find_problems(statuses: Mapping[str, Status], now: Callable[[], float]) -> tuple[str, ...]:
    """Return what the watchdog finds wrong at its first look, in words.

    Args:
        statuses: What plugins say (the hook `status`), by their names.
        now: The clock, in seconds since the epoch.
    """
    return Watchdog(now, lambda: statuses).look()

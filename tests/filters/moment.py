"""When the tests' lines were written, and who failed according to them."""

from collections.abc import Callable
from datetime import UTC, datetime

from webfail2ban.filters import Filter, Found

#: The clock of tests that don't bring one.
NOW = datetime(2026, 8, 22, 12, tzinfo=UTC).timestamp()

#: A line's date, a minute before, and the time that it stands for.
DATE = "2026-08-22 11:59:00"
TIME = NOW - 60

#: The fixture that compiles a filter.
Make = Callable[..., Filter]


def hosts(found: list[Found]) -> list[str]:
    """Return who failed."""
    return [failure.host for failure in found]

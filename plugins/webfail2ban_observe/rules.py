"""The rules of one jail: from a message to a failure, a success or nothing."""

from collections.abc import Mapping

from webfail2ban import Failure, Query, make_failure
from webfail2ban_observe.patterns import Matches, read_pattern, show_value
from webfail2ban_observe.settings import ObservedSettings, SuccessSettings

#: Characters of a message that are kept with a ban, and of one value in it.
SHOWN = 400
SHOWN_VALUE = 120


class Rule:
    """What counts for something.

    Args:
        settings: What is written.
        weight: How many failures it counts for; 0 for a success.

    Attributes:
        weight: The same.
    """

    def __init__(self, settings: SuccessSettings, weight: int) -> None:
        self.weight = weight
        self._conditions: list[tuple[str, list[Matches]]] = [
            (name, [read_pattern(pattern) for pattern in patterns])
            for name, patterns in settings.when.items()
        ]

    def fits(self, values: Mapping[str, str]) -> bool:
        """Whether all conditions hold; where HAProxy had no value, none does."""
        return all(
            name in values and any(fits(values[name]) for fits in patterns)
            for name, patterns in self._conditions
        )


class Observed:
    """What one jail counts.

    Args:
        jail: The jail's name.
        settings: What is written.

    Attributes:
        jail: The same.
        failures: How many there were.
        successes: How many there were.
    """

    def __init__(self, jail: str, settings: ObservedSettings) -> None:
        self.jail = jail
        self._rules = [Rule(rule, 0) for rule in settings.successes]
        self._rules += [Rule(rule, rule.weight) for rule in settings.failures]
        self.failures = 0
        self.successes = 0

    def find(self, query: Query, values: Mapping[str, str], now: float) -> Failure | None:
        """Return what a message counts for; None for nothing.

        Args:
            query: The message, with a client's address.
            values: Its arguments, of each name the first, as `read_values` returns them.
            now: Seconds since the epoch.
        """
        rule = next((rule for rule in self._rules if rule.fits(values)), None)
        if rule is None or query.address is None:
            return None
        if rule.weight:
            self.failures += 1
        else:
            self.successes += 1
        lines = (describe(query.message, values),) if rule.weight else ()
        return make_failure(self.jail, query.address, now, rule.weight, lines, values)


def read_values(query: Query) -> dict[str, str]:
    """Return a message's arguments as rules see them; what HAProxy had no value for is left out."""
    values: dict[str, str] = {}
    for name, value in query.args:
        shown = show_value(value)
        if shown is not None:
            values.setdefault(name, shown)
    return values


def describe(message: str, values: Mapping[str, str]) -> str:
    """Say in one line what HAProxy saw, such that it can forge nothing."""
    told = (f"{name}={_printable(value[:SHOWN_VALUE])}" for name, value in values.items())
    return f"{message}: {' '.join(told)}"[:SHOWN]


def _printable(text: str) -> str:
    """Replace what doesn't print, and spaces, which would let a value look like two."""
    return "".join(sign if sign.isprintable() and sign != " " else "?" for sign in text)

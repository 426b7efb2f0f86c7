"""How long a ban lasts: longer each time, in the words of fail2ban's ``bantime.increment``.

The first ban takes ``bantime`` itself. From the second on it is computed, from how many there were
before: by ``bantime.multipliers`` if there are any, else by ``bantime.formula``; it ends at
``bantime.maxtime``, then a random part of ``bantime.rndtime`` is added, and it is never shorter
than ``bantime``. All of that is as fail2ban does it.
"""

import random
from collections.abc import Callable
from math import inf

from webfail2ban_jails.formula import parse_formula
from webfail2ban_jails.settings import JailSettings

#: fail2ban's: 1, 2, 4, 8, ... times the bantime.
DOUBLING = "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor"

#: Nobody foresees it, not even who knows the generator: the end of a ban is worth knowing.
_random = random.SystemRandom().random

#: A client that was banned more often than this is treated like one that was so often.
MAX_COUNT = 1000


class Escalation:
    """The lengths of a jail's bans.

    Args:
        settings: The jail's settings.
        chance: Gives a number from 0 to 1 for `bantime.rndtime`.
    """

    def __init__(self, settings: JailSettings, chance: Callable[[], float] = _random) -> None:
        self._time = settings.bantime
        self._increment = settings.bantime_increment and settings.bantime < inf
        self._factor = settings.bantime_factor
        self._formula = parse_formula(settings.bantime_formula or DOUBLING)
        self._multipliers = settings.bantime_multipliers
        self._maxtime = settings.bantime_maxtime
        self._rndtime = settings.bantime_rndtime
        self._chance = chance
        self._computed: dict[int, float] = {}

    def seconds(self, count: int) -> float:
        """Return how long the next ban lasts; infinity for ever.

        Args:
            count: How many there were before.
        """
        if count <= 0 or not self._increment:
            return self._time
        count = min(count, MAX_COUNT)
        seconds = self._computed.get(count)
        if seconds is None:
            seconds = self._computed[count] = min(self._compute(count), self._maxtime)
        if self._rndtime:
            seconds += self._chance() * self._rndtime
        return max(seconds, self._time)

    def check(self) -> None:
        """Compute the lengths of many bans.

        Raises:
            ValueError: a formula isn't defined for one of them.
        """
        if self._multipliers:
            return
        for count in range(1, MAX_COUNT + 1):
            try:
                self._formula.seconds(self._time, count, self._factor)
            except ValueError as error:
                raise ValueError(f"can't be computed when ban.Count is {count}: {error}") from None

    def _compute(self, count: int) -> float:
        if self._multipliers:
            place = min(count, len(self._multipliers) - 1)
            return self._time * self._factor * self._multipliers[place]
        return self._formula.seconds(self._time, count, self._factor)

"""A jail's limits for one client: what other plugins know of it may make a difference."""

from webfail2ban import Address, Engine
from webfail2ban_jails.counting import Limit
from webfail2ban_jails.escalation import Escalation
from webfail2ban_jails.settings import JailSettings
from webfail2ban_jails.varying import Varying


class ClientLimits:
    """The limits of one jail.

    Nobody is asked about clients where all have the same.

    Args:
        settings: The jail's settings.
        engine: Knows what plugins say of a client.

    Attributes:
        remembers: Whether bans before make a difference to how long the next one lasts.
    """

    def __init__(self, settings: JailSettings, engine: Engine) -> None:
        self._engine = engine
        self._maxretry, self._findtime = settings.maxretry_by, settings.findtime_by
        self._bantime = settings.bantime_by
        self._limits_differ = bool(self._maxretry.others or self._findtime.others)
        self._common = Limit(settings.maxretry, settings.findtime)
        self._escalations = {
            time: Escalation(settings.model_copy(update={"bantime_by": Varying(time)}))
            for time in self._bantime.values()
        }
        self._usual = self._escalations[self._bantime.default]
        self.remembers = settings.bantime_increment

    def limit(self, address: Address) -> Limit:
        """Return how many failures of a client are too much, and in which time."""
        if not self._limits_differ:
            return self._common
        traits = self._engine.traits(address)
        return Limit(self._maxretry.get(traits), self._findtime.get(traits))

    def escalation(self, address: Address) -> Escalation:
        """Return how long bans of a client last."""
        if not self._bantime.others:
            return self._usual
        return self._escalations[self._bantime.get(self._engine.traits(address))]

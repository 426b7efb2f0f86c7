"""Clients that have failed, and not often enough for a ban: they may have a score."""

from collections.abc import Iterable, Sequence

from webfail2ban import Address, Engine, Failure, Opinion
from webfail2ban_jails.jail import Jail

#: The highest score of all.
MOST = 100

#: Seconds after which a score is asked for anew: counts fade as time goes by.
FADES = 10.0


class Suspects:
    """Gives the clients that some jails have counted a score.

    Args:
        jails: All jails; those that give no score are left alone.
        engine: Has the answers that are remembered.
    """

    def __init__(self, jails: Iterable[Jail], engine: Engine) -> None:
        self._jails = {jail.name: jail for jail in jails if jail.settings.score}
        self._engine = engine

    def __bool__(self) -> bool:
        """Whether some jail gives a score."""
        return bool(self._jails)

    def opinion(self, address: Address) -> Opinion | None:
        """Give a client as large a part of each jail's score as it has of its maxretry."""
        score, reasons = 0, []
        for jail in self._jails.values():
            for count in jail.examine(address):
                # What is counted at all is worth something.
                score += max(int(jail.settings.score * count.failures / count.limit), 1)
                reasons.append(f"{count.failures:g} of {count.limit:g} in {jail.name}")
        if not score:
            return None
        until = self._engine.now() + FADES
        return Opinion.add_score(min(score, MOST), "; ".join(reasons), until=until)

    def forget(self, failures: Sequence[Failure]) -> None:
        """Have remembered answers forgotten that failures or successes have changed.

        Those of clients that are banned aren't among them.
        """
        for failure in failures:
            if failure.jail in self._jails and self._engine.find_jail(failure.address) is None:
                self._engine.forget(self._engine.client_network(failure.address))

"""Jails that count bans instead of log lines: for those who were banned again and again."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from webfail2ban import Ban
from webfail2ban_jails.jail import Jail

#: The jail of bans that people put in force themselves.
MANUAL = "manual"


class Recidives:
    """Hands bans to the jails that count them.

    A pattern means the jails that have their bans from somewhere else. Bans that somebody put in
    force by hand, and those of a jail that counts bans itself, only count where they are named as
    they are; a jail's own never do.

    Args:
        jails: All jails.
    """

    def __init__(self, jails: Iterable[Jail]) -> None:
        self._jails = [jail for jail in jails if jail.settings.bans_of]
        self._only_by_name = {MANUAL, *(jail.name for jail in self._jails)}

    def count(self, ban: Ban) -> None:
        """Count a ban in each jail that counts it."""
        for jail in self._jails:
            if self._counts(jail, ban.jail):
                jail.count_ban(ban)

    def _counts(self, jail: Jail, name: str) -> bool:
        if name == jail.name:
            return False
        if name in jail.settings.bans_of:
            return True
        if name in self._only_by_name:
            return False
        return any(fnmatchcase(name, pattern) for pattern in jail.settings.bans_of)

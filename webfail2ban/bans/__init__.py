"""Who is refused until when, and who was: a million bans in memory, where verdicts read them."""

from webfail2ban.bans.loading import Columns
from webfail2ban.bans.table import BanTable

__all__ = ["BanTable", "Columns"]

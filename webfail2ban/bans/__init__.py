"""Who is refused until when, and who was: a million bans in memory, where verdicts read them."""

from webfail2ban.bans.table import BanTable, Row

__all__ = ["BanTable", "Row"]

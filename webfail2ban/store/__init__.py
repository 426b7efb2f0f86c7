"""What makes the state last: the interface of a store, and SQLite behind it.

Nothing here knows of greenlets; `webfail2ban.keeper` calls it from a thread.
"""

from webfail2ban.store.changes import Changes, ban_key, find_lines
from webfail2ban.store.interface import BanRow, Store

__all__ = ["BanRow", "Changes", "Store", "ban_key", "find_lines"]

"""What makes the state last: the interface of a store, and SQLite behind it.

Nothing here knows of greenlets; `webfail2ban.keeping.keeper` calls it from a thread.
"""

from webfail2ban.store.changes import BanKey, Changes, ban_key, unpack_lines
from webfail2ban.store.interface import BanColumns, Store
from webfail2ban.store.sqlite import SqliteStore

__all__ = ["BanColumns", "BanKey", "Changes", "SqliteStore", "Store", "ban_key", "unpack_lines"]

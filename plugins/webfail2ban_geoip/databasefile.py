"""A database's file, watched: when it is replaced, the new one is used, if it is one."""

import logging
from collections.abc import Callable
from pathlib import Path

from webfail2ban import Address
from webfail2ban_geoip.database import Database, DatabaseError, Signature, open_database, sign
from webfail2ban_geoip.place import Place

log = logging.getLogger(__name__)


class DatabaseFile:
    """A file, and the last good database that was in it.

    Args:
        path: The file.

    Attributes:
        path: The file.
        trouble: What is wrong with it now, for people; empty if nothing is.
        database: What is in force.

    Raises:
        DatabaseError: there is no database in it.
    """

    def __init__(self, path: Path, pause: Callable[[], object] = lambda: None) -> None:
        self.path = path
        self.trouble = ""
        signature = sign(path)
        self.database: Database = open_database(path, signature, pause)
        self._in_force = signature
        self._tried: Signature | None = signature
        self._seen: Signature | None = signature

    def find(self, address: Address) -> Place:
        """Look an address up."""
        return self.database.find(address)

    def close(self) -> None:
        """Give the memory back."""
        self.database.close()

    def look(self, pause: Callable[[], object] = lambda: None) -> bool:
        """Look at the file; use what is new in it.

        A file is used once it looks the same twice: whoever writes it may not be done. One that is
        refused isn't tried again until it changes, and said once.

        Args:
            pause: Called between slices of work.

        Returns:
            Whether there is another database in force than before.
        """
        try:
            signature = sign(self.path)
        except DatabaseError as error:
            self._tried = self._seen = None
            self._complain(str(error))
            return False
        if self._is_known(signature):
            return False
        try:
            new = open_database(self.path, signature, pause)
        except DatabaseError as error:
            self._complain(str(error))
            return False
        old, self.database = self.database, new
        old.close()
        self._in_force = signature
        self.trouble = ""
        log.info("geoip: %s: %s is in force now", self.path, new.kind)
        return True

    def _is_known(self, signature: Signature) -> bool:
        """Whether there is nothing to try."""
        if signature == self._in_force:
            self._tried = signature
            self.trouble = ""
        settled = signature == self._seen
        self._seen = signature
        if signature == self._tried or not settled:
            return True
        self._tried = signature
        return False

    def _complain(self, trouble: str) -> None:
        """Say once that the file can't be used."""
        if trouble != self.trouble:
            log.warning("geoip: %s %s; the database from before stays in force", self.path, trouble)
        self.trouble = trouble

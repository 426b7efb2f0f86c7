"""A store in a file: SQLite with a write-ahead log.

What is written is there after the process was killed. After a power failure the last seconds may
be missing, all together: then positions are as old as bans and counts, and followed logs are read
again from there. To lose less, each group would have to wait for the disk, several times a second
beside the mail server's own; so only `CHECKPOINT` does.

A group is handed over in few statements. Each statement takes Python's lock once,
however many rows it writes: with one statement a row, each row would wait for a busy thread.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from json.encoder import encode_basestring_ascii as quote
from pathlib import Path
from typing import Any

from webfail2ban.addresses import Network
from webfail2ban.model import Ban
from webfail2ban.store import columns, statements
from webfail2ban.store.changes import (
    BanKey,
    BanRow,
    Changes,
    pack_address,
    unpack_text,
)
from webfail2ban.store.database import Database
from webfail2ban.store.interface import BanColumns
from webfail2ban.store.salvage import LINES, STATE, Salvage

#: Rows that are handed over at once: joining their fragments holds Python's lock for some 50
#: microseconds.
CHUNK = 2000

#: Bans that are handed over at once: going through their values holds it for 0.2 milliseconds.
BANS = 100

#: Rows that are read at once, and rows that one step of `purge` looks at.
PAGE = 10_000

#: Pages of the file that are given back after each step of `purge`.
VACUUM = 2000


class SqliteStore(Database):
    """A store in a file.

    Args:
        path: The file.
        patience: Seconds to wait for somebody who locks it.
    """

    def salvage(self, place: str, *, lines: bool) -> int:
        """Take over what can be read of a file that was set aside."""
        try:
            damaged = Salvage(Path(place))
        except sqlite3.Error:
            return 0  # it isn't even known which tables it has
        rows = 0

        def write(text: str) -> None:
            nonlocal rows
            with self._explained(), self._transaction() as connection:
                rows += max(connection.execute(part.write, (text,)).rowcount, 0)

        with closing(damaged):
            for part in (LINES,) if lines else STATE:
                damaged.take(part, write)
        return rows

    def load_bans(self, after: int, ended_after: float) -> tuple[BanColumns, int | None]:
        """Return some bans, and where to go on."""
        upto = after + PAGE
        (found,) = self._fetch(columns.LOAD_BANS, (after, upto, ended_after))
        with self._explained():
            part = columns.make_columns(*map(json.loads, found))
        ((last,),) = self._fetch("SELECT ifnull(max(id), 0) FROM ban", ())
        return part, upto if upto < last else None

    def load_values(
        self, plugin: str, after: int, now: float
    ) -> tuple[Sequence[tuple[str, str]], int | None]:
        """Return some of what a plugin keeps, and where to go on."""
        found = self._fetch(
            # With the plus sign the index isn't used: it would lead all over the file.
            "SELECT name, content, id FROM kept "
            "WHERE id > ? AND +plugin = ? AND until > ? ORDER BY id LIMIT ?",
            (after, _escape(plugin), now, PAGE),
        )
        with self._explained():
            pairs = [(unpack_text(name), str(json.loads(text)[0])) for name, text, _ in found]
        return pairs, _find_next(found)

    def load_positions(self) -> dict[str, Any]:
        """Return where the sources stand."""
        found = self._fetch("SELECT source, position FROM position", ())
        with self._explained():
            return {unpack_text(source): json.loads(position)[0] for source, position in found}

    def save(self, changes: Changes) -> None:
        """Write changes in one transaction, into a new file if somebody deleted ours."""
        if not self._path.exists():
            self._write_again()
        with self._explained(), self._transaction() as connection:
            _save_bans(connection, changes.bans)
            for kind, texts in (
                (statements.SAVE_LIFTED, _join(changes.lifted)),
                (statements.SAVE_DROPPED_VALUES, _join(changes.dropped_values)),
                (statements.SAVE_VALUES, _join(changes.values)),
                (statements.SAVE_DROPPED_POSITIONS, _join(changes.dropped_positions)),
                (statements.SAVE_POSITIONS, _join(changes.positions)),
            ):
                for text in texts:
                    for statement in kind:
                        connection.execute(statement, (text,))
        self._make_last()

    def find_lines(self, network: Network, jail: str) -> tuple[str, ...]:
        """Return the lines that led to a ban."""
        found = self._fetch(
            "SELECT lines FROM ban_lines JOIN ban ON ban = id "
            "WHERE address = ? AND prefix = ? AND jail = ?",
            (*_name(network), _escape(jail)),
        )
        with self._explained():
            return tuple(json.loads(found[0][0])) if found else ()

    def find_history(self, network: Network) -> Sequence[Ban]:
        """Return the last ban of exactly this network in each jail."""
        found = self._fetch(
            "SELECT jail, since, until, reason, count FROM ban "
            "WHERE address = ? AND prefix = ? ORDER BY since, id",
            _name(network),
        )
        with self._explained():
            return [
                Ban(network, unpack_text(jail), since, until, unpack_text(reason), count)
                for jail, since, until, reason, count in found
            ]

    def purge(self, after: int, ended_before: float, now: float) -> int | None:
        """Delete some of what is old, and give room back."""
        upto = after + PAGE
        with self._explained(), self._transaction() as connection:
            connection.execute(
                "DELETE FROM ban WHERE id > ? AND id <= ? AND until <= ?",
                (after, upto, ended_before),
            )
            connection.execute(
                "DELETE FROM ban_lines WHERE ban > ? AND ban <= ? AND ban NOT IN "
                "(SELECT id FROM ban WHERE id > ? AND id <= ?)",
                (after, upto, after, upto),
            )
            connection.execute(
                "DELETE FROM kept WHERE id > ? AND id <= ? AND until <= ?", (after, upto, now)
            )
        ((last,),) = self._fetch(
            "SELECT max(ifnull((SELECT max(id) FROM ban), 0), "
            "ifnull((SELECT max(id) FROM kept), 0))",
            (),
        )
        with self._explained():
            # `execute` would stop after one page: this pragma gives a row without columns for each.
            self._opened().executescript(f"PRAGMA incremental_vacuum({VACUUM})")
        return upto if upto < last else None


def _join(fragments: Mapping[Any, str]) -> Iterator[str]:
    """Yield JSON arrays of fragments, each of a bounded number."""
    left = iter(fragments.values())
    while chunk := list(islice(left, CHUNK)):
        yield f"[{','.join(chunk)}]"


def _save_bans(connection: sqlite3.Connection, bans: Mapping[BanKey, BanRow]) -> None:
    """Write bans, some hundreds at once."""
    left = iter(bans.values())
    while chunk := list(islice(left, BANS)):
        values = [value for row in chunk for value in row[:-1]]
        connection.execute(statements.save_bans(len(chunk)), values)
        lines = [value for row in chunk for value in (*row[:3], row[-1])]
        connection.execute(statements.save_lines(len(chunk)), lines)


def _find_next(found: Sequence[Sequence[Any]]) -> int | None:
    """Return where to go on behind some rows, whose last column is their number."""
    return int(found[-1][-1]) if len(found) == PAGE else None


def _name(network: Network) -> tuple[int | str, int]:
    address = int(network.network_address)
    return pack_address(address, network.version), network.prefixlen


def _escape(text: str) -> str:
    """Return a text as it is stored."""
    return quote(text)[1:-1]
